//! Where files of tasks and directories of roles are looked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Parent;
use super::reader::Section;

/// Joins paths; `.` before a name is left out, as a user would.
pub fn join(directory: &Path, name: impl AsRef<Path>) -> PathBuf {
    let name = name.as_ref();
    let home = name.strip_prefix("~").ok().and_then(|rest| std::env::home_dir().map(|home| home.join(rest)));
    match home {
        Some(path) => path,
        None if directory == Path::new(".") => name.to_owned(),
        None => directory.join(name),
    }
}

/// The places where a file of tasks may stand: beside the file that names it, then where that one's importers stand,
/// then in the role, then beside the playbook.
pub fn task_files(parent: &Arc<Parent>, playbook: &Path, name: &str, section: Section) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = Vec::new();
    let mut add = |place: PathBuf| {
        if !places.contains(&place) {
            places.push(place);
        }
    };
    for level in parent.levels() {
        if let Some(directory) = &level.directory {
            add(join(directory, name));
        }
        let role = level.role.as_ref().and(level.directory.as_deref()).and_then(Path::parent);
        if let Some(root) = role {
            add(root.join(section.directory()).join(name));
            add(root.join("tasks").join(name));
            add(root.join(name));
            break;
        }
    }
    add(join(playbook, name));
    add(join(&join(playbook, section.directory()), name));
    places
}

/// A hint: where was looked.
pub fn looked(places: &[PathBuf]) -> String {
    let places: Vec<_> = places.iter().map(|place| place.to_string_lossy()).collect();
    format!("looked for: {}", places.join(", "))
}

/// Where roles are looked for.
pub struct RolePlaces<'a> {
    /// The playbook's directory.
    pub playbook: &'a Path,
    /// `roles_path`.
    pub roles_path: &'a [PathBuf],
    /// `collections_path`.
    pub collections_path: &'a [PathBuf],
    /// The role that depends on it, if one does.
    pub dependent: Option<&'a Path>,
    /// `collections`: searched for short names.
    pub collections: &'a [String],
}

/// A role that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRole {
    /// Its directory.
    pub directory: PathBuf,
    /// Its collection.
    pub collection: Option<String>,
    /// Its name.
    pub name: String,
}

/// Finds a role.
///
/// # Errors
/// When there is none: the places that were looked at.
pub fn role(name: &str, places: &RolePlaces<'_>) -> Result<FoundRole, Vec<PathBuf>> {
    let mut looked = Vec::new();
    if let Some(found) = collection_role(name, places, &mut looked) {
        return Ok(found);
    }
    let mut roots = vec![join(places.playbook, "roles")];
    roots.extend(places.roles_path.iter().cloned());
    roots.extend(places.dependent.and_then(Path::parent).map(Path::to_path_buf));
    roots.push(places.playbook.to_owned());
    let directories = roots.iter().map(|root| join(root, name)).chain([PathBuf::from(name)]);
    for directory in directories {
        if directory.is_dir() {
            // A path names the role by its last part, unless it stands where roles do.
            let base = Path::new(name).file_name().map(|base| base.to_string_lossy().into_owned());
            let name =
                if Path::new(name).is_absolute() { base.unwrap_or_else(|| name.to_owned()) } else { name.to_owned() };
            return Ok(FoundRole { directory, collection: None, name });
        }
        if !looked.contains(&directory) {
            looked.push(directory);
        }
    }
    Err(looked)
}

fn collection_role(name: &str, places: &RolePlaces<'_>, looked: &mut Vec<PathBuf>) -> Option<FoundRole> {
    let parts: Vec<&str> = name.split('.').collect();
    let is_word = |part: &&str| super::known::is_variable(part);
    let named = match parts.as_slice() {
        [namespace, collection, role] if parts.iter().all(is_word) => {
            vec![(format!("{namespace}.{collection}"), *role)]
        }
        _ => places.collections.iter().map(|collection| (collection.clone(), name)).collect(),
    };
    let adjacent = join(places.playbook, "collections");
    for (collection, role) in named {
        let (namespace, short) = collection.split_once('.')?;
        for root in std::iter::once(&adjacent).chain(places.collections_path) {
            let root =
                if root.ends_with("ansible_collections") { root.clone() } else { root.join("ansible_collections") };
            let directory = root.join(namespace).join(short).join("roles").join(role);
            if directory.is_dir() {
                return Some(FoundRole { directory, collection: Some(collection.clone()), name: role.to_owned() });
            }
            looked.push(directory);
        }
    }
    None
}
