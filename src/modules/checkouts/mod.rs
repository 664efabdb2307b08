//! What the modules about checkouts of sources plan with.
//!
//! Pure: what hosts said in, words of commands out.

pub mod git;
