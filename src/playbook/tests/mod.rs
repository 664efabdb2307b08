//! Cases are files: `cases/NAME.case` holds the files of a site (`--- PATH`), of which `site.yml` is loaded, and then
//! what comes out (`--- expected`): the tree, or the messages. `UPDATE_CASES=1` writes what came out into the case.

mod modules;
mod outline;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::loader::{LoadOptions, Loader, Registry};
use crate::template::{Dict, Environment, Value};
use crate::vault::Vault;
use crate::yaml::Diagnostic;

/// A loader over the modules of these tests.
pub fn loader(root: &Path) -> Loader {
    let extra_vars = Dict::from_iter([("extra".into(), Value::text("given"))]);
    let options = LoadOptions {
        roles_path: vec![root.join("shared_roles")],
        collections_path: vec![root.join("galaxy")],
        extra_vars,
        environment: Arc::new(Environment::new(Vault::default())),
    };
    Loader::with_modules(options, Registry { find: modules::find, all: || modules::ALL.to_vec() })
}

/// Messages with their hints, the root of the site taken out.
pub fn messages(diagnostics: &[Diagnostic], root: &Path) -> String {
    let shown = |diagnostic: &Diagnostic| match &diagnostic.hint {
        Some(hint) => format!("{diagnostic}\n  hint: {hint}\n"),
        None => format!("{diagnostic}\n"),
    };
    without(&diagnostics.iter().map(shown).collect::<String>(), root)
}

fn without(text: &str, root: &Path) -> String {
    text.replace(&format!("{}/", root.display()), "").replace(&root.display().to_string(), ".")
}

/// Writes the files of a case below `root`.
pub fn unpack(text: &str, root: &Path) {
    for section in text.split("\n--- ").filter(|section| !section.is_empty()) {
        let (name, content) = section.split_once('\n').unwrap_or((section, ""));
        let name = name.trim_start_matches("--- ");
        if matches!(name, "expected") || name.starts_with('#') {
            continue;
        }
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{content}\n")).unwrap();
    }
}

fn outcome(text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    unpack(text, &root);
    match loader(&root).playbook(&root.join("site.yml")) {
        Ok(playbook) => {
            let warnings = messages(&playbook.warnings, &root);
            without(&format!("{}{warnings}", outline::of(&playbook)), &root)
        }
        Err(errors) => messages(&errors, &root),
    }
}

#[test]
fn every_case_comes_out_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/playbook/cases");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "the cases were not found");
    let update = std::env::var_os("UPDATE_CASES").is_some();
    let mut wrong = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let (given, expected) = text.split_once("\n--- expected\n").unwrap_or((text.trim_end(), ""));
        let found = outcome(given);
        if update {
            fs::write(&path, format!("{given}\n--- expected\n{found}")).unwrap();
        } else if found.trim_end() != expected.trim_end() {
            wrong.push(format!("{}:\n{found}\ninstead of\n{expected}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
