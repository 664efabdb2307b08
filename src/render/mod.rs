//! Events and values to terminal, JSON, tables and files. The only writer to a terminal besides `cli`.

mod block;
mod diff;
mod fields;
#[cfg(test)]
mod fixture;
mod fold;
mod host_set;
mod human;
mod json;
mod jsonl;
mod lines;
mod mask;
mod message;
mod options;
mod output_dir;
mod passthrough;
mod progress;
mod record;
mod run_state;
mod sanitize;
mod sink;
mod stream;
mod style;
mod table;
mod tally;

pub use host_set::host_set;
pub use message::{error, hint, warn};
pub use options::{Format, RenderError, RenderOptions, View, subscribers};
pub use progress::terminal_width;
pub use sanitize::{sanitize, sanitize_line};
pub use style::{Color, Palette, Terminal};
pub use table::Table;
pub use tally::{duration, stop_words, tally};

use crate::event::{RunId, SubscriberError};
use sink::Sink;

/// Ends the use of `stdout`: a reader that went away is told of on `stderr`, any other failure is returned.
fn finish(stdout: &Sink, stderr: &Sink, run: RunId) -> Result<(), SubscriberError> {
    stdout.flush();
    if stdout.is_closed() {
        stderr.line(format!("stdout was closed early; opsctl report show {run} has the output"));
    }
    stderr.flush();
    stdout.failure().map_or(Ok(()), |error| Err(SubscriberError::Output(error)))
}
