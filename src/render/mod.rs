//! Events and values to terminal, JSON, tables and files. The only writer to a terminal besides `cli`.
//!
//! [`subscribers`] makes the renderers of a run: each listens to events and writes to the writers it was given. stdout
//! gets data, stderr gets talk; at a terminal both are one page. Nothing from a host reaches a terminal or a pipe
//! before [`sanitize`], except through `--output-dir` and `--passthrough` into a pipe, which carry exact bytes; JSON carries
//! them escaped.
//!
//! # JSON lines (`--format jsonl`), schema version 1
//!
//! One object a line, written when it happens. Every line has `v` (the schema version), `type`, `run` (the run's id)
//! and `time` (RFC 3339, UTC). The first line is the run, the last one always the summary, after an interrupt too. New
//! fields may come without a new version; a reader should pass over types and fields that it does not know.
//!
//! | `type` | further fields |
//! |---|---|
//! | `run` | `name`, `verb` (`exec`, `copy`, `fetch`, `deploy`), `command`, `pattern`, `forks`, `hosts` (names) |
//! | `output` (with `--stream`) | `host`, `stream` (`stdout`, `stderr`), `data` |
//! | `host` | `host`, `status`, `rc`, `signal`, `fate`, `started`, `duration` (seconds), `attempts`, `stdout`, `stdout_bytes`, `stdout_dropped`, the same three for `stderr`, `error` |
//! | `play` (deploy) | `name`, `number`, `batch`, `batches`, `hosts`, `place` |
//! | `task` (deploy) | `id`, `name`, `module`, `role`, `handler`, `place`, `hosts` (how many, where that is known) |
//! | `item`, `result` (deploy) | `host`, `task` (an `id`), `item` (its label), `delegate`, `status`, `ignored`, `message`, `result` (what `register` sees), `arguments` (for failures, and with `-vv`), `diff`, `warnings`, `duration`, `attempts` |
//! | `owed` (deploy) | `host`, `handlers`: notified, and not run |
//! | `warning` | `message` |
//! | `stopping` | `cause` (`interrupt`, `terminate`, `hangup`, `deadline`, `fail-fast`, `budget`, `journal`) |
//! | `summary` | `hosts` (their number), `counts` (by status), `stopped` (a cause or null), `duration`, `max_rc` |
//!
//! `status` is one of `ok`, `changed`, `failed`, `unreachable`, `timed-out`, `skipped`, `cancelled`, `not-started`.
//! `fate` says what became of the remote process: `ended`, `killed`, `survived`, `unknown`, or null when none began.
//! `error` is null or an object of `kind`, `message` and `hint`. `stdout`, `stderr` and `data` are `{"text": …}` when the
//! bytes are UTF-8, else `{"base64": …}`. `stdout_bytes` counts what the command printed; when `stdout_dropped` of them
//! were left out, `stdout` holds the beginning and `stdout_tail` the end.
//!
//! `--format json` is one document of the same objects: `v`, `run`, `warnings` (texts), `hosts` (by name), `summary`.

mod block;
mod deploy;
mod diff;
mod fields;
#[cfg(test)]
mod fixture;
mod fold;
mod host_set;
mod human;
mod json;
mod json_text;
mod jsonl;
mod junit;
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

pub use block::Rest;
pub use deploy::TaskView;
pub use host_set::host_set;
pub use json_text::{json_line, write_json, write_json_pretty};
pub use message::{error, hint, warn};
pub use options::{Format, RenderError, RenderOptions, View, subscribers};
pub use progress::{Hold, Pause, terminal_width};
pub use sanitize::{sanitize, sanitize_line};
pub use style::{Color, Palette, Terminal};
pub use table::Table;
pub use tally::{duration, stop_words, tally};

use crate::event::{RunId, SubscriberError};
use sink::Sink;

/// Ends the use of `stdout`; a reader that went away is no failure.
fn finish(stdout: &Sink, stderr: &Sink) -> Result<(), SubscriberError> {
    stdout.flush();
    stderr.flush();
    stdout.failure().map_or(Ok(()), |error| Err(SubscriberError::Output(error)))
}

/// Says on `stderr` where the output is when the reader of `stdout` went away before its end.
fn tell_if_closed(stdout: &Sink, stderr: &Sink, run: RunId) {
    stdout.flush();
    if stdout.is_closed() {
        stderr.line(format!("stdout was closed early; opsctl report show {run} --output has what is on record of it"));
    }
}
