//! Inventories written to a temporary directory and read back.

mod bad_input;
mod connection;
mod patterns;
mod precedence;
mod programs;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::testing::write_program;

/// A directory of inventory files.
struct Fixture {
    directory: tempfile::TempDir,
}

impl Fixture {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            if text.starts_with("#!") {
                write_program(&path, text);
            } else {
                fs::write(&path, text).expect("a file");
            }
        }
        Self { directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn source(&self, name: &str) -> String {
        self.path().join(name).display().to_string()
    }

    fn load(&self, name: &str) -> Loaded {
        self.try_load(name).unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_load(&self, name: &str) -> Result<Loaded, InventoryError> {
        Inventory::load(&[self.source(name)], &LoadOptions::default())
    }

    /// The message and hint of a failed load, with the directory's name left out.
    fn error(&self, name: &str) -> String {
        let error = self.try_load(name).expect_err("an error");
        let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        format!("{error}{hint}").replace(&format!("{}/", self.path().display()), "")
    }
}

fn load(name: &str, text: &str) -> Inventory {
    Fixture::new(&[(name, text)]).load(name).inventory
}

fn names<'a>(hosts: impl IntoIterator<Item = &'a Host>) -> String {
    hosts.into_iter().map(|host| &**host.name()).collect::<Vec<_>>().join(" ")
}

fn var(inventory: &Inventory, host: &str, name: &str) -> serde_json::Value {
    let host = inventory.host(host).expect("a host");
    inventory.vars(host).get(name).map(|var| var.value.clone()).unwrap_or_default()
}

fn playbook_options(directory: PathBuf) -> LoadOptions {
    LoadOptions { playbook_dir: Some(directory), ..LoadOptions::default() }
}
