//! The pages of a source: as last accepted, with what to ask again with, and the last one that was not believed. Not their history:
//! that is in `snapshots`.

use super::compression::{compressed, restored};
use super::engine::{Engine, EngineError};
use super::error::{Failure, Fault, StoreError};
use super::row::{Row, Value};
use super::snapshots::{self, sha256_of};
use super::{NewPage, Store, StoredPage};

/// What a server gave with a page, to ask again with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageValidators {
    /// The address asked for.
    pub url: String,
    /// `ETag` as served last.
    pub etag: Option<String>,
    /// `Last-Modified` as served last.
    pub last_modified: Option<String>,
}

impl Store {
    /// Keeps an answer that was not believed, for the operator to look at; only the latest of a source.
    pub fn keep_bad_page(&self, source: &str, bad: &NewPage) -> Result<(), StoreError> {
        self.write("keep a page that was not believed", |engine| {
            engine.execute("DELETE FROM bad_pages WHERE source = $1", &[source.into()])?;
            let body = compressed(&[], &bad.bytes).map_err(|error| EngineError { fault: Fault::Refused, source: error.into() })?;
            let mut values = page_values(source, &bad.page);
            values.extend([headers_of(bad).into(), bad.bytes.len().into(), body.as_slice().into()]);
            let sql = "INSERT INTO bad_pages (source, url, sha256, at, content_type, etag, last_modified, headers, size_bytes, body) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
            engine.execute(sql, &values)?;
            Ok(())
        })
    }

    /// What a page of a source was, at most so many versions of it, the newest first; each with the moment from which on it was so.
    pub fn versions(&self, source: &str, url: &str, limit: u32) -> Result<Vec<StoredPage>, StoreError> {
        self.read("list the versions of a page", |engine| {
            let sql = "SELECT url, sha256, at, content_type FROM sightings WHERE source = $1 AND url = $2 \
                       ORDER BY at DESC, sha256 LIMIT $3";
            let rows = engine.query(sql, &[source.into(), url.into(), limit.into()])?;
            let version = |row: &Row| {
                Ok(StoredPage {
                    url: row.text("url")?,
                    sha256: row.text("sha256")?,
                    at: row.moment("at")?,
                    content_type: row.optional_text("content_type")?,
                    etag: None,
                    last_modified: None,
                })
            };
            rows.iter().map(version).collect()
        })
    }

    /// The last answer of a source that was not believed and was kept.
    pub fn bad_page(&self, source: &str) -> Result<Option<NewPage>, StoreError> {
        self.read("read a page that was not believed", |engine| {
            let rows = engine.query("SELECT * FROM bad_pages WHERE source = $1", &[source.into()])?;
            rows.first().map(bad_page_from).transpose()
        })
    }
}

/// The pages of a source as last accepted, in order.
pub(super) fn of_source(engine: &mut dyn Engine, source: &str) -> Result<Vec<StoredPage>, Failure> {
    let rows = engine.query("SELECT * FROM pages WHERE source = $1 ORDER BY position", &[source.into()])?;
    rows.iter().map(page_from).collect()
}

/// Puts these pages in the place of those before. A page whose bytes are the same keeps the moment they were first brought.
pub(super) fn replace(engine: &mut dyn Engine, source: &str, pages: &[NewPage]) -> Result<(), Failure> {
    let before = of_source(engine, source)?;
    engine.execute("DELETE FROM pages WHERE source = $1", &[source.into()])?;
    for (position, new) in pages.iter().enumerate() {
        let same_address = before.iter().find(|page| page.url == new.page.url);
        let base = same_address.or_else(|| before.get(position)).map(|page| page.sha256.as_str());
        snapshots::keep(engine, &new.page.sha256, &new.bytes, base)?;
        let mut page = new.page.clone();
        match same_address.filter(|page| page.sha256 == new.page.sha256) {
            Some(known) => page.at = known.at,
            None => record_sighting(engine, source, new)?,
        }
        let mut values = page_values(source, &page);
        values.push(position.into());
        let sql = "INSERT INTO pages (source, url, sha256, at, content_type, etag, last_modified, position) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        engine.execute(sql, &values)?;
    }
    Ok(())
}

/// Notes what the server gave last with pages whose bytes did not change.
pub(super) fn revalidate(engine: &mut dyn Engine, source: &str, validators: &[PageValidators]) -> Result<(), Failure> {
    for page in validators {
        let values: [Value; 4] = [
            source.into(),
            page.url.as_str().into(),
            page.etag.as_deref().into(),
            page.last_modified.as_deref().into(),
        ];
        engine.execute("UPDATE pages SET etag = $3, last_modified = $4 WHERE source = $1 AND url = $2", &values)?;
    }
    Ok(())
}

fn record_sighting(engine: &mut dyn Engine, source: &str, new: &NewPage) -> Result<(), Failure> {
    let page = &new.page;
    let values: [Value; 6] = [
        source.into(),
        page.url.as_str().into(),
        page.sha256.as_str().into(),
        page.at.into(),
        page.content_type.as_deref().into(),
        headers_of(new).into(),
    ];
    let sql = "INSERT INTO sightings (source, url, sha256, at, content_type, headers) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (source, url, sha256, at) DO NOTHING";
    engine.execute(sql, &values)?;
    Ok(())
}

fn page_values(source: &str, page: &StoredPage) -> Vec<Value> {
    vec![
        source.into(),
        page.url.as_str().into(),
        page.sha256.as_str().into(),
        page.at.into(),
        page.content_type.as_deref().into(),
        page.etag.as_deref().into(),
        page.last_modified.as_deref().into(),
    ]
}

fn headers_of(new: &NewPage) -> String {
    serde_json::to_string(&new.headers).expect("pairs of text are JSON")
}

fn page_from(row: &Row) -> Result<StoredPage, Failure> {
    Ok(StoredPage {
        url: row.text("url")?,
        sha256: row.text("sha256")?,
        at: row.moment("at")?,
        content_type: row.optional_text("content_type")?,
        etag: row.optional_text("etag")?,
        last_modified: row.optional_text("last_modified")?,
    })
}

fn bad_page_from(row: &Row) -> Result<NewPage, Failure> {
    let page = page_from(row)?;
    let bytes = restored(&[], &row.blob("body")?, row.number("size_bytes")?).ok();
    let Some(bytes) = bytes.filter(|bytes| sha256_of(bytes) == page.sha256) else {
        return Err(Failure::Snapshot { sha256: page.sha256, why: "cannot be restored".to_owned() });
    };
    let headers = serde_json::from_str(&row.text("headers")?).map_err(|_| row.unreadable("headers"))?;
    Ok(NewPage { page, headers, bytes })
}
