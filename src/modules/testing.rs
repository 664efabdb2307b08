//! Runs modules in tests: against written answers (cases, one folder a module), and for real on this machine.
//!
//! A [`TestHost`] is a temporary directory and one of the shells found here; it is the login directory, so that no
//! test needs to name a path outside of it.

mod cases;
mod checkouts;
mod clients;
mod disks;
mod files;
mod host;
mod languages;
mod locked;
mod managers;
mod packed;
mod parts;
mod parts_of_files;
mod post;
mod repositories;
mod searches;
mod settings;
mod synchronized;
mod unpack;
mod web;

pub use cases::run_cases;
pub use host::{Ran, TestHost, on_each_shell};

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{Args, Module, TaskContext, find};
use crate::template::{Environment, Scope, SearchPath, Templar, Value};

/// How a task is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// `--check`.
    pub check: bool,
    /// `--diff`.
    pub diff: bool,
}

/// Variables of a test: plain JSON.
#[derive(Debug, Default)]
pub struct TestScope(pub serde_json::Map<String, Json>);

impl Scope for TestScope {
    fn get(&self, name: &str) -> Option<Value> {
        let origin = crate::template::Origin { file: "test".into(), line: 1, column: 1 };
        self.0.get(name).map(|value| Value::of_inventory(value, &origin))
    }

    fn names(&self) -> Vec<Arc<str>> {
        self.0.keys().map(|name| name.as_str().into()).collect()
    }
}

/// The module and the context of a task with these arguments, checked against its spec.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
pub fn task(name: &str, args: &Json, mode: Mode, local: PathBuf) -> (&'static dyn Module, TaskContext) {
    let module = find(name).unwrap_or_else(|| panic!("there is no module `{name}`"));
    let given = Value::of_json(args);
    let given = given.as_dict().expect("arguments are a mapping");
    let args = Args::check(module.spec(), given).unwrap_or_else(|error| panic!("{name}: {error} ({:?})", error.hint));
    let search = SearchPath { directories: vec![local.clone()], playbook: local };
    #[expect(clippy::default_trait_access, reason = "modules name no vault")]
    let environment = Arc::new(Environment::new(Default::default()));
    let context = TaskContext {
        args: Arc::new(args),
        templar: Templar::new(environment, Arc::new(TestScope::default()), Arc::new(search)),
        host: "testhost".into(),
        delegated: false,
        check: mode.check,
        diff: mode.diff,
        verbosity: 0,
    };
    (module, context)
}

/// Runs the cases of all folders that `cases/` holds.
#[test]
fn all_cases_hold() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/modules/cases");
    let mut modules: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    modules.sort();
    assert!(!modules.is_empty());
    for module in modules {
        run_cases(module.to_str().expect("folders are named for modules"));
    }
}
