//! Ids of changes and deliveries: ULIDs made of the moment and of what they stand for, so that the same poll of the same page gives the
//! same ids, however often it is taken in.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use ulid::Ulid;

/// `chg_01J…`: sorts by time, letters and digits only.
pub fn id_of(prefix: &str, at: Timestamp, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let random = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let milliseconds = u64::try_from(at.as_millisecond()).unwrap_or_default();
    format!("{prefix}_{}", Ulid::from_parts(milliseconds, random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_moment_and_parts_and_on_nothing_else() {
        let at: Timestamp = "2023-05-12T04:15:09Z".parse().unwrap();
        let id = id_of("chg", at, &["iso-open-data", "iso:56572"]);
        assert_eq!(id, id_of("chg", at, &["iso-open-data", "iso:56572"]));
        assert_ne!(id, id_of("chg", at, &["iso-open-dataiso:56572"]));
        assert!(id < id_of("chg", "2023-05-12T04:15:10Z".parse().unwrap(), &["iso-open-data", "iso:56572"]));
        assert!(id.starts_with("chg_01H0") && id.len() == 30, "{id}");
    }
}
