//! A window in which something can be said about a draft: a ballot, an enquiry, a public comment. Not what is said.

use jiff::civil::Date;

/// The window of a consultation, in the civil dates of the body that runs it; both ends belong to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consultation {
    /// First day, where the body prints it.
    pub opens: Option<Date>,
    /// Last day, where the body prints it.
    pub closes: Option<Date>,
    /// What can be read: the draft, its explanation.
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name as printed.
    pub name: String,
    /// Where it is, absolute where the page's own address was known.
    pub url: String,
}

impl Consultation {
    /// Whether the body printed nothing at all about a window.
    pub fn is_empty(&self) -> bool {
        self.opens.is_none() && self.closes.is_none() && self.attachments.is_empty()
    }
}
