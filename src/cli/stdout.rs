//! Standard output, for subcommands that print a value and end.

use std::io;

use anyhow::anyhow;

use super::{CliError, ExitCode};

/// The width of the terminal that standard output leads to; none when it leads elsewhere.
pub fn terminal_width() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

/// The subcommand's end. A reader that went away is no error: it has what it wanted.
///
/// # Errors
/// When standard output could not be written.
pub fn finish(written: io::Result<()>) -> Result<ExitCode, CliError> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::from(anyhow!(error).context("cannot write to standard output")))
        }
        _ => Ok(ExitCode::Ok),
    }
}
