//! What the modules of Homebrew share: names, how brew is called, what it says.

use serde_json::Value as Json;

use crate::modules::{Answer, Argument, ModuleError, ScriptCall, actions};

/// Where brew is looked for unless told.
pub const PATHS: &str = "/usr/local/bin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin";
/// The directories to look in.
pub const PATH: Argument = Argument::text("path", "Directories to look in for `brew`, between colons.");
/// Options of installing.
pub const INSTALL_OPTIONS: Argument =
    Argument::list("install_options", "Options of the command, without their `--`.").aliases(&["options"]);

/// Packages of brew: which are there, which are old.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Those that are there, as the task names them.
    pub installed: Vec<String>,
    /// Those that are old.
    pub outdated: Vec<String>,
}

impl Known {
    /// Reads what `brew info --json=v2` says of the names.
    ///
    /// # Errors
    /// When it says something else, or a package has none or more than one of the names.
    pub fn read(answer: &Answer, names: &[String]) -> Result<Self, ModuleError> {
        if answer.rc != 0 {
            let errors = answer.errors();
            return Err(ModuleError::new(match errors.trim() {
                "" => format!("Unknown failure with exit code {}", answer.rc),
                said => said.to_owned(),
            }));
        }
        let data: Json = serde_json::from_slice(&answer.stdout)
            .map_err(|error| ModuleError::new(format!("brew info makes no sense: {error}")))?;
        let mut known = Self::default();
        for (kind, short, full) in [("formulae", "name", "full_name"), ("casks", "token", "full_token")] {
            for package in data[kind].as_array().into_iter().flatten() {
                let name = name(package, (short, full), names)?;
                if is_set(&package["installed"]) {
                    known.installed.push(name.clone());
                }
                if is_set(&package["outdated"]) {
                    known.outdated.push(name);
                }
            }
        }
        Ok(known)
    }
}

/// The task's name of a package.
fn name(package: &Json, (short, full): (&str, &str), names: &[String]) -> Result<String, ModuleError> {
    let mut own: Vec<String> =
        [short, full].iter().filter_map(|field| package[*field].as_str()).map(str::to_owned).collect();
    for field in ["aliases", "oldnames", "old_tokens"] {
        own.extend(package[field].as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned));
    }
    if let Some(tap) = package["tap"].as_str() {
        own.extend(own.clone().iter().map(|name| format!("{tap}/{name}")));
    }
    let mut found: Vec<&String> = names.iter().filter(|name| own.contains(name)).collect();
    found.sort();
    found.dedup();
    if let [name] = found[..] {
        return Ok(name.clone());
    }
    let name = package[short].as_str().unwrap_or_default();
    let found = found.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    Err(ModuleError::new(format!("Package names for {name} are missing or ambiguous: {found}")))
}

fn is_set(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => false,
        Json::Array(items) => !items.is_empty(),
        Json::String(text) => !text.is_empty(),
        _ => true,
    }
}

/// Whether a name has only characters that names have.
#[must_use]
pub fn is_name(name: &str, further: &str) -> bool {
    name.chars().all(|char| char.is_alphanumeric() || "_./+-@".contains(char) || further.contains(char))
}

/// `s` for more than one.
#[must_use]
pub fn plural(names: &[String]) -> &'static str {
    if names.len() > 1 { "s" } else { "" }
}

/// Options with their `--`.
#[must_use]
pub fn options(texts: &[String]) -> Vec<String> {
    texts.iter().map(|option| format!("--{option}")).collect()
}

/// The call of brew; it may update itself before.
pub fn call(paths: &str, updates: bool, words: impl IntoIterator<Item = String>) -> ScriptCall {
    let fixed = [paths, if updates { "yes" } else { "no" }].map(str::to_owned);
    ScriptCall::new(actions::BREW, fixed.into_iter().chain(words))
}

/// Checks that brew ended well.
///
/// # Errors
/// With what it said on standard error.
pub fn accept(answer: Option<&Answer>) -> Result<(), ModuleError> {
    match answer {
        Some(answer) if answer.rc != 0 => Err(ModuleError::new(answer.errors().trim())),
        _ => Ok(()),
    }
}
