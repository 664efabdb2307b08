//! At a terminal: Ctrl-C is opsctl's alone, and what is drawn goes away.

use super::common::{Home, Marker, Sshd};

/// A line that says when an interrupt reaches it, and ends when `go` is there.
fn patient(home: &Home) -> String {
    let go = home.dir().join("go").display().to_string();
    format!("trap 'echo reached' INT; echo begun; while [ ! -e {go} ]; do sleep 0.05; done; echo ended")
}

#[test]
fn control_c_reaches_no_command_and_no_client() {
    for over_ssh in [true, false] {
        let home = Home::new();
        let sshd = over_ssh.then(|| Sshd::start(&home));
        sshd.as_ref().map_or_else(|| home.local("a b"), |sshd| sshd.hosts(&home, "a b"));
        let mut terminal = home.exec_at_terminal(&["all", "--forks", "1", "--stream", "--", &patient(&home)]);
        terminal.wait_stdout("begun");
        terminal.type_in("\x03");
        terminal.wait_stdout("Ctrl-C");
        home.write("go", "");
        let screen = terminal.finish_with_input().expect(130).text();
        assert!(screen.contains("ended") && !screen.contains("reached"), "{screen}");
        assert_eq!(home.recorded("a")["outcome"], "ok");
        assert_eq!(home.recorded("b")["outcome"], "not-started");
    }
}

#[test]
fn control_c_twice_ends_what_runs() {
    let (home, marker) = (Home::new(), Marker::new());
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a b");
    let line = format!("trap '' INT; sleep {}", marker.text());
    let mut terminal = home.exec_at_terminal(&["all", "--", &line]);
    marker.wait_for(2);
    terminal.type_in("\x03");
    terminal.wait_stdout("Ctrl-C");
    terminal.type_in("\x03");
    terminal.finish_with_input().expect(130);
    assert_eq!(home.recorded("b")["fate"], "killed");
    assert_eq!(marker.alive(), [0; 0]);
}

#[test]
fn a_terminal_that_goes_away_ends_what_runs() {
    let (home, marker) = (Home::new(), Marker::new());
    home.local("a");
    let line = format!("sleep {}", marker.text());
    let terminal = home.exec_at_terminal(&["all", "--", &line]);
    marker.wait_for(1);
    terminal.signal(rustix::process::Signal::KILL);
    marker.wait_gone();
    super::common::wait_until("the end on record", std::time::Duration::from_secs(20), || {
        home.journal().iter().any(|record| record["type"] == "run-end" && record["stopped"] == "hangup")
    });
    assert_eq!(home.recorded("a")["outcome"], "cancelled");
}

#[test]
fn the_live_line_is_gone_at_the_end() {
    let home = Home::new();
    home.local("a b");
    let mut terminal = home.exec_at_terminal(&["all", "--", "sleep 0.3; echo seen"]);
    terminal.wait_stdout("0/2");
    let screen = terminal.finish_with_input().expect(0).text();
    let after = screen.rsplit("\x1b[2K").next().unwrap();
    assert!(after.contains("a,b") && after.contains("seen"), "{}", screen.escape_debug());
}
