//! Disks and what is on them.
//!
//! Pure: texts in, values out.

pub mod filesystem;
