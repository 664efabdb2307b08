//! Events on disk: write, read, verify.
//!
//! One append-only JSON Lines file a run, each record with the SHA-256 of the one before; a `heads` file beside them
//! tells a run that was interrupted from one whose end was cut off. Knows no inventory, no SSH and no terminal, and
//! blocks: it runs on the event bus's thread or in a reporting process.
//!
//! A record that was changed, removed, inserted or moved breaks the chain. A chain that was recomputed as a whole is
//! found while `heads` or a later run still knows the old head; whoever recomputes all of these is found only by a
//! copy kept elsewhere.

mod account;
mod deploy;
mod digest;
mod error;
mod heads;
mod lines;
mod list;
mod lock;
mod place;
mod prune;
mod read;
mod record;
pub mod redact;
mod rerun;
mod verify;
mod writer;

pub use account::Account;
pub use deploy::TaskEnd;
pub use digest::Digest;
pub use error::JournalError;
pub use heads::{Head, HeadState};
pub use list::{Listing, RunEntry, RunStatus, find, list, read_entry, run_files};
pub use lock::RunLock;
pub use place::state_dir;
pub use prune::{Prunable, prunable, prune};
pub use read::{RunRecord, for_each_record, read_run};
pub use record::{Body, Bytes, HostEnd, Record, RunEnd, RunStart, StoredStream, VERSION, Witness};
pub use rerun::{RerunSelector, rerun_hosts};
pub use verify::{Finding, Verification, verify};
pub use writer::{JournalOptions, JournalWriter};

use crate::event::RunId;
