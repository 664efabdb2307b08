//! The files of a role: `main` in several spellings, or what was asked for in its place.

use std::path::{Path, PathBuf};

/// How the name of a file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    None,
    Yml,
    Yaml,
    Json,
}

impl Extension {
    fn text(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Yml => ".yml",
            Self::Yaml => ".yaml",
            Self::Json => ".json",
        }
    }
}

const MAIN: &[Extension] = &[Extension::Yml, Extension::Yaml, Extension::Json, Extension::None];
const NAMED: &[Extension] = &[Extension::None, Extension::Yml, Extension::Yaml, Extension::Json];

/// The file of tasks, handlers or meta: `main`, or the one asked for.
pub fn one(directory: &Path, from: Option<&str>) -> Option<PathBuf> {
    candidates(directory, from).into_iter().find(|path| path.is_file())
}

/// A file of a name with one of some endings.
pub fn named(directory: &Path, name: &str, extensions: &[Extension]) -> Option<PathBuf> {
    extensions.iter().map(|ending| directory.join(format!("{name}{}", ending.text()))).find(|path| path.is_file())
}

/// The files of variables: one, or all in a directory of that name. None when one was asked for and there is none.
pub fn vars(directory: &Path, from: Option<&str>) -> Option<Vec<PathBuf>> {
    match candidates(directory, from).into_iter().find(|path| path.exists()) {
        Some(path) if path.is_dir() => {
            let mut files = Vec::new();
            collect(&path, &mut files);
            Some(files)
        }
        Some(path) => Some(vec![path]),
        None if from.is_none() => Some(Vec::new()),
        None => None,
    }
}

fn candidates(directory: &Path, from: Option<&str>) -> Vec<PathBuf> {
    let (name, endings) = from.map_or(("main", MAIN), |name| (name, NAMED));
    endings.iter().map(|ending| directory.join(format!("{name}{}", ending.text()))).collect()
}

/// All files of variables below a directory, in the order of their names; hidden ones and copies are left out.
fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok().and_then(|entry| entry.file_name().into_string().ok())).collect();
    names.sort_unstable();
    for name in names {
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let path = directory.join(&name);
        let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned());
        match ending.as_deref() {
            None if path.is_dir() => collect(&path, files),
            None | Some("yml" | "yaml" | "json") if path.is_file() => files.push(path),
            _ => {}
        }
    }
}
