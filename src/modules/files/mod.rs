//! What the modules about files share: looking at paths, attributes, writing, differences.

pub mod arguments;
pub mod attributes;
pub mod authorized_keys;
pub mod copy;
pub mod describe;
pub mod diff;
pub mod edit;
pub mod fstab;
pub mod glob;
pub mod ini;
pub mod interfaces;
pub mod known_hosts;
pub mod look;
pub mod mode;
pub mod paths;
pub mod regex;
pub mod search;
pub mod set;
pub mod split;
pub mod write;

pub(crate) use arguments::file_arguments;
pub use attributes::{Attributes, Fix};
pub use look::{Look, LookCall, PathState, Stat};
pub use write::{Write, changed_by};
