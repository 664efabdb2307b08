//! Events and values to terminal, JSON, tables and files. The only writer to a terminal besides `cli`.

mod message;
mod sanitize;
mod style;
mod table;

pub use message::{error, hint, warn};
pub use sanitize::{sanitize, sanitize_line};
pub use style::{Color, Palette, Terminal};
pub use table::Table;
