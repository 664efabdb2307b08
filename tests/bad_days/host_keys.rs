//! Host keys that are not what they were.

use super::common::Home;
use super::judge::{Case, Want, attempt, judge, try_all};
use super::server::{Behaviour, Flow, HostKey, Moment, Server, authority};

/// Tries a server with `key`, known to the home by the lines that `known` makes for its address.
fn known_as(
    transport: &str,
    key: impl Fn(&Home) -> HostKey,
    known: impl Fn(&str) -> String,
    want: &Want,
) -> Result<(), String> {
    let home = Home::new();
    let server = Server::start(&home, Behaviour { host_key: key(&home), ..Behaviour::default() });
    home.write(".ssh/known_hosts", known(&format!("[127.0.0.1]:{}", server.port)));
    let ended = attempt(&home, transport, &[], "echo hello", want);
    // 50 asks for a login, 90 for a channel.
    let trusted = server.heard().iter().any(|number| [5, 50, 90].contains(number));
    match ended {
        Ok(()) if trusted && want.code != 0 => Err("it went on behind the host key".to_owned()),
        ended => ended,
    }
}

/// Makes lines of `known_hosts` from the server's key and its address.
type Known = Box<dyn Fn(&HostKey, &str) -> String>;

#[test]
fn a_key_that_is_not_the_recorded_one_is_refused() {
    let changed = |says| Want::unreachable(&["host-key-changed"], says);
    let cases: Vec<(&str, Known, Want)> = vec![
        ("another key", Box::new(|_, at| format!("{at} {}\n", HostKey::new().line())), changed("has changed")),
        ("a revoked key", Box::new(|key, at| format!("{at} {0}\n@revoked * {0}\n", key.line())), changed("is revoked")),
        (
            "a revoked key that is not known",
            Box::new(|key, _| format!("@revoked * {}\n", key.line())),
            changed("is revoked"),
        ),
        ("no key", Box::new(|_, _| String::new()), Want::unreachable(&["host-key-unknown"], "is not known")),
        (
            "the key of another port",
            Box::new(|key, _| format!("[127.0.0.1]:1 {}\n", key.line())),
            Want::unreachable(&["host-key-unknown"], "is not known"),
        ),
        (
            "the key among others",
            Box::new(|key, at| format!("{at} {}\n{at} {}\n", HostKey::new().line(), key.line())),
            Want::ok("hello\n"),
        ),
    ];
    try_all(cases.len(), |index, transport| {
        let (name, known, want) = &cases[index];
        let key = HostKey::new();
        known_as(transport, |_| key.clone(), |at| known(&key, at), want).map_err(|wrong| format!("{name}: {wrong}"))
    });
}

#[test]
fn a_key_of_another_type_than_recorded_is_refused() {
    try_all(1, |_, transport| {
        let home = Home::new();
        let server = Server::start(&home, Behaviour::default());
        let path = home.dir().join("rsa").display().to_string();
        let keygen = super::common::require("ssh-keygen", "openssh-client");
        let arguments = ["-q", "-t", "ecdsa", "-N", "", "-C", "", "-f", &path];
        super::common::run(std::process::Command::new(keygen).args(arguments)).expect(0);
        let line = home.read("rsa.pub");
        home.write(".ssh/known_hosts", format!("[127.0.0.1]:{} {line}", server.port));
        attempt(
            &home,
            transport,
            &[],
            "echo hello",
            &Want::unreachable(&["host-key-changed", "host-key-unknown"], "host key"),
        )
    });
}

#[test]
fn a_certificate_counts_only_while_it_holds_and_for_its_host() {
    let cases: [(&str, &[&str], bool, Want); 7] = [
        ("a good one", &["-h", "-n", "127.0.0.1"], true, Want::ok("hello\n")),
        ("one for every host", &["-h"], true, Want::ok("hello\n")),
        ("an expired one", &["-h", "-n", "127.0.0.1", "-V", "20200101:20210101"], true, unknown()),
        ("one of the future", &["-h", "-n", "127.0.0.1", "-V", "20900101:20910101"], true, unknown()),
        ("one for another host", &["-h", "-n", "127.0.0.2"], true, unknown()),
        ("one of an authority that nobody knows", &["-h", "-n", "127.0.0.1"], false, unknown()),
        ("one of a user", &["-n", "127.0.0.1"], true, unknown()),
    ];
    try_all(cases.len(), |index, transport| {
        let (name, options, trusted, want) = &cases[index];
        let mark = if *trusted { "@cert-authority" } else { "# @cert-authority" };
        let line = std::cell::RefCell::new(String::new());
        let key = |home: &Home| {
            let (path, public) = authority(home);
            line.replace(public);
            HostKey::new().certified(home, &path, options)
        };
        let known = |at: &str| format!("{mark} {at} {}\n", line.borrow());
        known_as(transport, key, known, want).map_err(|wrong| format!("{name}: {wrong}"))
    });
}

fn unknown() -> Want {
    Want::unreachable(&["host-key-unknown", "host-key-changed"], "host key")
}

#[test]
fn a_key_that_signs_for_another_is_refused() {
    let mut forged = HostKey::new();
    forged.blob = HostKey::new().blob;
    let want = Want::unreachable(&["dropped", "protocol", "host-key-changed"], "");
    judge(&[Case::new("a stolen name", Behaviour { host_key: forged, ..Behaviour::default() }, want)]);
}

#[test]
fn a_key_that_changes_on_the_way_does_no_harm() {
    let behaviour = Behaviour::scripted(|moment, wire| {
        if let Moment::Output(bytes) = moment
            && bytes.windows(5).any(|part| part == b"begun")
        {
            wire.host_key = HostKey::new();
            wire.start_exchange();
        }
        Flow::On
    });
    // RFC 4253 section 9 allows it, and nobody but the same server can do it; the system's ssh refuses.
    let case = Case::new("another key in the second exchange", behaviour, Want::lost(""));
    judge(&[case.running("echo begun; sleep 2; echo hello").or(Want::ok("begun\nhello\n"))]);
}
