//! Saved pages in the order of time: those that a list names, each with its moment, or those of a folder, which have it in their names. Not
//! what is made of them.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::moments::fixed_moment;
use super::reading::bytes_of;
use super::session::CliError;

/// A page and when it was served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The file.
    pub path: PathBuf,
    /// When it was served.
    pub at: Timestamp,
}

/// The pages of a list of lines `time<TAB>path`, or of a folder and the folders in it.
pub fn entries_in(archive: &Path) -> Result<Vec<Entry>, CliError> {
    let entries = if archive.is_dir() { of_folder(archive)? } else { of_list(archive)? };
    if entries.is_empty() {
        return Err(CliError::Unknown(format!("`{}` lists no page", archive.display())));
    }
    Ok(entries)
}

/// Empty lines and lines that start with `#` are passed over.
fn of_list(list: &Path) -> Result<Vec<Entry>, CliError> {
    let bytes = bytes_of(list)?;
    let folder = list.parent().unwrap_or(Path::new(""));
    let mut entries: Vec<Entry> = Vec::new();
    for (number, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |what: &str| CliError::Unknown(format!("{}:{}: {what}", list.display(), number + 1));
        let (time, path) = line
            .split_once('\t')
            .ok_or_else(|| wrong("no tab; write `time<TAB>path`, for instance `2020-11-03<TAB>a.html`"))?;
        let at = fixed_moment(time).map_err(|what| wrong(&format!("found time `{}`; {what}", time.trim())))?;
        if entries.last().is_some_and(|last| last.at > at) {
            return Err(wrong("earlier than the line before; put the oldest page first"));
        }
        entries.push(Entry { path: folder.join(path.trim()), at });
    }
    Ok(entries)
}

/// Every file but the hidden ones, the oldest first, those of one moment by name. A file whose name does not tell its moment is told,
/// rather than left out.
fn of_folder(folder: &Path) -> Result<Vec<Entry>, CliError> {
    let mut entries = Vec::new();
    let mut timeless = Vec::new();
    for path in files_below(folder)? {
        let within = path.strip_prefix(folder).unwrap_or(&path);
        match moment_in(&within.to_string_lossy()) {
            Some(at) => entries.push(Entry { path, at }),
            None => timeless.push(within.display().to_string()),
        }
    }
    if let Some(first) = timeless.first() {
        return Err(CliError::Unknown(format!(
            "{}: {} of {} files do not tell one moment in their names, `{first}` among them; name them like \
             page_20201103060000.html or 2020-11-03.html, or write a list of lines `time<TAB>path`",
            folder.display(),
            timeless.len(),
            timeless.len() + entries.len()
        )));
    }
    entries.sort_by(|one, other| (one.at, &one.path).cmp(&(other.at, &other.path)));
    Ok(entries)
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let failed = |path: &Path, source| CliError::Read { path: path.display().to_string(), source };
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| failed(&folder, error))? {
            let entry = entry.map_err(|error| failed(&folder, error))?;
            let kind = entry.file_type().map_err(|error| failed(&entry.path(), error))?;
            match entry.file_name().to_string_lossy().starts_with('.') {
                true => {}
                false if kind.is_dir() => folders.push(entry.path()),
                false => files.push(entry.path()),
            }
        }
    }
    Ok(files)
}

/// The one moment that a name tells: `20201103060000` as archives of the web write it, `20201103`, `2020-11-03`; in UTC. To the second
/// goes before to the day; `None` where there is none, or more than one of the finer kind.
fn moment_in(name: &str) -> Option<Timestamp> {
    let (mut seconds, mut days): (Vec<DateTime>, Vec<Date>) = (Vec::new(), Vec::new());
    for run in name.split(|c: char| !(c.is_ascii_digit() || c == '-')) {
        days.extend(run.get(..10).filter(|day| day.contains('-')).and_then(|day| day.parse::<Date>().ok()));
        for digits in run.split('-') {
            match digits.len() {
                14 => seconds.extend(DateTime::strptime("%Y%m%d%H%M%S", digits).ok()),
                8 => days.extend(Date::strptime("%Y%m%d", digits).ok()),
                _ => {}
            }
        }
    }
    seconds.dedup();
    days.dedup();
    let moment = match (seconds.as_slice(), days.as_slice()) {
        ([moment], _) => *moment,
        ([], [day]) => day.to_datetime(jiff::civil::Time::midnight()),
        _ => return None,
    };
    // A number of a plan may read as a day, and a day before there were such sites is none.
    let is_of_the_web = (1990..2200).contains(&moment.year());
    moment.to_zoned(TimeZone::UTC).ok().filter(|_| is_of_the_web).map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_moment_or_none() {
        for (name, expected) in [
            ("20190911101401/index.html", Some("2019-09-11T10:14:01Z")),
            ("newGbInfo_GBT1.1-2009_20190911_97df1054.html", Some("2019-09-11T00:00:00Z")),
            ("2020-11-03.html", Some("2020-11-03T00:00:00Z")),
            ("20193257-T-469_20240102.json", Some("2024-01-02T00:00:00Z")),
            ("20110715-T-442_20240102030405.json", Some("2024-01-02T03:04:05Z")),
            ("20110715-T-442_20240102.json", None),
            ("standard-68511-ISO-AWI-14093-2000-G3-20210516.html", Some("2021-05-16T00:00:00Z")),
            ("index.html", None),
            ("20201332.html", None),
            ("0020-11-03.html", None),
        ] {
            let expected = expected.map(|moment| moment.parse::<Timestamp>().unwrap());
            assert_eq!(moment_in(name), expected, "{name}");
        }
    }

    #[test]
    fn a_folder_is_taken_in_order_of_time_whatever_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        };
        for name in ["b_20200102.html", "z/20190101000000/index.html", "a_20210102.html", ".hidden"] {
            write(name);
        }
        let names = |entries: Vec<Entry>| -> Vec<String> {
            let within = |entry: Entry| entry.path.strip_prefix(folder.path()).unwrap().display().to_string();
            entries.into_iter().map(within).collect()
        };
        let found = names(entries_in(folder.path()).unwrap());
        assert_eq!(found, ["z/20190101000000/index.html", "b_20200102.html", "a_20210102.html"]);
        write("notes.txt");
        let error = entries_in(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("1 of 4 files do not tell one moment in their names, `notes.txt` among them"),
            "{error}"
        );
    }
}
