//! What the allocator of the system is told, so that a peak does not stay: glibc keeps what it has for every thread, and ever more of it
//! after each large page. It reads this once, when a program starts, and its function for later is `unsafe`; so the service starts itself
//! a second time, as the same process. Not how much is needed.

/// What it is to know. Whatever is there already stays: who runs the service knows better than we do.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const TOLD: [(&str, &str); 3] = [
    // Few threads of ours ask at the same time, and what one gave back another can use.
    ("MALLOC_ARENA_MAX", "1"),
    // Said once, they stay as they are; unsaid, they grow with the largest page that was ever read, to 64 MiB that are kept. Above what a
    // page of ours takes, so that making one does not ask the system.
    ("MALLOC_MMAP_THRESHOLD_", "1048576"),
    ("MALLOC_TRIM_THRESHOLD_", "1048576"),
];

/// Starts this program again with what the allocator is to know, unless it was told already; comes back where that cannot be done, and
/// then memory is used less thriftily.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn begin() {
    use std::os::unix::process::CommandExt as _;
    #[expect(clippy::disallowed_methods, reason = "the command line reads the environment")]
    let untold: Vec<_> = TOLD.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()).collect();
    let Ok(program) = std::env::current_exe() else { return };
    if untold.is_empty() {
        return;
    }
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| program.clone().into());
    let error = std::process::Command::new(program).arg0(name).args(arguments).envs(untold).exec();
    tracing::debug!("could not start anew with a thriftier allocator: {error}");
}

/// Other allocators have their own ways.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn begin() {}
