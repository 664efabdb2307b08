use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::live::line;
use super::{Open, TaskView};
use crate::event::{
    DeployEvent, Event, EventKind, HostReport, Outcome, PlayInfo, Recap, Summary, TaskInfo, TaskReport, TaskStatus,
    TextDiff,
};
use crate::render::fixture::{at, header, run_id, show};
use crate::render::{Color, RenderOptions, View};

fn task(id: u32, name: &str, module: &str, hosts: u32) -> Arc<TaskInfo> {
    let place = format!("roles/nginx/tasks/main.yml:{id}:3");
    let role = Some("nginx".to_owned());
    Arc::new(TaskInfo { id, name: name.into(), module: module.into(), role, handler: false, place, hosts: Some(hosts) })
}

fn report(task: &Arc<TaskInfo>, host: &str, status: TaskStatus, result: Value) -> TaskReport {
    TaskReport {
        task: Arc::clone(task),
        host: host.into(),
        delegate: None,
        status,
        ignored: false,
        item: None,
        message: result.get("msg").and_then(Value::as_str).map(str::to_owned),
        result: Arc::new(result),
        arguments: None,
        diff: Vec::new(),
        warnings: Vec::new(),
        duration: Duration::from_millis(20),
        attempts: 1,
    }
}

fn web(number: usize) -> String {
    format!("web{number:02}")
}

fn deploy(second: i64, event: DeployEvent) -> Event {
    at(second, EventKind::Deploy(Arc::new(event)))
}

fn play(hosts: usize) -> Event {
    let hosts = (1..=hosts).map(|number| web(number).into()).collect();
    let place = "site.yml:1:3".to_owned();
    deploy(0, DeployEvent::PlayStarted(PlayInfo { name: "site".into(), number: 1, batch: 1, batches: 1, hosts, place }))
}

/// A task from its beginning to its end `seconds` later.
fn ran(task: &Arc<TaskInfo>, seconds: i64, items: Vec<TaskReport>, ends: Vec<TaskReport>) -> Vec<Event> {
    let start = deploy(0, DeployEvent::TaskStarted(Arc::clone(task)));
    let items = items.into_iter().map(|report| deploy(seconds, DeployEvent::ItemEnded(Arc::new(report))));
    let ends = ends.into_iter().map(|report| deploy(seconds, DeployEvent::TaskEnded(Arc::new(report))));
    std::iter::once(start).chain(items).chain(ends).collect()
}

fn shown(view: TaskView, width: Option<u16>, events: &[Event]) -> String {
    let options =
        RenderOptions { view: View::Tasks, tasks: view, width, color: Color::Never, ..RenderOptions::default() };
    let (stdout, stderr) = show(&options, events);
    if stderr.is_empty() { stdout } else { format!("{stdout}--- stderr\n{stderr}") }
}

/// A task on 20 hosts: some changed, some failed.
fn mixed() -> Vec<Event> {
    let task = task(1, "install nginx", "apt", 20);
    let end = |number: usize| match number {
        3 | 7 => report(&task, &web(number), TaskStatus::Changed, json!({"changed": true})),
        11 | 12 => {
            let result = json!({"msg": "non-zero return code", "rc": 100, "stderr": "E: held\u{1b}[2J\nE: broken\n", "stdout": ""});
            let arguments = Some(Arc::new(json!({"name": ["nginx"], "state": "present", "password": "***"})));
            TaskReport { arguments, ..report(&task, &web(number), TaskStatus::Failed, result) }
        }
        20 => report(&task, &web(number), TaskStatus::Unreachable, json!({"msg": "connection refused"})),
        _ => report(&task, &web(number), TaskStatus::Ok, json!({"changed": false})),
    };
    let ends = (1..=20).map(end).collect();
    ran(&task, 12, Vec::new(), ends)
}

#[test]
fn hosts_are_folded_by_outcome_and_failures_say_why() {
    let events = || [vec![play(20)], mixed()].concat();
    assert_snapshot!(shown(TaskView::default(), None, &events()), @r#"

    PLAY site (20 hosts: web[01-20])  site.yml:1:3
    TASK nginx : install nginx  ok 15 · changed 2 web[03,07] · failed 2 · unreachable 1  roles/nginx/tasks/main.yml:1:3
      failed web[11-12]: non-zero return code (rc 100)
          stderr | E: held\x1b[2J
          stderr | E: broken
          apt name=["nginx"] state=present password="***"
      unreachable web20: connection refused
    "#);
    assert_snapshot!(shown(TaskView::default(), Some(60), &events()), @r#"

    PLAY site (20 hosts: web[01-20])                site.yml:1:3
    TASK nginx : install nginx    roles/nginx/tasks/main.yml:1:3
      ok 15
      changed 2 web[03,07]
      failed 2
      unreachable 1
      failed web[11-12]: non-zero return code (rc 100)
          stderr | E: held\x1b[2J
          stderr | E: broken
          apt name=["nginx"] state=present password="***"
      unreachable web20: connection refused
    "#);
}

#[test]
fn a_failure_shows_what_was_printed_once() {
    let task = task(1, "tools", "apt", 1);
    let failed = |result| {
        let ends = vec![report(&task, "web01", TaskStatus::Failed, result)];
        shown(TaskView { verbosity: 1, ..TaskView::default() }, Some(40), &ran(&task, 0, Vec::new(), ends))
    };
    let result = json!({"msg": "'apt-get install x' failed: E: held", "rc": 100, "stderr": "E: held\n",
        "stdout": "Reading\nx : Depends: y\n", "stderr_lines": [], "stdout_lines": []});
    assert_snapshot!(failed(result), @r#"
    TASK nginx : tools  failed 1
      failed web01: 'apt-get install x' failed: E: held (rc 100)
          stdout | Reading
          stdout | x : Depends: y
          rc: 100
          stderr: "E: held\n"
          stdout: |
            Reading
            x : Depends: y
          at roles/nginx/tasks/main.yml:1:3
    "#);
    assert_snapshot!(failed(json!({"msg": "x is gone", "stdout": "x is gone"})), @r#"
    TASK nginx : tools  failed 1
      failed web01: x is gone
          stdout: x is gone
          at roles/nginx/tasks/main.yml:1:3
    "#);
}

#[test]
fn items_are_folded_by_how_they_ended_where() {
    let task = task(2, "users", "user", 2);
    let item = |host: usize, name: &str, status| {
        let item = Some(name.to_owned());
        TaskReport { item, ..report(&task, &web(host), status, json!({"msg": "no such group"})) }
    };
    let mut items = Vec::new();
    for host in 1..=2 {
        for name in ["ann", "bob", "cid"] {
            items.push(item(host, name, if name == "bob" && host == 2 { TaskStatus::Changed } else { TaskStatus::Ok }));
        }
        items.push(item(host, "dan", TaskStatus::Failed));
        items.push(item(host, "eve", TaskStatus::Skipped));
    }
    let ends =
        (1..=2).map(|host| report(&task, &web(host), TaskStatus::Failed, json!({"msg": "One or more items failed"})));
    assert_snapshot!(shown(TaskView::default(), Some(80), &[vec![play(2)], ran(&task, 0, items, ends.collect())].concat()), @"

    PLAY site (2 hosts: web[01-02])                                     site.yml:1:3
    TASK nginx : users  failed 2                      roles/nginx/tasks/main.yml:2:3
        ok 2: ann, cid
        ok 1 · changed 1 web02: bob
      failed web[01-02] [dan]: no such group
    ");
}

#[test]
fn differences_that_are_alike_are_shown_once() {
    let task = task(3, "motd", "copy", 3);
    let end = |host: usize| {
        let after = if host == 3 { "one\n2" } else { "one\n2\n" };
        let diff = TextDiff {
            before_header: "before: /etc/motd".into(),
            after_header: "after: /etc/motd".into(),
            before: "one\ntwo\n".into(),
            after: after.into(),
        };
        TaskReport { diff: vec![diff], ..report(&task, &web(host), TaskStatus::Changed, json!({})) }
    };
    assert_snapshot!(shown(TaskView::default(), None, &[vec![play(3)], ran(&task, 0, Vec::new(), (1..=3).map(end).collect())].concat()), @r"

    PLAY site (3 hosts: web[01-03])  site.yml:1:3
    TASK nginx : motd  changed 3  roles/nginx/tasks/main.yml:3:3
      diff web[01-02]
        --- before: /etc/motd
        +++ after: /etc/motd
        @@ -1,2 +1,2 @@
         one
        -two
        +2
      diff web03
        --- before: /etc/motd
        +++ after: /etc/motd
        @@ -1,2 +1,2 @@
         one
        -two
        +2
        \ No newline at end of file
    ");
}

#[test]
fn results_are_shown_as_far_as_they_are_asked_for() {
    let task = task(4, "look", "command", 2);
    let end = |host: usize| {
        let result = json!({
            "changed": false, "rc": 0, "stdout": "a: 1\nb", "stdout_lines": ["a: 1", "b"], "stderr": "",
            "stat": {"exists": true, "mode": "0644"}, "few": ["a", "1", 2], "list": [1, {"x": "yes", "y": []}, [2, 3]],
        });
        let arguments = Some(Arc::new(json!({"_raw_params": "cat \"x y\"", "chdir": "/tmp"})));
        TaskReport { arguments, warnings: vec!["old".into()], ..report(&task, &web(host), TaskStatus::Ok, result) }
    };
    let events = || [vec![play(2)], ran(&task, 0, Vec::new(), (1..=2).map(end).collect())].concat();
    let view = |verbosity| TaskView { verbosity, ..TaskView::default() };
    assert_snapshot!(shown(view(0), None, &events()), @"

    PLAY site (2 hosts: web[01-02])  site.yml:1:3
    TASK nginx : look  ok 2  roles/nginx/tasks/main.yml:4:3
    --- stderr
    warning: old
    ");
    assert_snapshot!(shown(view(2), None, &events()), @r#"

    PLAY site (2 hosts: web[01-02])  site.yml:1:3
    TASK nginx : look  ok 2  roles/nginx/tasks/main.yml:4:3
      ok web[01-02]:
          with: "cat \"x y\"" chdir=/tmp
          rc: 0
          stdout: |
            a: 1
            b
          stderr: ""
          stat:
            exists: true
            mode: "0644"
          few: [a, "1", 2]
          list:
            - 1
            - x: "yes"
              y: []
            - - 2
              - 3
    --- stderr
    warning: old
    "#);
}

#[test]
fn what_is_long_is_cut_and_keeps_its_outcome() {
    let (long, short) =
        (task(1, &"word ".repeat(20), "command", 1), task(2, "a name of 40 columns or even more", "command", 1));
    let one = |task: &Arc<TaskInfo>, status| {
        ran(task, 0, Vec::new(), vec![report(task, "web01", status, json!({"msg": "x"}))])
    };
    let events = [vec![play(1)], one(&long, TaskStatus::Failed), one(&short, TaskStatus::Ok)].concat();
    assert_snapshot!(shown(TaskView::default(), Some(80), &events), @"

    PLAY site (1 host: web01)                                           site.yml:1:3
    TASK nginx : word word word word word word word word word word word…  failed 1
      failed web01: x
          at roles/nginx/tasks/main.yml:1:3
    TASK nginx : a name of 40 columns or even more  ok 1  …/nginx/tasks/main.yml:2:3
    ");
    assert_snapshot!(shown(TaskView::default(), Some(200), &[vec![play(1)], one(&short, TaskStatus::Ok)].concat()), @"

    PLAY site (1 host: web01)                                                                                   site.yml:1:3
    TASK nginx : a name of 40 columns or even more  ok 1                                      roles/nginx/tasks/main.yml:2:3
    ");
}

#[test]
fn hosts_are_told_in_the_plays_order() {
    let task = task(1, "say", "debug", 3);
    let end = |host: usize| report(&task, &web(host), TaskStatus::Ok, json!({"msg": format!("I am {host}")}));
    let events = [vec![play(3)], ran(&task, 0, Vec::new(), [3, 1, 2].map(end).to_vec())].concat();
    assert_snapshot!(shown(TaskView::default(), Some(80), &events), @"

    PLAY site (3 hosts: web[01-03])                                     site.yml:1:3
    TASK nginx : say  ok 3                            roles/nginx/tasks/main.yml:1:3
      ok web01: I am 1
      ok web02: I am 2
      ok web03: I am 3
    ");
}

#[test]
fn skipped_tasks_may_be_left_out() {
    let task = task(5, "never", "command", 1);
    let skipped = report(&task, "web01", TaskStatus::Skipped, json!({"skipped": true}));
    let events = [vec![play(1)], ran(&task, 0, Vec::new(), vec![skipped])].concat();
    assert!(shown(TaskView::default(), None, &events).contains("skipped 1"));
    let view = TaskView { skipped: false, ..TaskView::default() };
    assert!(!shown(view, None, &events).contains("never"));
}

fn ends(count: usize) -> Vec<Event> {
    let mut summary = Summary::new(run_id());
    let mut events = Vec::new();
    for number in 1..=count {
        let failed = u32::from(number == 2);
        let outcome = if number == 2 { Outcome::Failed } else { Outcome::Ok };
        let recap = Some(Recap { ok: 4, failed, ..Recap::default() });
        let host = HostReport { outcome, recap, ..HostReport::not_started(web(number).into()) };
        summary.count(&host);
        events.push(at(5, EventKind::HostEnded(Arc::new(host))));
    }
    summary.duration = Duration::from_secs(65);
    events.push(at(5, EventKind::RunEnded(Arc::new(summary))));
    events
}

#[test]
fn the_end_says_how_hosts_fared_and_what_took_long() {
    let two = task(6, "slow", "command", 1);
    let three = task(7, "slower", "command", 1);
    let one = |task: &Arc<TaskInfo>, seconds| {
        ran(task, seconds, Vec::new(), vec![report(task, "web01", TaskStatus::Ok, json!({}))])
    };
    let events = [vec![at(0, header(&[])), play(3)], one(&two, 3), one(&three, 61), ends(3)].concat();
    assert_snapshot!(shown(TaskView::default(), Some(80), &events), @"

    PLAY site (3 hosts: web[01-03])                                     site.yml:1:3
    TASK nginx : slow  ok 1 web01                     roles/nginx/tasks/main.yml:6:3
    TASK nginx : slower  ok 1 web01                   roles/nginx/tasks/main.yml:7:3

    RECAP
    host   ok  changed  unreachable  failed  skipped  rescued  ignored
    web01   4        0            0       0        0        0        0
    web02   4        0            0       1        0        0        0
    web03   4        0            0       0        0        0        0

    SLOWEST
      1 min 01 s  nginx : slower  roles/nginx/tasks/main.yml:7:3
           3.0 s  nginx : slow  roles/nginx/tasks/main.yml:6:3

    2 ok · 1 failed · 1 min 05 s
    ");
    assert_snapshot!(shown(TaskView::default(), Some(48), &ends(3)), @"

    RECAP
    host   ok  changed  failed
    web01   4        0       0
    web02   4        0       1
    web03   4        0       0
    2 ok · 1 failed · 1 min 05 s
    ");
    assert_snapshot!(shown(TaskView::default(), Some(80), &ends(40)), @"

    RECAP
    host           ok  changed  unreachable  failed  skipped  rescued  ignored
    web[01,03-40]   4        0            0       0        0        0        0
    web02           4        0            0       1        0        0        0
    39 ok · 1 failed · 1 min 05 s
    ");
}

#[test]
fn the_live_line_fits_and_names_whom_it_waits_for() {
    let task = task(8, "restart everything", "service", 4);
    let hosts: Vec<Arc<str>> = (1..=4).map(|number| web(number).into()).collect();
    let time = |second| at(second, EventKind::Warning(String::new())).time;
    let ended = vec![Arc::new(report(&task, "web02", TaskStatus::Ok, json!({})))];
    let open = Open { task, ended, items: Vec::new(), started: time(0), last: time(0) };
    assert_snapshot!(line(&[&open], &hosts, '*', time(75), 80), @"* TASK nginx : restart everything · 1/4 · web[01,03-04] · 1m15s");
    assert_snapshot!(line(&[&open], &hosts, '*', time(75), 30), @"* TASK nginx : restart everyt…");
    assert_snapshot!(line(&[&open, &open], &hosts, '*', time(75), 80), @"* 2 tasks under way · 1m15s");
    for width in 0..40 {
        assert!(unicode_width::UnicodeWidthStr::width(&*line(&[&open], &hosts, '*', time(75), width)) <= width);
    }
}
