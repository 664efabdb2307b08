//! What package modules share: names with versions, patterns, and the reading of package tools.
//!
//! Pure: texts in, values out.

pub mod alternatives;
pub mod apt;
pub mod apt_keys;
pub mod apt_plan;
pub mod apt_sources;
pub mod apt_spec;
pub mod apt_task;
pub mod brew;
pub mod client;
pub mod deb822;
pub mod dnf;
pub mod glob;
pub mod installed;
pub mod pkgng;
pub mod python;
pub mod repo_file;
pub mod version;
pub mod zypper;
