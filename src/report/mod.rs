//! Journals to values to show.
//!
//! Reads files and returns values and text without colour; writes to no terminal and knows no inventory.

mod filter;
mod overview;
mod replay;
mod row;
mod when;

pub use filter::RunFilter;
pub use overview::{Overview, Problem};
pub use replay::replay;
pub use row::{RunRow, short_ids};
pub use when::{Edge, FORMS, NotATime, age, instant};
