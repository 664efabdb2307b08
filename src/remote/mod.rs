//! One connected host: the persistent shell, privilege, transfers and the kill guarantee.
//!
//! A [`Shell`] is one channel that runs a small POSIX `sh` loop (`loop.sh`). Commands go in framed on its standard
//! input; both output streams come back between markers that carry a random nonce. The loop always reads, so that an
//! order to stop, or the end of input when the controller dies, reaches a running command at once; the host itself
//! arms every time limit. Frames are printable ASCII whatever the command's bytes are (`encode`).

mod beside;
mod command;
mod direct;
mod encode;
mod follow;
mod link;
mod privilege;
mod program;
mod raise;
mod running;
mod scan;
mod shell;
mod transfer;

pub use command::{Command, Part, Program, Script};
pub use direct::Input;
pub use encode::quote;
pub use privilege::Privilege;
pub use program::{random_hex, strip};
pub use running::{End, EndCause, Limits, OutputSink, StopSignal};
pub use scan::{Piece, Scanner};
pub use shell::{OpenError, Shell, ShellOptions};
pub use transfer::{Download, DownloadError, OutsideLinks, Source, SourceError, Transferred, Upload};
