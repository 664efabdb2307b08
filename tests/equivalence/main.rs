//! opsctl does on a host what ansible-playbook does there.
//!
//! Each folder is one playbook with what ansible-playbook did with it (`expected.json`, made by `record`): in check mode,
//! for real, once more, and again after `damage.sh` has damaged what it manages. opsctl does the same in a minimal Debian
//! system without Python, which is thrown away, over SSH, with the further packages of a file `packages`; or on the host that `OPSCTL_EQUIVALENCE_HOST` names. Playbooks
//! that need a booted host say why in a file `booted`; where there is none, they are only loaded.
//!
//! Needs root and the programs that `tests/setup` installs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod compare;
mod host;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use compare::{Rules, Told};
use host::Host;
use serde_json::Value;

/// Declares a test for each playbook.
macro_rules! playbooks {
    ($($name:ident)*) => {
        mod playbooks {
            $(#[test]
            fn $name() {
                super::same_as_ansible(stringify!($name));
            })*
        }
        const PLAYBOOKS: &[&str] = &[$(stringify!($name)),*];
    };
}

playbooks! {
    accounts arguments_given become_environment blockinfile_replace blocks_rescue check_mode_keyword
    commands_run conditions copy_files cron_jobs databases_and_kernel delegation ending errors_fatal
    facts_gathered file_states filters_data filters_text handlers_notified host_identity hosts_made
    included_variables includes_imports lineinfile_edits loops_controlled loops_with max_fail
    meta_tasks old_syntax package_sources packages precedence roles_checked roles_nested rpm_packages secrets
    serial_batches services stat_slurp_fetch strategies tags_selected tasks_by_themselves
    template_files unsafe_texts waiting
}

#[test]
fn every_playbook_is_tested() {
    let folders = fs::read_dir(folder("")).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<PathBuf> = folders.filter(|path| path.join("playbook.yml").exists()).collect();
    names.sort();
    let names: Vec<&str> = names.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, PLAYBOOKS);
}

fn same_as_ansible(name: &str) {
    let playbook = folder(name);
    let Some(host) = Host::of(&playbook) else { return };
    let rules = Rules::read(&folder("fields.json"));
    let expected: Value = serde_json::from_slice(&fs::read(playbook.join("expected.json")).unwrap()).unwrap();
    let mut told = Told::default();
    host.script(&playbook.join("prepare.sh"));
    for step in ["check", "run", "again", "repair"] {
        let Some(expected_run) = expected.get(step) else { continue };
        if step == "repair" {
            host.script(&playbook.join("damage.sh"));
        }
        let done = host.deploy(&playbook, step, &rules);
        told.within(step, |told| told.run(&rules, expected_run, &done));
        if let Some(lines) = expected.get(format!("state after {step}")) {
            told.within(&format!("state after {step}"), |told| told.state(lines, &host.state(&playbook)));
        }
        if step == "again" && playbook.join("objects").exists() {
            let changed: Vec<&Value> = done.tasks.iter().filter(|task| task["status"] == "changed").collect();
            told.expect(changed.is_empty(), || format!("again: changes something: {changed:#?}"));
        }
    }
    summarize(name, &told);
    let mut text = String::new();
    for difference in &told.differences {
        writeln!(text, "  {difference}").unwrap();
    }
    assert!(text.is_empty(), "{name} is not the same as with {}:\n{text}", expected["ansible"].as_str().unwrap());
}

/// Leaves a line for the summary that `record` prints.
fn summarize(name: &str, told: &Told) {
    let dir = host::target_directory().join("equivalence");
    fs::create_dir_all(&dir).unwrap();
    let result = match told.differences.len() {
        0 => "same".to_owned(),
        count => format!("{count} differ"),
    };
    let line = format!("{name:<28}{:>6}{:>8}  {result}\n", told.tasks, told.fields);
    fs::write(dir.join(format!("{name}.txt")), line).unwrap();
}

/// A file or folder of this test.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/equivalence").join(name)
}
