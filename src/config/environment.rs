//! The surroundings of a configuration: where its files are looked for, and what stands in where a file says nothing. Never what a
//! file does say: no variable overrides a key.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folders that a configuration may lean on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The working directory: `stagewatch.toml` is looked for here first.
    pub cwd: PathBuf,
    /// Where the administrator's `stagewatch.toml` is: `/etc/stagewatch`.
    pub system: PathBuf,
    /// Where state goes when no file says: `$STATE_DIRECTORY`, `$XDG_STATE_HOME/stagewatch`, `~/.local/state/stagewatch`; `None` when
    /// none of the three is known.
    pub state: Option<PathBuf>,
    /// What `%d` stands for in a path: systemd's credentials directory.
    pub credentials: Option<PathBuf>,
}

impl Environment {
    /// The surroundings of a process with this working directory and these variables (`std::env::var_os`).
    pub fn from_variables(cwd: PathBuf, variable: impl Fn(&str) -> Option<OsString>) -> Environment {
        // The XDG specification: a relative path in one of its variables is to be ignored. We do so for all of them.
        let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let state = variable("STATE_DIRECTORY")
            .and_then(|list| first_of(&list))
            .or_else(|| absolute("XDG_STATE_HOME").map(|path| path.join("stagewatch")))
            .or_else(|| absolute("HOME").map(|path| path.join(".local/state/stagewatch")));
        Environment {
            cwd,
            system: PathBuf::from("/etc/stagewatch"),
            state,
            credentials: absolute("CREDENTIALS_DIRECTORY"),
        }
    }

    /// A path as people know it: without the working directory in front.
    pub(super) fn name_of(&self, path: &Path) -> String {
        // Everything is under the root: without it in front, a path would look like one that is beside something.
        let is_told_apart = self.cwd.parent().is_some();
        let short = path.strip_prefix(&self.cwd).ok().filter(|short| is_told_apart && !short.as_os_str().is_empty());
        short.unwrap_or(path).display().to_string()
    }
}

/// The first of the folders that systemd gives, which it separates with colons.
fn first_of(list: &OsString) -> Option<PathBuf> {
    std::env::split_paths(list).find(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state_with(variables: &[(&str, &str)]) -> Option<PathBuf> {
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        Environment::from_variables(PathBuf::from("/"), variable).state
    }

    #[test]
    fn state_goes_where_systemd_says_then_where_xdg_says_then_home() {
        let all = [("STATE_DIRECTORY", "/var/lib/one:/var/lib/two"), ("XDG_STATE_HOME", "/x"), ("HOME", "/h")];
        assert_eq!(state_with(&all), Some(PathBuf::from("/var/lib/one")));
        assert_eq!(state_with(&all[1..]), Some(PathBuf::from("/x/stagewatch")));
        assert_eq!(state_with(&all[2..]), Some(PathBuf::from("/h/.local/state/stagewatch")));
        assert_eq!(state_with(&[]), None);
    }

    #[test]
    fn a_relative_variable_is_ignored() {
        assert_eq!(
            state_with(&[("XDG_STATE_HOME", "state"), ("HOME", "/h")]),
            Some("/h/.local/state/stagewatch".into())
        );
        assert_eq!(state_with(&[("STATE_DIRECTORY", ""), ("HOME", "/h")]), Some("/h/.local/state/stagewatch".into()));
    }
}
