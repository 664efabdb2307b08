//! What all templates of a run share, and where their files are looked for.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::ast::Program;
use super::parse::Mode;
use super::{TemplateError, TemplateErrorKind};

use crate::vault::{Vault, secret_texts};

/// What all templates of a run share.
pub struct Environment {
    /// Opens vaulted texts.
    pub vault: Vault,
    /// Steps that one template may take.
    pub step_limit: u64,
    /// Texts that came out of vaults; they must appear nowhere.
    secrets: Mutex<Vec<String>>,
    /// What the user should know, each once: those not yet taken, and those said before.
    warnings: Mutex<Warnings>,
    /// Parsed templates.
    programs: Mutex<Programs>,
    /// Vaulted texts that were opened: deriving a key takes long.
    opened: Mutex<HashMap<Arc<str>, Arc<str>>>,
}

/// Parsed templates, each by its text and how it was read.
type Programs = HashMap<(Arc<str>, Mode), Arc<Program>>;

impl fmt::Debug for Environment {
    /// Shows no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("step_limit", &self.step_limit).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Warnings {
    waiting: Vec<String>,
    said: HashSet<String>,
}

/// Steps that one template may take unless told: enough for every template that ends.
pub const STEP_LIMIT: u64 = 20_000_000;

/// Bytes of text, or items of a list, that a template may make.
pub const SIZE_LIMIT: usize = 64 << 20;

/// Parsed templates that are kept.
const PROGRAMS: usize = 20_000;

impl Environment {
    /// An environment whose vaulted texts are opened by `vault`.
    #[must_use]
    pub fn new(vault: Vault) -> Self {
        Self {
            vault,
            step_limit: STEP_LIMIT,
            secrets: Mutex::default(),
            warnings: Mutex::default(),
            programs: Mutex::default(),
            opened: Mutex::default(),
        }
    }

    /// Notes a text that must appear nowhere, nor any of its longer lines: results hold texts line by line, too.
    ///
    /// # Panics
    /// When another thread panicked in the middle of such a call.
    pub fn add_secret(&self, secret: &str) {
        let mut secrets = self.secrets.lock().expect("nothing panics while it holds the lock");
        for text in secret_texts(secret) {
            if !secrets.contains(&text) {
                secrets.push(text);
            }
        }
    }

    /// Notes what the user should know; the same text counts once.
    ///
    /// # Panics
    /// When another thread panicked in the middle of such a call.
    pub fn warn(&self, text: impl Into<String>) {
        let text = text.into();
        let mut warnings = self.warnings.lock().expect("nothing panics while it holds the lock");
        if warnings.said.insert(text.clone()) {
            warnings.waiting.push(text);
        }
    }

    /// The warnings since they were last taken, in order.
    ///
    /// # Panics
    /// When another thread panicked in the middle of such a call.
    #[must_use]
    pub fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.warnings.lock().expect("nothing panics while it holds the lock").waiting)
    }

    /// The parsed template, made with `parse` when it is not yet known.
    pub(super) fn program(
        &self,
        text: &Arc<str>,
        mode: &Mode,
        parse: impl FnOnce() -> Result<Program, TemplateError>,
    ) -> Result<Arc<Program>, TemplateError> {
        let key = (Arc::clone(text), mode.clone());
        if let Some(program) = self.programs.lock().expect("nothing panics while it holds the lock").get(&key) {
            return Ok(Arc::clone(program));
        }
        let program = Arc::new(parse()?);
        let mut programs = self.programs.lock().expect("nothing panics while it holds the lock");
        if programs.len() >= PROGRAMS {
            programs.clear();
        }
        programs.insert(key, Arc::clone(&program));
        Ok(program)
    }

    /// Opens a vaulted text and notes what was in it as a secret.
    pub(super) fn open(&self, envelope: &Arc<str>) -> Result<Arc<str>, TemplateError> {
        if let Some(text) = self.opened.lock().expect("nothing panics while it holds the lock").get(envelope) {
            return Ok(Arc::clone(text));
        }
        let failed = |message: String| TemplateError::new(TemplateErrorKind::Vault, message);
        let bytes = self.vault.open(envelope).map_err(|error| failed(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| failed("the vaulted text is not UTF-8".to_owned()))?;
        self.add_secret(&text);
        let text: Arc<str> = text.into();
        let mut opened = self.opened.lock().expect("nothing panics while it holds the lock");
        opened.insert(Arc::clone(envelope), Arc::clone(&text));
        Ok(text)
    }

    /// The texts that must appear nowhere.
    ///
    /// # Panics
    /// When another thread panicked in the middle of such a call.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        self.secrets.lock().expect("nothing panics while it holds the lock").clone()
    }
}

/// Where the files that a task names are looked for, nearest first: for `templates`, in each directory `d` first
/// `d/templates`, then `d`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchPath {
    /// The role, the roles that included it, the directory of the task file, the directory of the playbook.
    pub directories: Vec<PathBuf>,
    /// The directory of the playbook.
    pub playbook: PathBuf,
}

impl SearchPath {
    /// The places where `name` may stand, in order; `kind` is `files`, `templates`, `vars` or `tasks`.
    #[must_use]
    pub fn candidates(&self, kind: &str, name: &str) -> Vec<PathBuf> {
        let path = PathBuf::from(name);
        if path.is_absolute() {
            return vec![path];
        }
        let mut places = Vec::new();
        for directory in &self.directories {
            for place in [directory.join(kind).join(&path), directory.join(&path)] {
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        places
    }

    /// The first place where `name` stands.
    #[must_use]
    pub fn find(&self, kind: &str, name: &str) -> Option<PathBuf> {
        self.candidates(kind, name).into_iter().find(|path| path.exists())
    }
}
