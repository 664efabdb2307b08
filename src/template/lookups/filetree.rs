//! `filetree`: everything below directories of the controller, with what it is.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::files::local;
use super::options::{named, only, texts};
use crate::template::{Arguments, Calls, Dict, TemplateError, Value};

/// Most entries below one directory; any real one is far below.
const LIMIT: usize = 1_000_000;

/// A directory that is looked through.
struct Tree<'a> {
    calls: &'a mut dyn Calls,
    root: PathBuf,
    exclude: Option<Value>,
    found: Vec<Value>,
    /// What was found before, of other directories too: only the first of a name counts.
    names: Vec<String>,
}

pub fn filetree(calls: &mut dyn Calls, arguments: Arguments) -> Result<Vec<Value>, TemplateError> {
    only(&arguments, "filetree", &["exclude"])?;
    let exclude = named(&arguments, "exclude").filter(|value| value.is_true()).cloned();
    let (mut found, mut names) = (Vec::new(), Vec::new());
    for term in texts(&arguments.positional)? {
        let root = root(calls, &term);
        let mut tree = Tree { calls: &mut *calls, root: root.clone(), exclude: exclude.clone(), found, names };
        tree.walk(&root)?;
        (found, names) = (tree.found, tree.names);
    }
    Ok(found)
}

/// The directory that a term names, looked for as files are.
fn root(calls: &dyn Calls, term: &str) -> PathBuf {
    let name = super::files::expand_home(term.trim_end_matches('/'));
    let search = calls.templar().search();
    search.find("files", &name).unwrap_or_else(|| search.playbook.join(&name))
}

impl Tree<'_> {
    /// Notes what a directory holds, its directories first, then looks through these.
    fn walk(&mut self, directory: &Path) -> Result<(), TemplateError> {
        let Ok(entries) = std::fs::read_dir(directory) else { return Ok(()) };
        let (mut directories, mut files) = (Vec::new(), Vec::new());
        for entry in entries.flatten() {
            let path = entry.path();
            if self.is_excluded(&entry.file_name().to_string_lossy())? {
                continue;
            }
            // As Python's walk has it: a link to a directory is listed as one, and not followed.
            if path.is_dir() { directories.push(path) } else { files.push(path) }
        }
        directories.sort_unstable();
        files.sort_unstable();
        for path in directories.iter().chain(&files) {
            self.note(path)?;
        }
        for path in directories.iter().filter(|path| !path.is_symlink()) {
            self.walk(path)?;
        }
        Ok(())
    }

    fn is_excluded(&mut self, name: &str) -> Result<bool, TemplateError> {
        let Some(pattern) = self.exclude.clone() else { return Ok(false) };
        self.calls.test("match", Value::text(name), Arguments { positional: vec![pattern], named: Vec::new() })
    }

    fn note(&mut self, path: &Path) -> Result<(), TemplateError> {
        let name = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned();
        if self.names.contains(&name) {
            return Ok(());
        }
        if self.found.len() >= LIMIT {
            return Err(local(format!("lookup `filetree`: there is too much below {}", self.root.display())));
        }
        let Ok(metadata) = path.symlink_metadata() else { return Ok(()) };
        let kind = metadata.file_type();
        let (state, src) = match () {
            () if kind.is_symlink() => ("link", std::fs::read_link(path).ok()),
            () if kind.is_dir() => ("directory", None),
            () if kind.is_file() => ("file", Some(path.to_owned())),
            () => return Ok(()),
        };
        self.found.push(properties(&self.root, &name, state, src, &metadata));
        self.names.push(name);
        Ok(())
    }
}

fn properties(root: &Path, name: &str, state: &str, src: Option<PathBuf>, metadata: &Metadata) -> Value {
    let (uid, gid) = (metadata.uid(), metadata.gid());
    let mut entries: Dict = Dict::new();
    let mut set = |name: &str, value: Value| _ = entries.insert(name.into(), value);
    set("root", Value::text(root.to_string_lossy()));
    set("path", Value::text(name));
    set("state", Value::text(state));
    if let Some(src) = src {
        set("src", Value::text(src.to_string_lossy()));
    }
    set("uid", Value::Int(uid.into()));
    set("gid", Value::Int(gid.into()));
    set("owner", account("/etc/passwd", uid));
    set("group", account("/etc/group", gid));
    set("mode", Value::text(format!("0{:03o}", metadata.mode() & 0o7777)));
    set("size", Value::Int(i64::try_from(metadata.len()).unwrap_or(i64::MAX)));
    set("mtime", Value::Float(seconds(metadata.mtime(), metadata.mtime_nsec())));
    set("ctime", Value::Float(seconds(metadata.ctime(), metadata.ctime_nsec())));
    Value::dict(entries)
}

#[expect(clippy::cast_precision_loss, reason = "as Python has times of files")]
fn seconds(seconds: i64, nanos: i64) -> f64 {
    seconds as f64 + nanos as f64 * 1e-9
}

/// The name of a user or group of the controller; its number where it has none.
fn account(file: &str, id: u32) -> Value {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let named = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| Value::text(name))
    });
    named.unwrap_or(Value::Int(id.into()))
}
