//! `group_vars/` and `host_vars/` beside the sources and beside the playbook.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{self, Files};
use super::vars::Adjacent;
use super::vaulted::{self, Content, Opener};
use super::{Inventory, InventoryError, Source, Var, Vars};
use crate::yaml::{self, Diagnostic};

/// Endings of variables files, in the order in which they are looked for.
const ENDINGS: [&str; 4] = ["", ".yml", ".yaml", ".json"];

/// Where to look.
pub struct Roots {
    /// Directories of the sources, in their order.
    pub sources: Vec<PathBuf>,
    /// The playbook's directory.
    pub play: Option<PathBuf>,
}

/// Reads the files of all groups and hosts of `inventory` into it.
pub fn add(inventory: &mut Inventory, roots: &Roots, mut reader: Reader<'_, '_>) -> Result<(), InventoryError> {
    let sources = without_repeats(&roots.sources);
    for (place, root) in sources.iter().enumerate() {
        reader.root(inventory, root, Some(place))?;
    }
    if let Some(root) = &roots.play {
        reader.root(inventory, root, None)?;
    }
    Ok(())
}

/// Of directories named twice only the last stays: what it sets wins anyway.
fn without_repeats(roots: &[PathBuf]) -> Vec<&PathBuf> {
    let mut seen = HashSet::new();
    let real = |root: &PathBuf| root.canonicalize().unwrap_or_else(|_| root.clone());
    let mut kept: Vec<&PathBuf> = roots.iter().rev().filter(|root| seen.insert(real(root))).collect();
    kept.reverse();
    kept
}

/// Reads the files, and what it learns on the way.
pub struct Reader<'a, 'v> {
    /// The files read.
    pub files: &'a mut Files,
    /// What the user should know.
    pub warnings: &'a mut Vec<String>,
    /// Opens encrypted files.
    pub opener: &'a mut Opener<'v>,
}

impl Reader<'_, '_> {
    fn root(&mut self, inventory: &mut Inventory, root: &Path, place: Option<usize>) -> Result<(), InventoryError> {
        if let Some(directory) = self.directory(root.join("group_vars"))? {
            for group in inventory.groups.values_mut() {
                let vars = self.vars(&directory, &group.name)?;
                put(&mut group.adjacent, place, vars);
            }
            for name in directory.stems().filter(|name| !inventory.groups.contains_key(*name)) {
                self.spare(&directory, name, place, &mut inventory.spare.groups);
            }
        }
        if let Some(directory) = self.directory(root.join("host_vars"))? {
            for host in inventory.hosts.values_mut().chain(inventory.implicit.values_mut()) {
                let vars = self.vars(&directory, &host.name)?;
                put(&mut host.adjacent, place, vars);
            }
            let known = |name: &str| inventory.hosts.contains_key(name) || inventory.implicit.contains_key(name);
            for name in directory.stems().filter(|name| !known(name)) {
                self.spare(&directory, name, place, &mut inventory.spare.hosts);
            }
        }
        Ok(())
    }

    /// Reads what holds for a group or host that tasks may add. Nobody may ever do so: what cannot be read is left out.
    fn spare(
        &mut self,
        directory: &Directory,
        name: &str,
        place: Option<usize>,
        all: &mut HashMap<Arc<str>, Adjacent>,
    ) {
        let known = self.warnings.len();
        if let Ok(vars) = self.vars(directory, name) {
            put(all.entry(name.into()).or_default(), place, vars);
        }
        self.warnings.truncate(known);
    }

    /// Lists the directory once, rather than asking for four names a host.
    fn directory(&mut self, path: PathBuf) -> Result<Option<Directory>, InventoryError> {
        if path.exists() && !path.is_dir() {
            self.warnings.push(format!("{}: is not a directory and is left out", path.display()));
            return Ok(None);
        }
        if !path.is_dir() {
            return Ok(None);
        }
        let names = list(&path)?.into_iter().collect();
        Ok(Some(Directory { path, names }))
    }

    fn vars(&mut self, directory: &Directory, name: &str) -> Result<Vars, InventoryError> {
        let mut found = ENDINGS.iter().map(|ending| format!("{name}{ending}")).filter(|name| directory.holds(name));
        let Some(first) = found.next() else { return Ok(Vars::new()) };
        let first = directory.path.join(first);
        for shadowed in found {
            let shadowed = directory.path.join(shadowed);
            self.warnings.push(format!(
                "{}: is left out, since {} stands beside it",
                shadowed.display(),
                first.display()
            ));
        }
        let mut paths = Vec::new();
        if first.is_dir() {
            collect(&first, &mut paths)?;
        } else {
            paths.push(first);
        }
        let mut vars = Vars::new();
        for path in paths {
            vars.extend(self.file(&path)?);
        }
        Ok(vars)
    }

    fn file(&mut self, path: &Path) -> Result<Vars, InventoryError> {
        let name: Arc<str> = Arc::from(path.display().to_string());
        let text = files::text(&name, self.files.bytes(path)?)?;
        let (text, is_secret) = match self.opener.open(&name, text)? {
            Content::Plain(text) => (text, false),
            Content::Opened(text) => (text, true),
            Content::Closed => {
                self.warnings.push(format!(
                    "{name}: is encrypted with Ansible Vault, and no vault password was given; its variables are missing"
                ));
                return Ok(Vars::new());
            }
        };
        let (vars, warnings) = parsed(&name, &text).map_err(|error| vaulted::about(is_secret, error))?;
        if is_secret {
            self.opener.note(&vars);
        }
        let warnings = warnings.into_iter().map(|warning| vaulted::about(is_secret, warning));
        self.warnings.extend(warnings.map(|warning| warning.to_string()));
        Ok(vars)
    }
}

/// The variables of a file, and what is odd about it.
fn parsed(name: &Arc<str>, text: &str) -> Result<(Vars, Vec<Diagnostic>), Diagnostic> {
    let document = yaml::parse(name, text)?;
    let Some(root) = document.root.filter(|root| !root.is_falsy()) else { return Ok((Vars::new(), document.warnings)) };
    let Some(mapping) = root.as_mapping() else {
        let message = format!("variables must be a mapping, found {}", root.type_name());
        return Err(Diagnostic::at(name, text, root.span, message).hint("write `name: value`"));
    };
    let source = |line| Source { file: Arc::clone(name), line: Some(line) };
    let entry = |(key, value): &(yaml::Node, yaml::Node)| {
        (Arc::from(key.to_key()), Var { value: value.to_value(), source: source(key.span.line) })
    };
    Ok((mapping.entries.iter().map(entry).collect(), document.warnings))
}

struct Directory {
    path: PathBuf,
    names: HashSet<String>,
}

impl Directory {
    /// What its entries are for.
    fn stems(&self) -> impl Iterator<Item = &str> {
        let endings = &ENDINGS[1..];
        self.names
            .iter()
            .filter(|name| !name.starts_with('.'))
            .map(move |name| endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name))
    }

    fn holds(&self, name: &str) -> bool {
        // A name with a slash leads below the directory, as in Ansible; never out of it.
        let below = name.contains('/') && !name.starts_with('/') && !name.split('/').any(|part| part == "..");
        self.names.contains(name) || (below && self.path.join(name).exists())
    }
}

fn put(adjacent: &mut Adjacent, place: Option<usize>, vars: Vars) {
    if vars.is_empty() {
        return;
    }
    match place {
        None => adjacent.play = vars,
        Some(place) => {
            adjacent.sources.resize_with(place + 1, Vars::new);
            adjacent.sources[place] = vars;
        }
    }
}

/// All variables files below a directory, in the order of their names.
fn collect(directory: &Path, paths: &mut Vec<PathBuf>) -> Result<(), InventoryError> {
    let mut names = list(directory)?;
    names.sort_unstable();
    for name in names {
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let path = directory.join(&name);
        let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
        if path.is_dir() && ending.is_empty() {
            collect(&path, paths)?;
        } else if path.is_file() && ENDINGS.contains(&ending.as_str()) {
            paths.push(path);
        }
    }
    Ok(())
}

/// The names in a directory; one that is not UTF-8 cannot be a group or a host.
fn list(directory: &Path) -> Result<Vec<String>, InventoryError> {
    let unreadable = |source| InventoryError::Unreadable { path: directory.display().to_string(), source };
    let entries = std::fs::read_dir(directory).map_err(unreadable)?;
    let names = entries.map(|entry| Ok(entry.map_err(unreadable)?.file_name().into_string().ok()));
    names.filter_map(Result::transpose).collect()
}
