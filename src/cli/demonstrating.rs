//! `demo`: the scripted world, shown on the terminal.

use std::io;
use std::path::PathBuf;

use crate::demo::play::{Stage, play};

use super::output::{Output, Tone, harmless};
use super::session::{CliError, Exit};

impl Stage for Output {
    fn caption(&mut self, text: &str) -> io::Result<()> {
        let text = self.toned(Tone::Strong, text);
        self.line(text)
    }

    fn event(&mut self, text: &str) -> io::Result<()> {
        let tone = if text.starts_with("no news") { Tone::Warning } else { Tone::Good };
        let text = self.toned(tone, &format!("      {}", harmless(text)));
        self.line(text)
    }

    fn is_watched(&self) -> bool {
        self.is_terminal
    }
}

/// `stagewatch demo`.
pub async fn demo(folder: Option<PathBuf>, output: &mut Output) -> Result<Exit, CliError> {
    output.line(
        "A scripted body on loopback plays the spring of 2023 as if it were today; the real pipeline watches it. Stages have their days \
         of 2023; what is read, sent and open for comment is dated today. No network is used.\n",
    )?;
    let summary = play(folder, output).await?;
    let crate::demo::play::Summary { n_expected, n_webhooks, n_mails, n_in_doubt, .. } = summary;
    output.line(format!(
        "\n{n_expected} alerts were due: {n_webhooks} came by webhook, in {n_mails} mails; \
         {n_in_doubt} pages were not believed, and no alert came of them."
    ))?;
    let folder = summary.folder.display();
    output.line(format!(
        "Left in {folder}: stagewatch.db, mail/*.eml, stagewatch.toml. Look at it with, for instance:"
    ))?;
    // It need not be where the shell looks for programs.
    let program = std::env::current_exe().map_or_else(|_| "stagewatch".to_owned(), |path| path.display().to_string());
    for command in ["changes", "standards", "history \"ISO/IEC 27071\"", "deliveries"] {
        output.line(format!("  {program} --config {folder}/stagewatch.toml {command}"))?;
    }
    output.line(
        "and at its pages, on http://127.0.0.1:8260/, for as long as this runs (its sources are gone, and it says so):",
    )?;
    output.line(format!("  {program} --config {folder}/stagewatch.toml run"))?;
    for fault in &summary.faults {
        output.line(output.toned(Tone::Bad, &format!("wrong: {fault}")))?;
    }
    if summary.faults.is_empty() {
        Ok(Exit::Done)
    } else {
        Err(CliError::Unknown("the demo did not go as written".to_owned()))
    }
}
