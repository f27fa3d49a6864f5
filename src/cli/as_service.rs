//! `--as-service`: the same command once more, under systemd, with what the unit of the service gives and forbids: its user, state and
//! secrets, its view of files, its network, its limits, with the drop-ins of the administrator. What works there works in the service.
//!
//! Not what makes the service a service (its start, its watchdog), and not a root directory of its own, which lives as long as the unit.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use super::session::CliError;

const UNIT: &str = "stagewatch.service";

/// What a command does not take over from the unit: beginnings of keys of `[Service]`.
const NOT_FOR_COMMANDS: [&str; 14] = [
    "Type",
    "NotifyAccess",
    "Exec",
    "Watchdog",
    "Timeout",
    "Restart",
    "SuccessExitStatus",
    "StandardOutput",
    "StandardError",
    "FileDescriptorStore",
    "Sockets",
    "RuntimeDirectory",
    "RootDirectory",
    "MountAPIVFS",
];

/// Hands the whole command line over to systemd. Comes back only where that failed.
pub(super) fn hand_over() -> CliError {
    let unit = match text_of_unit() {
        Ok(unit) => unit,
        Err(error) => return error,
    };
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(source) => return CliError::System { what: "the path of this program", source },
    };
    let mut command = Command::new("systemd-run");
    command.args(["--quiet", "--wait", "--pipe", "--collect", "--service-type=exec"]);
    command.args(properties_of(&unit).iter().map(|property| format!("--property={property}")));
    command.arg("--").arg(program).args(own_arguments(std::env::args_os().skip(1)));
    CliError::System { what: "a process in the sandbox of the service (`systemd-run`)", source: command.exec() }
}

/// The unit, with its drop-ins, as systemd has it.
fn text_of_unit() -> Result<String, CliError> {
    let cat = Command::new("systemctl").args(["cat", UNIT]).output();
    let cat = cat.map_err(|source| CliError::System { what: "the unit of the service (`systemctl`)", source })?;
    if !cat.status.success() {
        let said = String::from_utf8_lossy(&cat.stderr);
        return Err(CliError::Refused(format!("systemd does not show `{UNIT}`: {}", said.trim())));
    }
    Ok(String::from_utf8_lossy(&cat.stdout).into_owned())
}

/// What was typed, without the word that brought it here.
fn own_arguments(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    arguments.filter(|argument| argument != "--as-service").collect()
}

/// The settings of `[Service]` that hold for any command, in their order, as `systemd-run` takes them.
fn properties_of(unit: &str) -> Vec<String> {
    let mut properties = Vec::new();
    let mut is_service = false;
    for line in unit.replace("\\\n", " ").lines().map(str::trim) {
        if line.starts_with('[') {
            is_service = line == "[Service]";
        }
        let Some((key, value)) = line.split_once('=').filter(|_| is_service && !line.starts_with(['#', ';'])) else {
            continue;
        };
        if NOT_FOR_COMMANDS.iter().any(|beginning| key.starts_with(beginning)) {
            continue;
        }
        if key.starts_with("IPAddress") && !value.trim().is_empty() {
            // Its names for ranges are understood alone, not in a list.
            properties.extend(value.split_whitespace().map(|range| format!("{key}={range}")));
        } else {
            properties.push(format!("{key}={value}"));
        }
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_gets_what_the_unit_gives_and_forbids_and_not_what_makes_it_a_service() {
        let unit = "\
# /usr/lib/systemd/system/stagewatch.service
[Unit]
After=network-online.target
[Service]
Type=notify
ExecStart=/usr/bin/stagewatch run
RestartPreventExitStatus=78
# User=root
DynamicUser=yes
CapabilityBoundingSet=
IPAddressDeny=link-local \\
    10.0.0.0/8
[Install]
WantedBy=multi-user.target

# /etc/systemd/system/stagewatch.service.d/own.conf
[Service]
IPAddressDeny=
Environment=\"A=b c\"
";
        let expected = [
            "DynamicUser=yes",
            "CapabilityBoundingSet=",
            "IPAddressDeny=link-local",
            "IPAddressDeny=10.0.0.0/8",
            "IPAddressDeny=",
            "Environment=\"A=b c\"",
        ];
        assert_eq!(properties_of(unit), expected);
    }

    #[test]
    fn the_rest_of_the_command_line_is_handed_over_as_it_was_typed() {
        let typed = ["doctor", "--as-service", "--config", "a b.toml"].map(OsString::from);
        assert_eq!(own_arguments(typed.into_iter()), ["doctor", "--config", "a b.toml"]);
    }
}
