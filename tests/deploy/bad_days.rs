//! What goes wrong on the way: with privileges, disks, connections, and with the run itself.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;

use super::said;
use crate::common::{Home, Marker, Ran, Running, Sshd, in_mount_namespace, prepare, run, wait_until};

/// Waits for what a task leaves behind.
fn wait_for(home: &Home, name: &str) {
    wait_until(name, Duration::from_secs(30), || home.has(name));
}

/// Runs `id -un` by a `sudo` that is this script, with a password in a file or without one.
fn raised(script: &str, password: Option<&str>) -> Ran {
    let home = Home::new();
    let sudo = home.program("sudo", &format!("#!/bin/sh\n{script}\n"));
    home.write("hosts", format!("a ansible_connection=local ansible_become_exe={sudo}\n"));
    home.write("play.yml", "- hosts: a\n  become: true\n  gather_facts: false\n  tasks: [{command: echo raised}]\n");
    let mut command = home.opsctl();
    command.args(["deploy", "play.yml", "-i", "hosts"]);
    if let Some(password) = password {
        command.args(["--become-password-file", &home.write("password", password)]);
    }
    run(&mut command)
}

/// Skips the options of `sudo`, keeping the prompt.
const OPTIONS: &str =
    "while :; do case $1 in -p) prompt=$2; shift 2 ;; -u) shift 2 ;; -*) shift ;; *) break ;; esac; done";

#[test]
fn a_sudo_that_asks_is_given_the_password_once() {
    let asks = format!(
        "{OPTIONS}; printf %s \"$prompt\" >&2; IFS= read -r p
[ \"$p\" = 'hunter 2' ] || {{ echo 'sudo: 1 incorrect password attempt' >&2; exit 1; }}; exec \"$@\""
    );
    raised(&asks, Some("hunter 2\n")).expect(0);
    let ran = raised(&asks, Some("hunter 3\n")).expect(3);
    assert!(ran.text().contains("failed a: ") && ran.text().contains("password"), "{}", ran.text());
    assert!(!ran.text().contains("hunter 3") && !ran.stderr.contains("hunter 3"));
}

#[test]
fn a_sudo_that_asks_refuses_or_wants_a_terminal_is_quoted() {
    for says in [
        "sudo: a password is required",
        "sudo: sorry, you must have a tty to run sudo",
        "ada is not in the sudoers file.",
    ] {
        let ran = raised(&format!("echo '{says}' >&2; exit 1"), None).expect(3);
        let told = format!("failed a: sudo to root failed: {says}");
        assert!(ran.text().contains(&told), "{}", ran.text());
    }
}

/// Runs a playbook on local host `a` in a mount namespace that `before` prepares.
fn mounted(home: &Home, before: &str, playbook: &str) -> Ran {
    home.write("play.yml", playbook);
    let mut command = home.opsctl();
    command.args(["deploy", "play.yml", "-i", &home.local("a")]);
    run(&mut in_mount_namespace(before, &command, "cat d/old 2>/dev/null"))
}

#[test]
fn a_disk_that_is_full_fails_the_task_and_keeps_the_file() {
    let home = Home::new();
    fs::create_dir(home.dir().join("d")).unwrap();
    let before = "mount -t tmpfs -o size=16k tmpfs d; echo precious >d/old";
    let playbook = "
- hosts: a
  gather_facts: false
  tasks:
    - copy: {content: \"{{ 'x' * 100000 }}\", dest: d/old}
";
    let ran = mounted(&home, before, playbook).expect(3);
    assert!(ran.text().contains("No space left on device"), "{}", ran.text());
    assert!(ran.text().ends_with("precious\n"), "{}", ran.text());
}

#[test]
fn a_file_system_that_is_read_only_fails_the_task() {
    let home = Home::new();
    fs::create_dir(home.dir().join("d")).unwrap();
    let before = "mount -t tmpfs tmpfs d; echo precious >d/old; mount -o remount,ro d";
    let playbook = "
- hosts: a
  gather_facts: false
  tasks:
    - copy: {content: new, dest: d/old}
";
    let ran = mounted(&home, before, playbook).expect(3);
    assert!(ran.text().contains("ead-only file system") && ran.text().ends_with("precious\n"), "{}", ran.text());
}

#[test]
fn a_directory_for_temporary_files_that_runs_nothing_is_enough() {
    let home = Home::new();
    home.write("s.sh", "#!/bin/sh\necho ran\n");
    let playbook = "
- hosts: a
  gather_facts: false
  tasks:
    - script: s.sh
    - copy: {content: \"{{ 'y' * 100000 }}\", dest: out}
    - shell: echo shell
";
    // What runs nothing is the place that the host's shell is told of.
    mounted(&home, "mount -t tmpfs -o noexec tmpfs tmp", playbook).expect(0);
    assert_eq!(said(&home, "a").iter().map(|text| text.trim()).collect::<Vec<_>>(), ["ran", "shell"]);
    // For commands without scripts nothing temporary is needed at all.
    let playbook = "- hosts: a\n  gather_facts: false\n  tasks: [{command: echo x}]\n";
    mounted(&home, "mount -t tmpfs -o ro tmpfs tmp", playbook).expect(0);
}

/// Runs a playbook over SSH, ends the server when its local task has begun, and lets that task end.
fn lost(tasks: &str) -> (Home, Ran) {
    let home = Home::new();
    prepare(&home);
    let sshd = Sshd::start(&home);
    sshd.trust(&home);
    let hosts = sshd.hosts(&home, "a");
    let wait = "sh -c 'echo >begun; until [ -e go ]; do sleep 0.1; done'";
    let wait = format!("command: \"{wait}\", delegate_to: localhost");
    home.write("play.yml", tasks.replace("- WAIT", &format!("- {{{wait}}}")).replace("WAIT", &wait));
    let running = Running::start(home.opsctl().args(["deploy", "play.yml", "-i", &hosts]));
    wait_for(&home, "begun");
    sshd.cut();
    drop(sshd);
    home.write("go", "");
    let ran = running.finish();
    (home, ran)
}

#[test]
fn a_host_lost_between_tasks_in_a_handler_or_in_always_is_unreachable() {
    let head = "- hosts: a\n  gather_facts: false\n  tasks:\n";
    for tasks in [
        "    - command: echo one\n    - WAIT\n    - command: echo two\n",
        "    - block:\n        - command: echo one\n      always:\n        - WAIT\n        - command: echo two\n",
    ] {
        let (home, ran) = lost(&format!("{head}{tasks}"));
        assert_eq!(ran.code(), 4, "{}{}", ran.text(), ran.stderr);
        assert!(ran.text().contains("unreachable a: "), "{}", ran.text());
        assert!(!said(&home, "a").contains(&"two".to_owned()));
    }
    let handlers = "    - command: echo one
      notify: [first, second, third]
  handlers:
    - {name: first, WAIT}
    - {name: second, command: echo h2}
    - {name: third, command: echo h3}
";
    let (_, ran) = lost(&format!("{head}{handlers}"));
    assert_eq!(ran.code(), 4, "{}{}", ran.text(), ran.stderr);
    assert!(ran.text().contains("HANDLER second  unreachable 1"), "{}", ran.text());
    assert!(ran.stderr.contains("a: these handlers were notified and did not run: third"), "{}", ran.stderr);
}

/// The places in a play where a run may be when it ends early; `sleep MARKER` runs there.
const STAGES: [(&str, &str); 4] = [
    ("task", "    - command: sleep MARKER\n    - command: echo after\n"),
    (
        "handler",
        "    - command: echo one\n      notify: [h, i]\n  handlers:\n    - {name: h, command: sleep MARKER}\n    - {name: i, command: echo after}\n",
    ),
    (
        "rescue",
        "    - block:\n        - command: 'false'\n      rescue:\n        - command: sleep MARKER\n        - command: echo after\n",
    ),
    (
        "always",
        "    - block:\n        - command: echo one\n      always:\n        - command: sleep MARKER\n        - command: echo after\n",
    ),
];

/// Begins a run of one of these stages on local hosts and waits until it is there.
fn at_stage(home: &Home, tasks: &str, marker: &Marker) -> Running {
    let tasks = tasks.replace("MARKER", marker.text());
    home.write("play.yml", format!("- hosts: a\n  gather_facts: false\n  tasks:\n{tasks}"));
    let running = Running::start(home.opsctl().args(["deploy", "play.yml", "-i", &home.local("a")]));
    marker.wait_for(1);
    running
}

#[test]
fn an_interrupt_ends_tasks_handlers_rescue_and_always() {
    for (stage, tasks) in STAGES {
        let (home, marker) = (Home::new(), Marker::new());
        let mut running = at_stage(&home, tasks, &marker);
        running.signal(Signal::INT);
        running.wait_stderr("interrupt");
        running.signal(Signal::INT);
        let ran = running.finish();
        assert_eq!(ran.code(), 130, "{stage}: {}{}", ran.text(), ran.stderr);
        marker.wait_gone();
        assert!(!said(&home, "a").contains(&"after".to_owned()), "{stage}");
        let journal = home.journal();
        let end = journal.iter().find(|record| record["type"] == "host-end").unwrap();
        assert_eq!(end["outcome"], "cancelled", "{stage}");
        // A host that answers too late for the stop is told as unknown; the process is gone all the same.
        assert!(end["fate"] == "killed" || end["fate"] == "unknown", "{stage}: {end}");
        assert_eq!(journal.last().unwrap()["type"], "run-end", "{stage}");
    }
}

#[test]
fn a_run_killed_at_any_stage_leaves_nothing_running_and_its_intent_on_record() {
    for (stage, tasks) in STAGES {
        let (home, marker) = (Home::new(), Marker::new());
        let running = at_stage(&home, tasks, &marker);
        running.signal(Signal::KILL);
        running.finish();
        marker.wait_gone();
        let journal = home.journal();
        let last = journal.iter().rfind(|record| record["type"] == "task-intent").unwrap();
        assert_eq!(last["host"], "a", "{stage}");
        let of_task = |record: &&serde_json::Value| record["type"] == "task-end" && record["task"] == last["task"];
        assert!(journal.iter().all(|record| record["type"] != "run-end"), "{stage}");
        assert!(journal.iter().find(of_task).is_none_or(|end| end["host"] != "a" || stage != "task"), "{stage}");
        // The next run is not kept from its work.
        home.write("next.yml", "- hosts: a\n  gather_facts: false\n  tasks: [{command: echo x}]\n");
        run(home.opsctl().args(["deploy", "next.yml", "-i", &home.local("a")])).expect(0);
    }
}

#[test]
fn two_runs_at_once_leave_a_whole_file_and_a_record_each() {
    let home = Home::new();
    let playbook =
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - copy: {content: \"{{ letter * 200000 }}\", dest: both}\n";
    home.write("play.yml", playbook);
    let inventory = home.local("a b");
    let start = |letter: &str| {
        Running::start(home.opsctl().args(["deploy", "play.yml", "-i", &inventory, "-e", &format!("letter={letter}")]))
    };
    let (one, two) = (start("x"), start("y"));
    for ran in [one.finish(), two.finish()] {
        // Who finds that the other was faster says so and writes nothing.
        let is_late = ran.text().contains("both was changed by something else after it was read; nothing was written");
        assert_eq!(ran.code(), if is_late { 3 } else { 0 }, "{}{}", ran.text(), ran.stderr);
    }
    let left = home.read("both");
    assert_eq!(left.len(), 200_000);
    assert!(left.chars().all(|letter| left.starts_with(letter)));
    assert_eq!(home.journals().len(), 2);
    let strays = fs::read_dir(home.dir())
        .unwrap()
        .filter(|item| item.as_ref().unwrap().file_name().to_string_lossy().contains(".opsctl"));
    assert_eq!(strays.count(), 0);
}
