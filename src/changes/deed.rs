//! What can be done, and who can do it, in the words of headers and records. Not when, which the rules of the bodies set.

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Deed {
    /// Say what one thinks of a draft.
    Comment,
    /// Vote, through a national body.
    Vote,
    /// Be ready for a day.
    Prepare,
    /// Read something that is new; nobody waits for an answer.
    Read,
    /// Nothing now.
    Nothing,
}

impl Deed {
    /// Every deed.
    pub const ALL: [Deed; 5] = [Deed::Comment, Deed::Vote, Deed::Prepare, Deed::Read, Deed::Nothing];

    /// The word of headers and records: `comment`, `vote`, `prepare`, `read`, `none`.
    pub fn as_str(self) -> &'static str {
        match self {
            Deed::Comment => "comment",
            Deed::Vote => "vote",
            Deed::Prepare => "prepare",
            Deed::Read => "read",
            Deed::Nothing => "none",
        }
    }
}

/// Who can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Whoever wants to.
    Anybody,
    /// The national bodies, through which everybody else goes.
    NationalBodies,
}

impl Actor {
    /// Everybody who can.
    pub const ALL: [Actor; 2] = [Actor::Anybody, Actor::NationalBodies];

    /// The word of records: `anybody`, `national-bodies`.
    pub fn as_str(self) -> &'static str {
        match self {
            Actor::Anybody => "anybody",
            Actor::NationalBodies => "national-bodies",
        }
    }
}
