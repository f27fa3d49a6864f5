//! The templates of the pages, and how they are filled. What is filled in comes from the files beside this one.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde::Serialize;

/// One HTML page of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    IsoProject2021,
    IsoProject2024,
    OpenstdStandard,
    SamrSearch,
    Tc260Consultations,
    Blocked,
    Challenge,
    Home,
}

impl Markup {
    /// Fills the template; every value is escaped.
    pub(super) fn filled(self, context: &impl Serialize) -> String {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
        environment.set_syntax(syntax.expect("the delimiters are the ordinary ones"));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(escaped);
        environment
            .render_str(self.template(), Serde(context))
            .expect("the template and the struct that fills it are in this folder and go together")
    }

    fn template(self) -> &'static str {
        match self {
            Markup::IsoProject2021 => include_str!("markup/iso_project_2021.html"),
            Markup::IsoProject2024 => include_str!("markup/iso_project_2024.html"),
            Markup::OpenstdStandard => include_str!("markup/openstd_standard.html"),
            Markup::SamrSearch => include_str!("markup/samr_search.html"),
            Markup::Tc260Consultations => include_str!("markup/tc260_consultations.html"),
            Markup::Blocked => include_str!("markup/blocked.html"),
            Markup::Challenge => include_str!("markup/challenge.html"),
            Markup::Home => include_str!("markup/home.html"),
        }
    }
}

/// Escapes as the sites do: slashes stay slashes, so that addresses in a page can be read and compared by eye.
fn escaped(output: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    let text = value.to_string();
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    output.write_str(&text).map_err(Error::from)
}
