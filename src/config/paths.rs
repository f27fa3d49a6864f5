//! Paths and secrets that a configuration points to. A secret is only ever read from a file, and no message shows one.
#![expect(clippy::disallowed_methods, reason = "secrets and certificates are files")]

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::masked::Secret;

use super::environment::Environment;
use super::value::Value;

/// The folder beside the administrator's configuration that secrets are in.
const SECRETS: &str = "secrets";

/// No password and no key is longer; whatever is, is another file.
const LONGEST_SECRET_BYTES: u64 = 16 * 1024;

/// Several times the whole list of authorities that a system trusts.
const LONGEST_CERTIFICATES_BYTES: u64 = 1024 * 1024;

/// A path: `%d/…` is in systemd's credentials directory, anything relative is beside the file that says it.
pub(super) fn path(value: &Value<'_>) -> Option<PathBuf> {
    resolved(value, value.filled()?)
}

/// Where a text that a value holds (or holds a part of) points.
pub(super) fn resolved(value: &Value<'_>, text: &str) -> Option<PathBuf> {
    if text == "~" || text.starts_with("~/") {
        value.wrong("`~` means nothing here", "write the whole path");
        return None;
    }
    let Some(rest) = text.strip_prefix("%d") else {
        // Collected anew, a path has no `.` in the middle.
        return Some(value.context().document.folder().join(text).components().collect());
    };
    let Some(credentials) = credentials(value.context().environment) else {
        value.wrong(
            "`%d` is the credentials directory of systemd, and $CREDENTIALS_DIRECTORY is not set",
            "start the service with LoadCredential=, or write a whole path",
        );
        return None;
    };
    let name = rest.trim_start_matches('/');
    let alone = credentials.join(name);
    // A folder that the service is given as one credential: systemd puts its name before those of its files.
    let in_folder = credentials.join(format!("{SECRETS}_{name}"));
    Some(if !alone.exists() && in_folder.exists() { in_folder } else { alone })
}

/// The credentials directory of systemd; for an administrator at the command line, the folder that the service's secrets come from.
fn credentials(environment: &Environment) -> Option<PathBuf> {
    environment.credentials.clone().or_else(|| Some(environment.system.join(SECRETS)).filter(|folder| folder.is_dir()))
}

/// Certificates in PEM, from the file that holds them.
pub(super) fn certificates(value: &Value<'_>) -> Option<Vec<u8>> {
    let remedy = "write the path of a file with PEM certificates";
    let path = path(value)?;
    let content = match contents_of(&path, LONGEST_CERTIFICATES_BYTES) {
        Ok(content) => content,
        Err(error) => {
            value.wrong(unreadable(&path, &error), remedy);
            return None;
        }
    };
    if !content.contains("-----BEGIN CERTIFICATE-----") {
        value.wrong("there is no certificate in that file", remedy);
        return None;
    }
    Some(content.into_bytes())
}

/// A secret, from the file that holds it: all of it but the end of its last line.
pub(super) fn secret(value: &Value<'_>) -> Option<Secret> {
    let text = value.filled()?;
    let path = resolved(value, text)?;
    if !path.exists() && (!text.contains('/') || text.starts_with("whsec_")) {
        value.problem(
            "there is no file of that name (it is not shown, because it may be the secret itself); \
             make the file, with the secret in it, and write its path, for instance `%d/NAME`",
        );
        return None;
    }
    let content = match contents_of(&path, LONGEST_SECRET_BYTES) {
        Ok(content) => content,
        Err(error) => {
            value.wrong(unreadable(&path, &error), "write the path of a file that holds the secret");
            return None;
        }
    };
    value.context().report.secret(path);
    let secret = content.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        value.wrong("that file is empty", "write the secret into it");
        return None;
    }
    Some(Secret::new(secret))
}

/// A text, from the file that holds it.
pub(super) fn text(value: &Value<'_>) -> Option<String> {
    let path = path(value)?;
    let content = contents_of(&path, LONGEST_SECRET_BYTES);
    content.map_err(|error| value.wrong(unreadable(&path, &error), "write the path of a file")).ok()
}

fn contents_of(path: &Path, longest_bytes: u64) -> std::io::Result<String> {
    let mut content = String::new();
    let n_bytes = File::open(path)?.take(longest_bytes + 1).read_to_string(&mut content)?;
    if n_bytes as u64 > longest_bytes {
        return Err(std::io::Error::other(format!("it has more than {longest_bytes} bytes")));
    }
    Ok(content)
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{} could not be read: {error}", path.display())
}
