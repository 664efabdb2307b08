//! Finds the files that an `Include` names, as glob(3) does.

use std::fs;
use std::path::{Path, PathBuf};

use super::pattern::matches;

/// The paths that an absolute pattern names, in glob(3)'s order; none for a pattern that has more than `*` and `?`.
///
/// A path that cannot be looked at names nothing.
pub(super) fn glob(pattern: &str) -> Option<Vec<PathBuf>> {
    if pattern.contains(['[', '\\', '{']) {
        return None;
    }
    let mut paths = vec![PathBuf::from("/")];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        if part.contains(['*', '?']) {
            paths = paths.iter().flat_map(|directory| entries(directory, part)).collect();
        } else {
            for path in &mut paths {
                path.push(part);
            }
        }
    }
    paths.retain(|path| path.symlink_metadata().is_ok());
    // As bytes: the order of `Path` is that of its parts.
    paths.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    Some(paths)
}

fn entries(directory: &Path, pattern: &str) -> Vec<PathBuf> {
    let names = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let hidden = pattern.starts_with('.');
    let fits = |name: &std::ffi::OsString| {
        let name = name.to_string_lossy();
        name.starts_with('.') == hidden && matches(&name, pattern)
    };
    names.filter(fits).map(|name| directory.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_str().unwrap().to_owned();
        for name in ["b.conf", "a.conf", ".c.conf", "d.txt", "sub/e.conf", "sub-b/e.conf"] {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        for (pattern, expected) in [
            ("*.conf", vec!["a.conf", "b.conf"]),
            ("?.txt", vec!["d.txt"]),
            ("*/e.conf", vec!["sub-b/e.conf", "sub/e.conf"]),
            ("a.conf", vec!["a.conf"]),
            ("none", vec![]),
            (".*.conf", vec![".c.conf"]),
        ] {
            let expected: Vec<_> = expected.iter().map(|name| directory.path().join(name)).collect();
            assert_eq!(glob(&format!("{root}/{pattern}")).unwrap(), expected, "{pattern}");
        }
        assert_eq!(glob("/etc/[a]"), None);
    }
}
