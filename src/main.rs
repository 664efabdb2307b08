//! Parse, call, return the exit code; nothing else ever exits.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    opsctl::cli::run(std::env::args_os()).into()
}
