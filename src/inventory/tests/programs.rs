use std::time::{Duration, Instant};

use serde_json::json;

use super::*;

#[test]
fn program_is_asked_once_when_it_knows_all_variables() {
    let program = "#!/bin/sh
[ \"$1\" = --list ] || exit 9
echo '{\"web\": {\"hosts\": [\"a\", \"b\"], \"vars\": {\"x\": 1}, \"children\": [\"sub\"]}, \"sub\": [\"c\"],
\"_meta\": {\"hostvars\": {\"a\": {\"y\": 2}}}}'\n";
    let inventory = load("inv.sh", program);
    assert_eq!(names(inventory.hosts()), "a b c");
    assert_eq!(var(&inventory, "c", "x"), json!(1));
    assert_eq!(var(&inventory, "a", "y"), json!(2));
}

#[test]
fn program_without_meta_is_asked_for_each_host() {
    let program = "#!/bin/sh
case $1 in --list) echo '{\"web\": [\"a\", \"b\"]}';; --host) [ $2 = b ] || echo \"{\\\"me\\\": \\\"$2\\\"}\";; esac\n";
    let inventory = load("inv.sh", program);
    assert_eq!(var(&inventory, "a", "me"), json!("a"));
    assert_eq!(var(&inventory, "b", "me"), json!(null));
}

#[test]
fn failing_program_is_an_error_with_its_last_words() {
    insta::assert_snapshot!(Fixture::new(&[("inv", "#!/bin/sh\necho 'no credentials' >&2\nexit 4\n")]).error("inv"), @r"
    inventory program inv --list failed: exit code 4
      no credentials
    hint: run it by hand: inv --list
    ");
}

#[test]
fn killed_program_is_an_error() {
    assert!(Fixture::new(&[("inv", "#!/bin/sh\nkill -9 $$\n")]).error("inv").contains("killed by signal 9"));
}

#[test]
fn program_that_cannot_start_is_an_error() {
    assert!(
        Fixture::new(&[("inv", "#!/nonexistent/interpreter\n")])
            .error("inv")
            .starts_with("cannot run inventory program inv")
    );
}

#[test]
fn hanging_program_is_killed_at_the_limit_with_its_children() {
    let fixture = Fixture::new(&[("inv", "#!/bin/sh\nsleep 600 & echo $! > \"$0.pid\"\nwait\n")]);
    let programs = ProgramOptions { timeout: Duration::from_millis(300), group: ProgramGroup::Own };
    let options = LoadOptions { programs, ..LoadOptions::default() };
    let error = Inventory::load(&[fixture.source("inv")], &options).expect_err("a timeout");
    assert!(matches!(error, InventoryError::TimedOut { .. }), "{error}");
    let child = fs::read_to_string(fixture.path().join("inv.pid")).expect("the child's id");
    let stat = format!("/proc/{}/stat", child.trim());
    let is_gone = || fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z") || stat.contains(") X"));
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_gone() && Instant::now() < deadline {
        std::thread::yield_now();
    }
    assert!(is_gone(), "{:?}", fs::read_to_string(&stat));
}

#[test]
fn garbage_from_a_program_is_an_error() {
    let error = |text: &str| Fixture::new(&[("inv", &*format!("#!/bin/sh\nprintf '{text}'\n"))]).error("inv");
    insta::assert_snapshot!(error("hello\\033[2J\\n"), @r#"
    inventory program inv --list printed no inventory: expected value at line 1 column 1; it begins: hello�[2J
    hint: --list must print a JSON object: {"GROUP": {"hosts": […]}, "_meta": …}
    "#);
    insta::assert_snapshot!(error(""), @r#"
    inventory program inv --list printed no inventory: EOF while parsing a value at line 1 column 0
    hint: --list must print a JSON object: {"GROUP": {"hosts": […]}, "_meta": …}
    "#);
    insta::assert_snapshot!(error("[1]"), @r#"
    inventory program inv --list printed no inventory: a JSON object is expected
    hint: --list must print a JSON object: {"GROUP": {"hosts": […]}, "_meta": …}
    "#);
    insta::assert_snapshot!(error("{\"g\": {\"hosts\": 3}}"), @r#"
    inventory program inv --list printed no inventory: `hosts` of group `g` is no list
    hint: --list must print a JSON object: {"GROUP": {"hosts": […]}, "_meta": …}
    "#);
    insta::assert_snapshot!(error("{\"g\": {\"children\": [\"g\"]}}"), @r#"
    inventory program inv --list printed no inventory: group `g` cannot be a child of `g`: that closes a circle
    hint: --list must print a JSON object: {"GROUP": {"hosts": […]}, "_meta": …}
    "#);
}
