//! What changed, written down with its evidence: the page before, the page after, the lines that differ, the watches it concerns.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use url::Url;

use crate::changes::change::{Change, Evidence, Otherwise, RecordedChange, SnapshotRef};
use crate::changes::comparison::Holdings;
use crate::changes::corroboration::Known;
use crate::changes::evidence::{block_of, excerpt, unified_diff};
use crate::changes::relations::{Kin, Related, Relation};
use crate::changes::subscription::watches_of_change;
use crate::config::source::Source;
use crate::formats::Content;
use crate::formats::decode::decode;
use crate::formats::readable::readable_text;
use crate::standards::project::{Project, ProjectId};
use crate::store::error::StoreError;
use crate::store::{SourceState, Store, StoredPage};

use super::House;
use super::gather::Sheet;
use super::identifiers::id_of;

/// Projects that may belong to those that changed, as each source shows them.
#[derive(Debug, Default)]
pub struct Shown {
    by_source: Vec<(String, Project)>,
    kin: Kin,
}

impl Shown {
    /// What the store holds of all other sources, and what this poll brings of its own, as far as it may have to do with `changed`: all of
    /// it at once would be the largest thing that a poll holds.
    pub fn beside<'a>(
        store: &Store,
        source: &str,
        holdings: &Holdings,
        changed: impl IntoIterator<Item = &'a Project>,
    ) -> Result<Shown, StoreError> {
        let changed = Kin::of(changed.into_iter().cloned());
        let mut near = BTreeSet::new();
        let mut look = |project: &Project| {
            if changed.may_concern(project) {
                near.insert(project.id.clone());
            }
        };
        for held in holdings.values() {
            look(&held.project);
        }
        store.look_through(&mut |shown| look(&shown.held.project))?;
        let near: Vec<ProjectId> = near.into_iter().collect();
        let others = store.shown(&near)?.into_iter().filter(|shown| shown.source != source);
        let others = others.map(|shown| (shown.source, shown.held.project));
        let own = near.iter().filter_map(|id| holdings.get(id)).map(|held| (source.to_owned(), held.project.clone()));
        let by_source: Vec<_> = others.chain(own).collect();
        let kin = Kin::of(by_source.iter().map(|(_, project)| project.clone()));
        Ok(Shown { by_source, kin })
    }

    /// What belongs to a project.
    pub fn related_to(&self, project: &Project) -> Vec<Related> {
        self.kin.related_to(project)
    }

    fn of(&self, id: &ProjectId) -> impl Iterator<Item = (&str, &Project)> {
        let of_id = self.by_source.iter().filter(move |(_, project)| project.id == *id);
        of_id.map(|(source, project)| (source.as_str(), project))
    }
}

/// What lies on the table while the changes of one poll are written down.
pub struct Bench<'a> {
    /// The shared rooms.
    pub house: &'a House,
    /// The source.
    pub source: &'a Source,
    /// What it was known for before.
    pub state: &'a SourceState,
    /// Its pages now.
    pub sheets: &'a [Sheet],
    /// What is known of the projects that changed.
    pub known: &'a BTreeMap<ProjectId, Known>,
    /// What every source shows at this moment, this one included.
    pub shown: &'a Shown,
    /// When the poll was made.
    pub at: Timestamp,
}

impl Bench<'_> {
    /// Gives each change its id, its evidence and the watches that it concerns.
    pub fn record(&self, news: Vec<Change>) -> Result<Vec<RecordedChange>, StoreError> {
        let mut readable = BTreeMap::new();
        let mut recorded = Vec::new();
        for change in news {
            let sheet = self.sheet_of(&change);
            let earlier = self.known.get(&change.after.id).map(|known| known.changes.as_slice()).unwrap_or_default();
            let pair: &Pair = match readable.get(&sheet.page.page.url) {
                Some(pair) => pair,
                None => readable.entry(sheet.page.page.url.clone()).or_insert(self.pair_of(sheet)?),
            };
            let related = self.shown.related_to(&change.after);
            recorded.push(RecordedChange {
                id: self.id_of(&change),
                seen_at: self.at,
                sequence: 0,
                announced: false,
                watches: watches_of_change(&self.house.settings.watches, &change, earlier, &related),
                evidence: Evidence {
                    source: self.source.id.clone(),
                    url: sheet.page.page.url.clone(),
                    before: self
                        .page_before(sheet)
                        .map(|page| SnapshotRef { sha256: page.sha256.clone(), at: page.at }),
                    after: SnapshotRef { sha256: sheet.page.page.sha256.clone(), at: self.at },
                    diff: pair.excerpt_about(&change),
                },
                also_seen_at: Vec::new(),
                related: related.into_iter().filter(|other| other.relation != Relation::Part).collect(),
                otherwise_at: self.otherwise_at(&change)?,
                change,
            });
        }
        Ok(recorded)
    }

    /// The page that shows the project; the first one where none does, because it is no longer listed.
    fn sheet_of(&self, change: &Change) -> &Sheet {
        let shows = |sheet: &&Sheet| sheet.reading.projects.iter().any(|project| project.id == change.after.id);
        self.sheets.iter().find(shows).unwrap_or(&self.sheets[0])
    }

    /// The sources that stand nearer to the register and show the project at another stage than the one it moved to.
    fn otherwise_at(&self, change: &Change) -> Result<Vec<Otherwise>, StoreError> {
        let mut otherwise = Vec::new();
        if change.movement.is_none() {
            return Ok(otherwise);
        }
        let authority = self.source.format.authority;
        for (source, project) in self.shown.of(&change.after.id) {
            let is_nearer = self.house.settings.source(source).is_some_and(|other| other.format.authority > authority);
            let (Some(stage), true) = (&project.stage, is_nearer) else { continue };
            if stage.code.is_some() && stage.code != change.after.stage_code() {
                let as_of = self.house.store.source_state(source)?.last_accepted.unwrap_or(self.at);
                otherwise.push(Otherwise { source: source.to_owned(), stage: stage.clone(), as_of });
            }
        }
        Ok(otherwise)
    }

    fn page_before(&self, sheet: &Sheet) -> Option<&StoredPage> {
        let same_address = self.state.pages.iter().find(|page| page.url == sheet.page.page.url);
        same_address.or_else(|| self.state.pages.first())
    }

    fn pair_of(&self, sheet: &Sheet) -> Result<Pair, StoreError> {
        let content = self.source.format.content;
        let host = Url::parse(&sheet.page.page.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let before = match self.page_before(sheet) {
            Some(page) => self.house.store.page_bytes(&page.sha256)?.map(|bytes| {
                let text = decode(&bytes, page.content_type.as_deref(), host.as_deref()).text;
                readable_text(content, &text)
            }),
            None => None,
        };
        let after = readable_text(content, &sheet.text);
        let diff = unified_diff(before.as_deref().unwrap_or_default(), &after, "before", "after");
        Ok(Pair { content, before: before.unwrap_or_default(), after, diff })
    }

    /// Made of all that the change says, so that two changes of one moment have two ids.
    fn id_of(&self, change: &Change) -> String {
        let to = change.after.stage.as_ref().map(|stage| stage.printed.as_str()).unwrap_or_default();
        let project = change.after.id.to_string();
        let mut parts = vec![self.source.id.as_str(), &project, change.kind.as_str(), to];
        for difference in &change.differences {
            let texts = [Some(difference.field.as_str()), difference.old.as_deref(), difference.new.as_deref()];
            parts.extend(texts.map(Option::unwrap_or_default));
        }
        id_of("chg", self.at, &parts)
    }
}

/// A page before and after, as a person reads it.
struct Pair {
    content: Content,
    before: String,
    after: String,
    diff: String,
}

impl Pair {
    /// The lines about one project that differ: those of its own block where a page has one for each, else those near its name.
    fn excerpt_about(&self, change: &Change) -> String {
        if let (Content::JsonLines, ProjectId::Iso(number)) = (self.content, &change.after.id) {
            let head = number.to_string();
            let own = unified_diff(block_of(&self.before, &head), block_of(&self.after, &head), "before", "after");
            return excerpt(&own, &[]);
        }
        excerpt(&self.diff, &words_of(change))
    }
}

/// Words that find a project's lines in a diff.
fn words_of(change: &Change) -> Vec<&str> {
    let number = match &change.after.id {
        ProjectId::Sac(number) | ProjectId::Gb(number) | ProjectId::Tc260(number) => Some(number.as_str()),
        ProjectId::Iso(_) | ProjectId::Page(_) => None,
    };
    let before = change.before.as_ref().map(|project| project.reference.as_str());
    [Some(change.after.reference.as_str()), number, before].into_iter().flatten().collect()
}
