//! A recorded run as the events it was made of, so that it can be shown as it was when it ran.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::event::{Captured, Event, EventKind, HostReport, Summary};
use crate::journal::{Body, HostEnd, JournalError, Record, StoredStream, for_each_record};

/// Calls `take` with each event of the run in `path` that was recorded; of hosts, only those that `wants` wants.
///
/// A run without an end gets a warning and an end that counts what is known.
///
/// # Errors
/// Fails when the file cannot be read or is of a newer format version, or `take` fails.
pub fn replay<E: From<JournalError>>(
    path: &Path,
    wants: impl Fn(&str) -> bool,
    mut take: impl FnMut(Event) -> Result<(), E>,
) -> Result<(), E> {
    let mut summary = None;
    for_each_record(path, |Record { time, body, .. }| {
        let kind = match body {
            Body::RunStart(start) => {
                summary = Some((Summary::new(start.header.run), time, time));
                EventKind::RunStarted(Arc::new(start.header))
            }
            Body::HostStart { host } if wants(&host) => EventKind::HostStarted { host },
            Body::HostEnd(host) if wants(&host.host) => {
                let report = report(*host);
                if let Some((summary, _, last)) = &mut summary {
                    summary.count(&report);
                    *last = time;
                }
                EventKind::HostEnded(Arc::new(report))
            }
            Body::Warning { message } => EventKind::Warning(message),
            Body::Stopping { cause } => EventKind::Stopping(cause),
            Body::RunEnd(end) => {
                let Some((mut whole, ..)) = summary.take() else { return Ok(()) };
                whole.stopped = end.stopped;
                whole.duration = seconds(end.duration);
                EventKind::RunEnded(Arc::new(whole))
            }
            // What tasks did is told by their hosts' outcomes.
            _ => return Ok(()),
        };
        take(Event { time, kind })
    })?;
    let Some((mut known, first, last)) = summary else { return Ok(()) };
    known.duration = Duration::try_from(last.duration_since(first)).unwrap_or_default();
    let warning = "the record of this run has no end; it says what was known";
    take(Event { time: last, kind: EventKind::Warning(warning.into()) })?;
    take(Event { time: last, kind: EventKind::RunEnded(Arc::new(known)) })
}

fn report(host: HostEnd) -> HostReport {
    HostReport {
        host: host.host,
        outcome: host.outcome,
        rc: host.rc,
        signal: host.signal,
        fate: host.fate,
        failure: host.failure,
        started: host.started,
        duration: seconds(host.duration),
        attempts: host.attempts,
        recap: host.recap,
        stdout: captured(host.stdout),
        stderr: captured(host.stderr),
    }
}

fn captured(stream: StoredStream) -> Arc<Captured> {
    Arc::new(Captured { head: stream.head.0, dropped: stream.dropped, tail: stream.tail.0 })
}

/// A damaged record may hold any number.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
