//! What all templates of a run share, and where their files are looked for.

use std::path::PathBuf;
use std::sync::Mutex;

use crate::vault::Vault;

/// What all templates of a run share.
#[derive(Debug)]
pub struct Environment {
    /// Opens vaulted texts.
    pub vault: Vault,
    /// Steps that one template may take.
    pub step_limit: u64,
    /// Texts that came out of vaults; they must appear nowhere.
    secrets: Mutex<Vec<String>>,
}

/// Steps that one template may take unless told: enough for every template that ends.
pub const STEP_LIMIT: u64 = 20_000_000;

impl Environment {
    /// An environment whose vaulted texts are opened by `vault`.
    #[must_use]
    pub fn new(vault: Vault) -> Self {
        Self { vault, step_limit: STEP_LIMIT, secrets: Mutex::default() }
    }

    /// Notes a text that must appear nowhere.
    pub fn add_secret(&self, secret: &str) {
        let mut secrets = self.secrets.lock().expect("nothing panics while it holds the lock");
        if !secrets.iter().any(|known| known == secret) {
            secrets.push(secret.to_owned());
        }
    }

    /// The texts that must appear nowhere.
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
