//! Disk, clock, time zones, and who may read what is private. Nothing here needs the network.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::Timestamp;

use crate::config::Loaded;
use crate::config::settings::Settings;
use crate::quantities::rounded;
use crate::store::inspection;
use crate::store::room::free_bytes;

use super::finding::Finding;

/// Less than this, and the next large page may not fit.
const LITTLE_BYTES: u64 = 512 << 20;

/// Less than this, and the next poll may not fit.
const TOO_LITTLE_BYTES: u64 = 32 << 20;

/// No clock shows an earlier year: the program is younger.
const FIRST_YEAR: i16 = 2025;

/// A machine whose clock was set ahead of a century is set wrongly.
const LAST_YEAR: i16 = 2126;

/// Whether others than owner and group may read secrets and the database.
pub(super) fn permissions(loaded: &Loaded) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &loaded.secret_files {
        if may_everybody_read(file) {
            let what = format!("secret {}", file.display());
            let remedy = format!("chmod 640 {}", file.display());
            findings.push(Finding::doubtful(what, "everybody on this machine may read it", remedy));
        }
    }
    let database = &loaded.settings.state.database;
    if may_everybody_read(database) {
        let remedy = format!("chmod 640 {}", database.display());
        let says = "everybody on this machine may read it, and the addresses of recipients in it";
        findings.push(Finding::doubtful(format!("permissions of {}", database.display()), says, remedy));
    }
    if let Some(folder) = folder_of(database) {
        if may_others(folder, 0o002) && !is_sticky(folder) {
            let remedy = format!("chmod o-w {}", folder.display());
            let says = "everybody on this machine may replace the database";
            findings.push(Finding::wrong(format!("permissions of {}", folder.display()), says, remedy));
        }
        findings.extend(unwritable(folder));
    }
    if findings.is_empty() {
        let says = match loaded.secret_files.len() {
            0 => "the database is not for everybody".to_owned(),
            1 => "the database and the secret are not for everybody".to_owned(),
            number => format!("the database and {number} secrets are not for everybody"),
        };
        findings.push(Finding::good("permissions", says));
    }
    findings
}

/// Trying is the only way to know that counts: mounts, quotas and access lists all have their say.
fn unwritable(folder: &Path) -> Option<Finding> {
    let probe = folder.join(format!(".stagewatch-doctor-{}", std::process::id()));
    let tried = fs::OpenOptions::new().write(true).create_new(true).open(&probe);
    if let Err(error) = tried {
        let what = format!("permissions of {}", folder.display());
        let remedy = "let the user of the service own it, and run this as that user";
        return Some(Finding::wrong(what, format!("nothing can be written there: {error}"), remedy));
    }
    let _ = fs::remove_file(&probe);
    None
}

#[cfg(unix)]
fn mode_of(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|metadata| std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()))
}

#[cfg(not(unix))]
fn mode_of(_path: &Path) -> Option<u32> {
    None
}

fn may_others(path: &Path, right: u32) -> bool {
    mode_of(path).is_some_and(|mode| mode & right != 0)
}

/// A file that is for everybody, in folders that let everybody through.
fn may_everybody_read(file: &Path) -> bool {
    may_others(file, 0o004)
        && file.ancestors().skip(1).all(|folder| mode_of(folder).is_none_or(|mode| mode & 0o001 != 0))
}

fn is_sticky(folder: &Path) -> bool {
    mode_of(folder).is_some_and(|mode| mode & 0o1000 != 0)
}

/// The nearest folder above the database that is there: it may still have to be made.
fn folder_of(database: &Path) -> Option<&Path> {
    database.ancestors().skip(1).find(|folder| folder.is_dir())
}

/// Room for what comes: pages, the write-ahead log, a copy before an upgrade.
pub(super) fn disk(database: &Path) -> Vec<Finding> {
    let Some(folder) = folder_of(database) else { return Vec::new() };
    let what = format!("disk of {}", folder.display());
    let free = match free_bytes(folder) {
        Ok(free) => free,
        Err(error) => return vec![Finding::left_out(what, format!("its room cannot be known: {error}"))],
    };
    let size = fs::metadata(database).map(|metadata| metadata.len()).unwrap_or_default();
    let says = format!("{} free, the database has {}", rounded(free), rounded(size));
    let remedy = "make room there, or `stagewatch prune`";
    vec![if free < TOO_LITTLE_BYTES {
        Finding::wrong(what, says, remedy)
    } else if free < LITTLE_BYTES || free < size.saturating_mul(2) {
        Finding::doubtful(what, format!("{says}: too little to keep a copy before an upgrade"), remedy)
    } else {
        Finding::good(what, says)
    }]
}

/// Whether the clock can be right, by what is known without asking anybody.
pub(super) fn clock(database: &Path, now: Timestamp) -> Vec<Finding> {
    let year = now.to_zoned(jiff::tz::TimeZone::UTC).year();
    let remedy = "set the clock, and let it be kept by NTP (timedatectl set-ntp true)";
    if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
        return vec![Finding::wrong("clock", format!("it shows {now:.0}"), remedy)];
    }
    let last_poll = inspection::contents(database).ok().and_then(|contents| contents.last_poll);
    match last_poll.filter(|last| last.duration_since(now).as_mins() > 5) {
        Some(last) => {
            let says = format!("it shows {now:.0}, and a source was polled at {last:.0}: one of the two is wrong");
            vec![Finding::doubtful("clock", says, remedy)]
        }
        None => vec![Finding::good("clock", format!("it shows {now:.0}"))],
    }
}

/// Where the rules of summer time come from.
pub(super) fn time_zones(settings: &Settings) -> Vec<Finding> {
    let zones: BTreeSet<String> =
        settings.sources.iter().map(|source| source.schedule.zone().iana_name().unwrap_or("UTC").to_owned()).collect();
    if zones.is_empty() {
        return vec![Finding::good("time zones", "none is needed before there is a source")];
    }
    let names = zones.into_iter().collect::<Vec<_>>().join(", ");
    if Path::new("/usr/share/zoneinfo").is_dir() {
        return vec![Finding::good("time zones", format!("{names}, by the data of this machine"))];
    }
    let says = format!("{names}, by the data that is built in: it does not learn of new rules");
    vec![Finding::doubtful("time zones", says, "install tzdata")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_source_no_time_zone_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("stagewatch.toml");
        fs::create_dir(folder.path().join("sources")).unwrap();
        let text = "include = [\"sources/*.toml\"]\n[state]\ndatabase = \"sqlite:watch.db\"\n";
        fs::write(&file, text).unwrap();
        let environment = crate::config::environment::Environment::from_variables(folder.path().to_owned(), |_| None);
        let settings = crate::config::load(Some(&file), &environment).unwrap().settings;
        assert_eq!(time_zones(&settings)[0].says, "none is needed before there is a source");
    }
}
