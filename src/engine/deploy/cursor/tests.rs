use super::*;
use crate::playbook::{Action, Keywords, Parent};
use crate::template::{Dict, Origin};

fn parent() -> Arc<Parent> {
    let keywords = Keywords::default();
    Arc::new(Parent { keywords, up: None, role: None, include_vars: Dict::new(), directory: None, rescued: false })
}

fn task(name: &str) -> Arc<Task> {
    let name = Some(Value::text(name));
    Arc::new(Task { name, ..Task::new(Origin::default(), Action::Meta(Value::text("noop")), parent()) })
}

fn one(name: &str) -> Entry {
    Entry::Task(task(name))
}

fn block(body: Vec<Entry>, rescue: Vec<Entry>, always: Vec<Entry>) -> Entry {
    Entry::Block(Arc::new(Block { name: None, place: Origin::default(), parent: parent(), body, rescue, always }))
}

fn cursor(entries: Vec<Entry>) -> Cursor {
    let handlers = ["h1", "h2"].map(|name| Arc::new(Handler { task: task(name), listen: Vec::new() }));
    Cursor::new(entries.into(), Arc::new(handlers))
}

/// Goes through all tasks; those in `fails` fail. Gives their names and checks that positions only grow.
fn walk(cursor: &mut Cursor, fails: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    let mut last = Position::new();
    while let Some(upcoming) = cursor.peek() {
        assert!(upcoming.position > last, "{:?} after {last:?}", upcoming.position);
        last.clone_from(&upcoming.position);
        let name = upcoming.task.name.as_ref().map(ToString::to_string).unwrap_or_default();
        cursor.advance();
        if fails.contains(&name.as_str()) {
            cursor.fail(FailedTask { task: upcoming.task, result: Value::Null });
        }
        names.push(name);
    }
    names
}

fn nested() -> Vec<Entry> {
    let inner = block(vec![one("b1"), one("b2")], vec![one("r1")], vec![one("a1")]);
    vec![one("t1"), block(vec![inner, one("b3")], vec![one("r2")], vec![one("a2")]), one("t2")]
}

#[test]
fn without_failures_rescues_are_left_out() {
    let mut cursor = cursor(nested());
    assert_eq!(walk(&mut cursor, &[]), ["t1", "b1", "b2", "a1", "b3", "a2", "t2"]);
    assert!(!cursor.has_failed);
}

#[test]
fn a_rescue_takes_over_and_the_rest_goes_on() {
    let mut cursor = cursor(nested());
    assert_eq!(walk(&mut cursor, &["b1"]), ["t1", "b1", "r1", "a1", "b3", "a2", "t2"]);
    assert!(!cursor.has_failed && cursor.failed.is_empty());
}

#[test]
fn a_failed_rescue_goes_to_the_block_above_after_always() {
    let mut cursor = cursor(nested());
    assert_eq!(walk(&mut cursor, &["b1", "r1"]), ["t1", "b1", "r1", "a1", "r2", "a2", "t2"]);
    assert!(!cursor.has_failed);
}

#[test]
fn a_failure_that_nothing_rescues_ends_the_host_after_always() {
    let mut cursor = cursor(nested());
    assert_eq!(walk(&mut cursor, &["b1", "r1", "r2"]), ["t1", "b1", "r1", "a1", "r2", "a2"]);
    assert!(cursor.has_failed);
}

#[test]
fn the_rescue_of_an_outer_block_knows_the_failed_task() {
    let inner = block(vec![one("b1")], vec![], vec![one("a1")]);
    let mut cursor = cursor(vec![block(vec![inner], vec![one("r1")], vec![])]);
    for fails in [true, false] {
        let upcoming = cursor.peek().unwrap();
        cursor.advance();
        if fails {
            cursor.fail(FailedTask { task: upcoming.task, result: Value::text("why") });
        }
    }
    assert_eq!(cursor.peek().unwrap().task.name, Some(Value::text("r1")));
    assert_eq!(cursor.failed[0].result, Value::text("why"));
}

#[test]
fn handlers_run_once_in_the_order_of_their_definition() {
    let mut cursor = cursor(vec![one("t1"), one("flush"), one("t2")]);
    cursor.advance();
    cursor.notify(1);
    cursor.notify(0);
    cursor.notify(1);
    let flush = cursor.peek().unwrap();
    cursor.advance();
    cursor.flush(&flush.position);
    assert_eq!(walk(&mut cursor, &[]), ["h1", "h2", "t2"]);
}

#[test]
fn what_is_included_comes_before_what_follows() {
    let mut cursor = cursor(vec![one("include"), one("t2")]);
    let include = cursor.peek().unwrap();
    cursor.advance();
    cursor.include(vec![one("i1"), block(vec![one("i2")], vec![], vec![])].into(), &include.position, 0);
    assert_eq!(walk(&mut cursor, &[]), ["i1", "i2", "t2"]);
}
