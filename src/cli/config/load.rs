//! Where the configuration comes from, and the merge of it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::file::{self, Trust};
use super::key::KEYS;
use super::{Config, Origin};
use crate::cli::CliError;
use crate::cli::inventory_args::split_sources;

/// Names a file in the place of `./opsctl.yml`.
const CONFIG_VARIABLE: &str = "OPSCTL_CONFIG";

/// Looks a variable of the environment up.
type Variable = dyn Fn(&str) -> Option<OsString>;

/// The files and variables to read.
pub struct Sources {
    /// Files, the weakest first.
    pub files: Vec<(PathBuf, Trust)>,
    /// The variables; an empty one counts as unset.
    pub variable: Box<Variable>,
}

impl Sources {
    /// Those of this process.
    pub fn of_process() -> Self {
        Self::new(|name| std::env::var_os(name), Path::new("/etc"))
    }

    /// Those that an environment names; `system` stands for `/etc`.
    pub fn new(variable: impl Fn(&str) -> Option<OsString> + 'static, system: &Path) -> Self {
        let variable = move |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut files = vec![(system.join("opsctl/config.yml"), Trust::Found)];
        files.extend(user_directory(&variable).map(|dir| (dir.join("opsctl/config.yml"), Trust::Found)));
        files.push(match variable(CONFIG_VARIABLE) {
            Some(path) => (PathBuf::from(path), Trust::Named),
            None => (PathBuf::from("opsctl.yml"), Trust::Found),
        });
        Self { files, variable: Box::new(variable) }
    }
}

/// `$XDG_CONFIG_HOME`, which by its specification counts only when absolute, else `~/.config`.
fn user_directory(variable: &impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")))
}

/// Merges what the sources say, key by key.
pub fn load(sources: &Sources) -> Result<Config, CliError> {
    let mut config = Config::default();
    for (path, trust) in &sources.files {
        for setting in file::read(path, *trust)?.unwrap_or_default() {
            (setting.key.set)(&mut config, &setting.values).ok_or(setting.wrong)?;
            config.origins.insert(setting.key.name, Origin::File(setting.place));
        }
    }
    for key in KEYS {
        let Some(value) = (sources.variable)(key.variable) else { continue };
        let values = value.to_str().map(|value| if key.list { split_sources(value) } else { vec![value.to_owned()] });
        values.and_then(|values| (key.set)(&mut config, &values)).ok_or_else(|| {
            CliError::usage(anyhow!("{} must be {}, not `{}`", key.variable, key.expected, value.display()))
        })?;
        config.origins.insert(key.name, Origin::Variable(key.variable));
    }
    config.journal.dir = config.journal.dir.map(expand_home);
    Ok(config)
}

fn expand_home(path: PathBuf) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}
