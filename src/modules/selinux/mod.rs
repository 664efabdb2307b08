//! `SELinux`: what its clients say, and what is to be told to them.
//!
//! Pure: texts in, values out.

pub mod config;
pub mod contexts;
pub mod ports;

use super::ModuleError;
use super::clients::{Clients, missing};

/// Checks that `SELinux` is on, as `getenforce` says under the name `enabled`.
///
/// # Errors
/// When it is off or not there.
pub fn enabled(clients: &Clients, ignore: bool) -> Result<(), ModuleError> {
    if ignore {
        return Ok(());
    }
    match clients.find("enabled") {
        Some(said) if said.rc == 127 => Err(missing("getenforce")),
        Some(said) if said.rc != 0 || said.text().trim() == "Disabled" => {
            Err(ModuleError::new("SELinux is disabled on this host."))
        }
        _ => Ok(()),
    }
}
