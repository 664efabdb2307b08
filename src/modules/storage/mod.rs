//! Disks and what is on them.
//!
//! Pure: texts in, values out.

pub mod disk;
pub mod filesystem;
pub mod volume_size;
