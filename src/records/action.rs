//! What can be done about a change as JSON: `action` in `data` of a webhook. It is of the moment at which the webhook was written, and so
//! no part of the change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::changes::deed::{Actor, Deed};
use crate::changes::notice_action::Action;

/// [`Action`] on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActionRecord {
    /// What can be done now: `comment`, `vote`, `prepare` (be ready for `until`), `read`, or `none`.
    #[schemars(extend("enum" = Deed::ALL.map(Deed::as_str)))]
    pub kind: String,
    /// The last day for it, by the calendar of the body; `null` where none is known or nothing is asked.
    #[schemars(extend("format" = "date"))]
    pub until: Option<String>,
    /// Whether `until` is not printed by the body but reckoned by its rules: it may close earlier.
    pub expected: bool,
    /// Who can: `anybody`, or `national-bodies`, through which everybody else goes; `null` where nothing is asked.
    #[schemars(extend("enum" = actors()))]
    pub by: Option<String>,
}

fn actors() -> Vec<Option<&'static str>> {
    Actor::ALL.into_iter().map(Actor::as_str).map(Some).chain([None]).collect()
}

impl From<&Action> for ActionRecord {
    fn from(action: &Action) -> ActionRecord {
        let until = action.until.filter(|_| action.is_asked());
        ActionRecord {
            kind: action.deed.as_str().to_owned(),
            until: until.map(|closing| closing.day.to_string()),
            expected: until.is_some() && action.is_expected(),
            by: action.actor().map(|actor| actor.as_str().to_owned()),
        }
    }
}
