//! Pages of one format, which `STAGEWATCH_FUZZ_FORMAT` names: a new format needs no target of its own, only its fixtures.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use stagewatch_fuzz::fixtures::Bench;

static BENCH: LazyLock<Bench> = LazyLock::new(Bench::from_environment);

fuzz_target!(|bytes: &[u8]| stagewatch_fuzz::page::check(&BENCH, bytes));
