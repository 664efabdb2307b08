//! Why the connection variables of a host cannot be used.

use std::sync::Arc;

use super::Source;
use super::template_reference::ReferenceError;

/// Why a host's connection variables cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionError {
    /// A value of the wrong kind.
    #[error("{origin}: `{variable}` of host `{host}` must be {expected}")]
    Value {
        /// Inventory name.
        host: Arc<str>,
        /// The variable.
        variable: String,
        /// Where it was set.
        origin: Source,
        /// What it must be.
        expected: &'static str,
    },
    /// A template that cannot be resolved.
    #[error("{origin}: `{variable}` of host `{host}` cannot be resolved: {reason}")]
    Template {
        /// Inventory name.
        host: Arc<str>,
        /// The variable.
        variable: String,
        /// Where it was set.
        origin: Source,
        /// What stands in the way.
        reason: ReferenceError,
    },
    /// A connection that is not supported.
    #[error("{origin}: connection `{name}` of host `{host}` is not supported")]
    Connection {
        /// Inventory name.
        host: Arc<str>,
        /// The connection.
        name: String,
        /// Where it was set.
        origin: Source,
    },
    /// A become method that is not supported.
    #[error("{origin}: become method `{name}` of host `{host}` is not supported")]
    Method {
        /// Inventory name.
        host: Arc<str>,
        /// The method.
        name: String,
        /// Where it was set.
        origin: Source,
    },
}

impl ConnectionError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Template { reason: ReferenceError::Vaulted { reason, .. }, .. } => {
                reason.hint().unwrap_or("encrypt it anew with `opsctl vault encrypt-string`")
            }
            Self::Value { .. } => "correct the value, or remove it to leave it to ssh_config",
            Self::Template { .. } => "write the value itself, or a plain reference such as {{ other_variable }}",
            Self::Connection { .. } => "supported are ssh, smart and local",
            Self::Method { .. } => "supported are sudo, su and doas",
        }
    }
}
