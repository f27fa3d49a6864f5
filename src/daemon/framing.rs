//! What stands around the changes of a notice, looked up: our own address, the moment, the way that each project has come, and where a
//! recipient can leave. Not the composing.

use jiff::Timestamp;

use crate::changes::notice::Notice;
use crate::changes::notice_frame::Frame;
use crate::masked::Recipient;
use crate::signed::{KEY, Unsubscription, token};
use crate::standards::project::ProjectId;
use crate::store::error::StoreError;

use super::House;

/// The notice in its frame.
pub fn framed(house: &House, notice: &Notice, at: Timestamp) -> Result<Notice, StoreError> {
    let mut ids: Vec<ProjectId> = notice.changes.iter().map(|recorded| recorded.change.after.id.clone()).collect();
    ids.sort();
    ids.dedup();
    let trails = house.store.known_stages(&ids)?;
    let frame = Frame { public_url: public_url(house), now: Some(at), trails };
    Ok(Notice { frame, ..notice.clone() })
}

/// Makes the addresses at which the mailboxes of a subscriber leave.
pub struct Exits {
    base: String,
    key: [u8; 32],
}

impl Exits {
    /// `None` where our own pages are not to be reached.
    pub fn open(house: &House) -> Result<Option<Exits>, StoreError> {
        let Some(base) = public_url(house) else { return Ok(None) };
        Ok(Some(Exits { base, key: house.store.key(KEY)? }))
    }

    /// Where this mailbox leaves everything that its subscriber is told.
    pub fn of(&self, subscriber: &str, recipient: &Recipient) -> String {
        let all = Unsubscription { subscriber: subscriber.to_owned(), recipient: recipient.clone(), watch: None };
        format!("{}/unsubscribe/{}", self.base, token(&self.key, &all))
    }
}

fn public_url(house: &House) -> Option<String> {
    house.settings.web.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned())
}
