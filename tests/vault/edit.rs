//! The editor, and what it leaves.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;

use super::common::{Home, Running, run, wait_until};
use super::{home, says_nothing_of, shown, vault};

const VARS: &str = include_str!("../../src/vault/vectors/vars.vault");
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn what_the_editor_writes_is_encrypted_with_the_same_password() {
    let home = home();
    home.write("vars.yml", VARS);
    let editor = home.program("editor", "#!/bin/sh\nstat -c '%a %n' \"$2\" >seen\necho 'a: 1' >>\"$2\"\n");
    run(vault(&home, &["edit", "vars.yml"]).env("EDITOR", format!("{editor} --flag"))).expect(0);
    assert!(shown(&home, "vars.yml").ends_with("\"abc def\"\na: 1\n"));
    let seen = home.read("seen");
    assert!(seen.starts_with("600 ") && seen.trim_end().ends_with("yml"), "{seen}");
    assert!(!Path::new(seen.trim_end().trim_start_matches("600 ")).exists());
}

#[test]
fn an_unchanged_text_is_not_written_again() {
    let home = home();
    let path = home.write("vars.yml", VARS);
    let before = fs::metadata(&path).unwrap();
    run(vault(&home, &["edit", "vars.yml"]).env("EDITOR", "true")).expect(0);
    let after = fs::metadata(&path).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    let home = home();
    home.write("vars.yml", VARS);
    let editor = home.program("editor", "#!/bin/sh\necho new >\"$1\"\nexit 1\n");
    let ran = run(vault(&home, &["edit", "vars.yml"]).env("EDITOR", editor)).expect(2);
    assert!(ran.stderr.contains("vars.yml is as it was"), "{}", ran.stderr);
    says_nothing_of(&ran, "hunter2");
    assert_eq!(home.read("vars.yml"), VARS);
}

#[test]
fn a_new_file_is_for_its_owner_alone_and_never_replaces_one() {
    let home = home();
    let editor = home.program("editor", "#!/bin/sh\necho 'a: 1' >\"$1\"\n");
    run(vault(&home, &["create", "sub/new.yml"]).env("EDITOR", &editor)).expect(0);
    assert_eq!(shown(&home, "sub/new.yml"), "a: 1\n");
    assert_eq!(fs::metadata(home.dir().join("sub/new.yml")).unwrap().mode() & 0o777, 0o600);
    let ran = run(vault(&home, &["create", "sub/new.yml"]).env("EDITOR", &editor)).expect(2);
    assert!(ran.stderr.contains("sub/new.yml exists"), "{}", ran.stderr);
}

/// An edit whose editor waits, and the file that it was given.
fn waiting(home: &Home) -> (Running, PathBuf) {
    home.write("vars.yml", VARS);
    let editor = home.program(
        "editor",
        "#!/bin/sh\necho \"$1\" >seen.tmp\nmv seen.tmp seen\nwhile [ -e \"$1\" ]; do sleep 0.1; done\n",
    );
    let running = Running::start(vault(home, &["edit", "vars.yml"]).env("EDITOR", editor));
    wait_until("the editor runs", LIMIT, || home.has("seen"));
    let path = PathBuf::from(home.read("seen").trim_end());
    assert!(fs::read_to_string(&path).unwrap().contains("hunter2"));
    (running, path)
}

#[test]
fn nothing_is_left_when_a_signal_ends_the_edit() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let home = home();
        let (running, path) = waiting(&home);
        running.signal(signal);
        running.finish().expect(code);
        assert!(!path.parent().unwrap().exists());
        assert_eq!(home.read("vars.yml"), VARS);
    }
}

#[test]
fn nothing_is_left_when_the_edit_is_killed() {
    let home = home();
    let (running, path) = waiting(&home);
    running.signal(Signal::KILL);
    wait_until("the text is gone", LIMIT, || !path.parent().unwrap().exists());
    drop(running);
    assert_eq!(home.read("vars.yml"), VARS);
}
