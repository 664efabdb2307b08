//! One configuration file: found, trusted, read into pairs of key and value.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};

use super::key::{KEYS, Key, PATHS};
use crate::cli::CliError;
use crate::yaml::{self, Diagnostic, Mapping, Node, NodeKind, Place};

/// Most bytes of a file; any real one is far below.
const SIZE_LIMIT: u64 = 1 << 20;

/// A key that a file sets.
pub struct Setting {
    /// The key.
    pub key: &'static Key,
    /// Its value, or its values.
    pub values: Vec<String>,
    /// Where the value stands.
    pub place: Place,
    /// What to say when the value is not what is expected.
    pub wrong: Diagnostic,
}

/// Whether the directory of a file must be one that not everybody can write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The user named the file.
    Named,
    /// The file was found where it stands.
    Found,
}

/// Reads a file; none when there is none.
pub fn read(path: &Path, trust: Trust) -> Result<Option<Vec<Setting>>, CliError> {
    let unreadable = || format!("cannot read configuration {}", path.display());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if trust == Trust::Found && is_absent(&error) => return Ok(None),
        Err(error) => return Err(CliError::usage(anyhow!(error).context(unreadable()))),
    };
    let metadata = file.metadata().with_context(unreadable).map_err(CliError::usage)?;
    refuse_untrusted(path, &metadata, trust)?;
    let mut text = String::new();
    file.take(SIZE_LIMIT + 1).read_to_string(&mut text).with_context(unreadable).map_err(CliError::usage)?;
    let name: Arc<str> = path.to_string_lossy().into();
    if text.len() as u64 > SIZE_LIMIT {
        return Err(Diagnostic::file(&name, "a configuration of more than 1 MiB is refused").into());
    }
    Ok(Some(Reader { name, text: &text, directory: directory_of(path) }.settings()?))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Anybody could have put such a file there, and a configuration names programs that run (executable inventories).
fn refuse_untrusted(path: &Path, file: &Metadata, trust: Trust) -> Result<(), CliError> {
    let writable = |metadata: &Metadata| metadata.permissions().mode() & 0o002 != 0;
    if file.is_file() && writable(file) {
        let error = anyhow!("configuration {} is refused: everybody can write to it", path.display());
        return Err(CliError::usage(error).hint(format!("chmod o-w {}", path.display())));
    }
    let directory = directory_of(path);
    let metadata = directory.metadata().with_context(|| format!("cannot look at {}", directory.display()));
    if trust == Trust::Named || !writable(&metadata.map_err(CliError::usage)?) {
        return Ok(());
    }
    let place = directory.canonicalize().unwrap_or(directory);
    let error = anyhow!(
        "configuration {} is refused: everybody can write to its directory {}",
        path.display(),
        place.display()
    );
    let hint = format!("chmod o-w {}, or name the file: OPSCTL_CONFIG={}", place.display(), path.display());
    Err(CliError::usage(error).hint(hint))
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

struct Reader<'a> {
    name: Arc<str>,
    text: &'a str,
    directory: PathBuf,
}

impl Reader<'_> {
    fn settings(&self) -> Result<Vec<Setting>, Diagnostic> {
        let document = yaml::parse(&self.name, self.text)?;
        if let Some(duplicate) = document.warnings.into_iter().next() {
            return Err(duplicate);
        }
        let Some(root) = document.root else { return Ok(Vec::new()) };
        let mut settings = Vec::new();
        match &root.kind {
            NodeKind::Null => {}
            NodeKind::Mapping(mapping) => self.section("", mapping, &mut settings)?,
            _ => return Err(self.wrong(&root, format!("a configuration is a mapping, not {}", root.type_name()))),
        }
        Ok(settings)
    }

    fn section(&self, prefix: &str, mapping: &Mapping, settings: &mut Vec<Setting>) -> Result<(), Diagnostic> {
        for (name_node, value) in &mapping.entries {
            let name = format!("{prefix}{}", name_node.to_key());
            let section = format!("{name}.");
            match (KEYS.iter().find(|key| key.name == name), &value.kind) {
                (Some(key), _) => settings.push(self.setting(key, value)?),
                (None, NodeKind::Mapping(inner)) if is_section(&section) => self.section(&section, inner, settings)?,
                (None, _) if is_section(&section) => {
                    return Err(self.wrong(value, format!("`{name}` must be a mapping, not {}", value.type_name())));
                }
                (None, _) => return Err(self.unknown(name_node, prefix, &name)),
            }
        }
        Ok(())
    }

    fn setting(&self, key: &'static Key, value: &Node) -> Result<Setting, Diagnostic> {
        let wrong = self.wrong(value, format!("`{}` must be {}", key.name, key.expected));
        let mut values = match &value.kind {
            NodeKind::Sequence(items) if key.list => items.iter().map(scalar).collect::<Option<Vec<_>>>(),
            _ => scalar(value).map(|value| vec![value]),
        }
        .ok_or_else(|| wrong.clone())?;
        if PATHS.contains(&key.name) {
            values = values.into_iter().map(|path| self.relative_to_file(path)).collect();
        }
        let place = Place { path: Arc::clone(&self.name), span: Some(value.span) };
        Ok(Setting { key, values, place, wrong })
    }

    /// A path is relative to the file that names it; a list of host names (`a,b,`) is no path.
    fn relative_to_file(&self, path: String) -> String {
        let is_current = self.directory == Path::new(".");
        if is_current || path.is_empty() || path.starts_with(['/', '~']) || path.ends_with(',') {
            return path;
        }
        self.directory.join(path).to_string_lossy().into_owned()
    }

    fn unknown(&self, node: &Node, prefix: &str, name: &str) -> Diagnostic {
        let diagnostic = self.wrong(node, format!("unknown key `{name}`"));
        let similarity = |key: &&Key| strsim::jaro_winkler(last_part(name), last_part(key.name));
        let nearest = KEYS.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
        match nearest {
            Some(key) if similarity(&key) > 0.75 => diagnostic.hint(format!("did you mean `{}`?", key.name)),
            _ => {
                let names = KEYS.iter().filter_map(|key| key.name.strip_prefix(prefix));
                diagnostic.hint(format!("known keys: {}", names.collect::<Vec<_>>().join(", ")))
            }
        }
    }

    fn wrong(&self, node: &Node, message: String) -> Diagnostic {
        Diagnostic::at(&self.name, self.text, node.span, message)
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn is_section(prefix: &str) -> bool {
    KEYS.iter().any(|key| key.name.starts_with(prefix))
}

fn scalar(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::String(text) if node.tag.is_none() => Some(text.to_string()),
        NodeKind::Number(number) => Some(number.to_string()),
        NodeKind::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
