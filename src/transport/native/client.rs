//! What russh tells about a connection while it lives.

use russh::client;

/// Hears of host keys, banners and the end of one connection.
pub(super) struct Client {}

impl client::Handler for Client {
    type Error = russh::Error;
}
