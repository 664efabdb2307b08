//! The files of playbooks: read once, decrypted where they are vaulted, parsed.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::template::{Environment, Origin, Value};
use crate::yaml::{self, Diagnostic, Node, NodeKind, Span};

/// Most bytes of a file; any real one is far below.
const SIZE_LIMIT: u64 = 32 << 20;

/// A file as read.
#[derive(Debug)]
pub struct Source {
    /// The file, as it is shown.
    pub path: Arc<str>,
    /// Its text; empty when it is vaulted, so that no message shows a line of it.
    text: String,
    /// Its value; none when it is empty.
    pub root: Option<Node>,
    /// Duplicate keys.
    pub warnings: Vec<Diagnostic>,
}

impl Source {
    /// What stands for a file where there is none.
    pub fn none(path: &Arc<str>) -> Self {
        Self { path: Arc::clone(path), text: String::new(), root: None, warnings: Vec::new() }
    }

    /// Whether the whole file was vaulted.
    pub fn is_vaulted(&self) -> bool {
        self.text.is_empty() && self.root.is_some()
    }

    /// A message about a place in the file.
    pub fn error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::at(&self.path, &self.text, span, message)
    }

    /// A message about a place in the file whose line is not shown.
    pub fn secret_error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::at(&self.path, "", span, message)
    }

    /// A message about the file as a whole.
    pub fn whole(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::file(&self.path, message)
    }

    /// The value of a node: its texts are templated when used.
    pub fn value(&self, node: &Node) -> Value {
        Value::of_node(node, &self.path)
    }

    /// Where a node stands.
    pub fn origin(&self, span: Span) -> Origin {
        Origin { file: Arc::clone(&self.path), line: span.line, column: span.column }
    }

    /// A text that stands in a node: templated when used, unless the node says otherwise.
    pub fn text(&self, node: &Node, text: &str) -> Value {
        match node.tag {
            Some(yaml::Tag::Unsafe) => Value::text(text),
            _ => Value::template(text, self.origin(node.span)),
        }
    }

    /// The directory of the file.
    pub fn directory(&self) -> PathBuf {
        directory_of(Path::new(&*self.path))
    }
}

/// The directory of a file; `.` for a bare name.
pub fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// All files that a run reads; each is read once, and again when a task of the run has changed it.
#[derive(Debug)]
pub struct Files {
    environment: Arc<Environment>,
    read: Mutex<HashMap<PathBuf, Known>>,
}

/// What is known of a file, and of which state of it.
#[derive(Clone, Debug)]
struct Known {
    stamp: Stamp,
    source: Result<Arc<Source>, Diagnostic>,
}

/// The state of a file: when it was changed, its size and its inode; none when it is not there.
type Stamp = Option<(i64, i64, u64, u64)>;

fn stamp(path: &Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.ctime(), metadata.ctime_nsec(), metadata.size(), metadata.ino()))
}

impl Files {
    /// No files yet; vaulted ones will be opened by the environment's vault, which learns what must not be shown.
    pub fn new(environment: Arc<Environment>) -> Self {
        Self { environment, read: Mutex::default() }
    }

    /// Reads a file, or answers what was read before when the file is still the same.
    pub fn read(&self, path: &Path) -> Result<Arc<Source>, Diagnostic> {
        let stamp = stamp(path);
        if let Some(known) = self.lock().get(path).filter(|known| known.stamp == stamp) {
            return known.source.clone();
        }
        let source = self.load(path).map(Arc::new);
        self.lock().insert(path.to_owned(), Known { stamp, source: source.clone() });
        source
    }

    /// Takes `text` for the content of the file, which need not exist.
    pub fn hold(&self, path: &Path, text: String) -> Result<(), Diagnostic> {
        let name: Arc<str> = path.to_string_lossy().into();
        let document = yaml::parse(&name, &text)?;
        let source = Source { path: name, text, root: document.root, warnings: document.warnings };
        self.lock().insert(path.to_owned(), Known { stamp: stamp(path), source: Ok(Arc::new(source)) });
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Known>> {
        self.read.lock().expect("nothing panics while it holds the lock")
    }

    fn load(&self, path: &Path) -> Result<Source, Diagnostic> {
        let name: Arc<str> = path.to_string_lossy().into();
        let bytes =
            bytes(path).map_err(|error| Diagnostic::file(&name, format!("cannot be read: {}", reason(&error))))?;
        if bytes.len() as u64 > SIZE_LIMIT {
            return Err(Diagnostic::file(&name, format!("is larger than {} MiB", SIZE_LIMIT >> 20)));
        }
        let text = utf8(&name, bytes)?;
        if !text.starts_with("$ANSIBLE_VAULT") {
            let document = yaml::parse(&name, &text)?;
            return Ok(Source { path: name, text, root: document.root, warnings: document.warnings });
        }
        let opened = self.environment.vault.open(&text).map_err(|error| {
            Diagnostic::file(&name, format!("cannot be decrypted: {error}"))
                .hint("name a password: --vault-password-file, --ask-vault-pass or --vault-id")
        })?;
        let plain = utf8(&name, opened)?;
        // Neither the line nor what the parser says of it may show what was encrypted.
        let document = yaml::parse(&name, &plain).map_err(|error| Diagnostic { line: None, ..error })?;
        let warnings = document.warnings.into_iter().map(|warning| Diagnostic { line: None, ..warning }).collect();
        document.root.iter().for_each(|root| self.hide(root));
        Ok(Source { path: name, text: String::new(), root: document.root, warnings })
    }

    /// Notes every text of an encrypted file as one that must appear nowhere.
    fn hide(&self, node: &Node) {
        match &node.kind {
            NodeKind::String(text) => self.environment.add_secret(text),
            NodeKind::Sequence(items) => items.iter().for_each(|item| self.hide(item)),
            NodeKind::Mapping(mapping) => mapping.entries.iter().for_each(|(_, value)| self.hide(value)),
            NodeKind::Null | NodeKind::Bool(_) | NodeKind::Number(_) => {}
        }
    }
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}

fn utf8(name: &Arc<str>, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].split(|byte| *byte == b'\n').count();
        Diagnostic::file(name, format!("is not UTF-8 text (line {line}, byte {at})")).hint("save it as UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}
