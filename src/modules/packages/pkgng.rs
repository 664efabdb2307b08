//! What pkg says, and annotations of packages.

use crate::modules::ModuleError;
use crate::modules::clients::Clients;

/// What is to be done with an annotation of packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// `+` adds, `-` takes away, `:` alters.
    pub operation: char,
    /// Its name.
    pub tag: String,
    /// Its value.
    pub value: Option<String>,
}

/// A command that makes an annotation as wanted: its words, and what pkg is given to read.
pub type Command = (Vec<String>, Option<String>);

impl Annotation {
    /// Reads `+tag=value`, `-tag`, `:tag=value`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let operation = text.chars().next().filter(|first| matches!(first, '+' | '-' | ':'))?;
        let (tag, value) = match text[1..].split_once('=') {
            Some((tag, value)) => (tag, Some(value.to_owned()).filter(|value| !value.is_empty())),
            None => (&text[1..], None),
        };
        (!tag.is_empty()).then(|| Self { operation, tag: tag.to_owned(), value })
    }

    /// What a package needs for it, given what `pkg info -A` says of it; none when it is as wanted.
    ///
    /// # Errors
    /// When it has another value that may not be altered, or none that may.
    pub fn command(&self, package: &str, said: &str) -> Result<Option<Command>, ModuleError> {
        let found = self.value_in(said);
        let value = self.value.as_deref().unwrap_or_default();
        let command = |flag: &str, given: bool| {
            let words = ["annotate", "-y", flag, package, &self.tag].map(str::to_owned).to_vec();
            Ok(Some((words, given.then(|| value.to_owned()))))
        };
        match (self.operation, found) {
            ('+', None) => command("-A", true),
            ('+', Some(found)) if found != value => Err(ModuleError::new(format!(
                "failed to annotate {package}, because {} is already set to {found}, but should be set to {value}",
                self.tag
            ))),
            ('-', Some(_)) => command("-D", false),
            (':', None) => Err(ModuleError::new(format!(
                "could not change annotation to {package}: tag {} does not exist",
                self.tag
            ))),
            (':', Some(found)) if found != value => command("-M", true),
            _ => Ok(None),
        }
    }

    /// The value that stands in `TAG : VALUE`, as far as letters and digits go.
    fn value_in(&self, said: &str) -> Option<String> {
        let value = |line: &str| {
            let rest = line.trim_start().strip_prefix(self.tag.as_str())?.trim_start().strip_prefix(':')?.trim_start();
            let end = rest.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(rest.len());
            (end > 0).then(|| rest[..end].to_owned())
        };
        said.lines().find_map(value)
    }
}

/// How many packages `pkg upgrade` says it upgrades or installs anew.
#[must_use]
pub fn upgraded(text: &str) -> u64 {
    let count = |line: &str| {
        let rest = line.strip_prefix("Number of packages to be ")?;
        let rest = rest.strip_prefix("upgraded: ").or_else(|| rest.strip_prefix("reinstalled: "))?;
        rest.trim().parse::<u64>().ok()
    };
    text.lines().filter_map(count).sum()
}

/// How many packages `pkg autoremove` says it removes.
#[must_use]
pub fn autoremoved(text: &str) -> u64 {
    let start = "Deinstallation has been requested for the following ";
    text.lines().find_map(|line| line.strip_prefix(start)?.split(' ').next()?.parse().ok()).unwrap_or_default()
}

/// Whether pkg is older than a version.
#[must_use]
pub fn is_older(clients: &Clients, than: [u64; 3]) -> bool {
    let text = clients.text("version");
    let found: Vec<u64> = text.trim().split(['.', '_']).map(|part| part.parse().unwrap_or_default()).collect();
    found.as_slice() < than.as_slice()
}
