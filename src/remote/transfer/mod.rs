//! Files and trees, to hosts and from them.
//!
//! A destination is old or new, never half: everything arrives under a private name beside it, is compared with its
//! checksum, and is then moved into place. What a host sends is believed in nothing (`unpack`).

mod archive;
mod digest;
mod download;
mod exchange;
mod manifest;
mod mode;
mod script;
mod source;
mod staging;
mod tar_stream;
mod unpack;
mod upload;

pub use download::{Download, DownloadError};
pub use source::{Source, SourceError};
pub use unpack::OutsideLinks;
pub use upload::Upload;

use super::running::End;
use crate::event::Failure;

/// How a transfer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transferred {
    /// The destination is as it shall be.
    Done {
        /// Whether it was altered for that.
        changed: bool,
    },
    /// It could not be done; the destination is as it was, as far as the message does not say otherwise.
    Failed(Failure),
    /// It was ended by a limit, an order or a broken connection.
    Ended(End),
}
