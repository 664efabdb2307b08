//! What: playbooks, plays, blocks, tasks and roles, read from YAML with their places.
//!
//! Everything static is resolved here: `import_*`, roles of plays, their dependencies, keywords' types, modules and
//! their arguments. What is not supported is refused with its place and the nearest supported name. What depends on
//! variables (`include_*`) is loaded by the same [`Loader`] while the run goes on.
//!
//! Pure but for reading files: opens no connections, runs no templates but those of static imports.

mod arguments;
mod ast;
mod census;
mod check;
mod draft;
mod entries;
mod follow;
mod import;
mod keyword;
mod keywords;
mod known;
mod loader;
mod near;
mod play;
mod plays;
mod reader;
mod role;
mod role_entry;
mod role_files;
mod scope;
mod search;
mod source;
mod tags;
mod template_files;
mod templates;
mod words;

#[cfg(test)]
mod tests;

pub use ast::{
    Action, Arguments, Block, Entry, Handler, Include, IncludeKind, Loop, LoopControl, LoopSource, Parent, Play,
    Playbook, Prompt, Role, Task,
};
pub use census::{Census, Counted};
pub use keywords::Keywords;
pub use loader::{IncludedRole, Inclusion, LoadOptions, LoadedRole, Loader};
pub use tags::TagFilter;
pub use template_files::search_path;
pub use words::Unbalanced;

/// Reads `k=v` words as Ansible does, quotes and templates kept together.
///
/// # Errors
/// When a quote or a template is not closed.
pub fn key_values(text: &str) -> Result<Vec<(String, String)>, Unbalanced> {
    words::parse(text, words::Names::All).map(|words| words.named)
}
