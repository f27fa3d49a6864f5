//! Random keys by name, each made once and kept: what signs a link today must check it in years. Not what is signed with them.

use super::Store;
use super::error::{Failure, StoreError};

/// How long a key is, in bytes.
const KEY_BYTES: usize = 32;

impl Store {
    /// The key of that name; made when it is asked for first, and the same for ever after.
    pub fn key(&self, name: &str) -> Result<[u8; KEY_BYTES], StoreError> {
        self.write("read a key", |engine| {
            let known = "SELECT bytes FROM keys WHERE name = $1";
            if let Some(row) = engine.query(known, &[name.into()])?.first() {
                return row.blob("bytes")?.try_into().map_err(|_| row.unreadable("bytes"));
            }
            let mut key = [0; KEY_BYTES];
            getrandom::fill(&mut key).map_err(|error| Failure::NoRandomness(error.to_string()))?;
            engine.execute("INSERT INTO keys (name, bytes) VALUES ($1, $2)", &[name.into(), key.as_slice().into()])?;
            Ok(key)
        })
    }
}
