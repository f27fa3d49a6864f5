//! `man`: manual pages made of the same definitions as `--help`, so that neither can say what the other does not.
#![expect(clippy::disallowed_methods, reason = "manual pages are files")]

use std::io;
use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::arguments::Arguments;
use super::output::Output;
use super::session::{CliError, Exit};

/// `stagewatch man`.
pub fn man(folder: Option<&Path>, output: &mut Output) -> Result<Exit, CliError> {
    let pages = pages()?;
    let Some(folder) = folder else {
        let (_, page) = &pages[0];
        output.text(&String::from_utf8_lossy(page))?;
        return Ok(Exit::Done);
    };
    std::fs::create_dir_all(folder).map_err(|source| CliError::Write { path: folder.display().to_string(), source })?;
    for (name, page) in &pages {
        let path = folder.join(name);
        std::fs::write(&path, page).map_err(|source| CliError::Write { path: path.display().to_string(), source })?;
    }
    Ok(Exit::Done)
}

/// Every page with the name of its file; the one of the program itself first.
fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut program = Arguments::command().disable_help_subcommand(true);
    // Gives every command its whole name, such as stagewatch-run.
    program.build();
    let mut pages = vec![page(&program)?];
    for command in program.get_subcommands() {
        pages.push(page(command)?);
    }
    Ok(pages)
}

fn page(command: &clap::Command) -> io::Result<(String, Vec<u8>)> {
    let man = Man::new(command.clone()).manual("stagewatch").date("");
    let file = man.get_filename();
    let mut page = Vec::new();
    man.render(&mut page)?;
    Ok((file, page))
}
