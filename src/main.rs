//! The program: parse, run, tell what went wrong, map it to an exit code. Nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    stagewatch::cli::main()
}
