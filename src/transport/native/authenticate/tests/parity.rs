//! The same keys in the same order, and the same outcome, as `ssh` has with the same configuration.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::fixture::{Bench, Server, TestAgent, log_in, run, settings, user};
use crate::testing::write_program;
use crate::transport::native::authenticate::Keyring;
use crate::transport::ssh_config::Settings;

/// One configuration.
#[derive(Default)]
struct Case<'a> {
    authorized: &'a [&'a str],
    server: &'a str,
    identities: &'a [&'a str],
    certificates: &'a [&'a str],
    agent: Option<&'a Path>,
    identities_only: bool,
    accepted: Option<&'a str>,
}

/// Keys, a certificate authority and an agent; no case changes them.
fn bench() -> (Bench, TestAgent) {
    let bench = Bench::new();
    for name in ["one", "two", "three", "four", "ca", "lone", "held"] {
        bench.key(name);
    }
    bench.keygen("rsa", &["-t", "rsa", "-b", "2048"]);
    bench.keygen("curve", &["-t", "ecdsa", "-b", "384"]);
    bench.keygen("old", &["-t", "rsa", "-b", "2048", "-m", "PEM"]);
    std::fs::remove_file(bench.path("old.pub")).unwrap();
    bench.keygen("locked", &["-t", "ed25519", "-N", "secret"]);
    bench.key("open");
    std::fs::set_permissions(bench.path("open"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    for name in ["four", "rsa", "lone", "held"] {
        bench.certify("ca", name);
    }
    std::fs::rename(bench.path("lone-cert.pub"), bench.path("apart.pub")).unwrap();
    let agent = TestAgent::start(&bench);
    for name in ["three", "two", "held"] {
        agent.add(&[&bench.path(name)]);
    }
    (bench, agent)
}

fn ours(bench: &Bench, case: &Case<'_>) -> Settings {
    let mut settings = settings(bench);
    let paths = |names: &[&str]| names.iter().map(|name| bench.path(name)).collect::<Vec<PathBuf>>();
    settings.authentication.identities = paths(case.identities);
    settings.authentication.certificates = paths(case.certificates);
    settings.authentication.identities_only = case.identities_only;
    settings.authentication.agent = case.agent.map(Path::to_owned);
    settings.algorithms.public_key = case.accepted.map(|list| list.split(',').map(str::to_owned).collect());
    settings
}

/// Writes the configuration of `ssh` for the same.
fn theirs(bench: &Bench, case: &Case<'_>, server: &Server<'_>) -> String {
    let mut lines = vec![
        format!("ProxyCommand {}", server.command()),
        format!("UserKnownHostsFile {}", bench.path("known_hosts").display()),
        format!("User {}", user()),
        "StrictHostKeyChecking accept-new\nBatchMode yes\nGSSAPIAuthentication no".into(),
        format!("IdentityAgent {}", case.agent.map_or("none".into(), |socket| socket.display().to_string())),
        format!("IdentitiesOnly {}", if case.identities_only { "yes" } else { "no" }),
    ];
    lines.extend(case.identities.iter().map(|name| format!("IdentityFile {}", bench.path(name).display())));
    lines.extend(case.certificates.iter().map(|name| format!("CertificateFile {}", bench.path(name).display())));
    if case.identities.is_empty() {
        lines.push("IdentityFile none".into());
    }
    lines.extend(case.accepted.map(|list| format!("PubkeyAcceptedAlgorithms {list}")));
    lines.join("\n") + "\n"
}

/// What the server saw of `ssh`, then of us.
async fn both(bench: &Bench, case: &Case<'_>) -> (Vec<String>, Vec<String>) {
    let server = Server::new(bench, case.authorized, case.server);
    let _ = std::fs::remove_file(bench.path("log"));
    let config = bench.write("ssh_config", &theirs(bench, case, &server));
    let mut ssh = Command::new("ssh");
    ssh.arg("-F").arg(config).args(["db", "true"]).stdin(Stdio::null());
    // Ends with the server, which holds the same stderr.
    let output = ssh.output().unwrap();
    let mut expected = server.offers();
    expected.push(format!("in: {}", output.status.success()));

    let (stream, mut process) = server.serve();
    let result = log_in(stream, &ours(bench, case), &Keyring::new(None), None).await;
    let is_in = result.is_ok();
    drop(result);
    process.wait().await.unwrap();
    let mut seen = server.offers();
    seen.push(format!("in: {is_in}"));
    (expected, seen)
}

async fn check(cases: &[(&str, Case<'_>)], bench: &Bench) {
    let mut seen_by_servers = 0;
    for (name, case) in cases {
        let (expected, seen) = both(bench, case).await;
        assert_eq!(seen, expected, "{name}");
        seen_by_servers += seen.len();
    }
    assert!(seen_by_servers > cases.len(), "the servers' logs tell of no key");
}

#[tokio::test]
async fn files_are_offered_as_ssh_offers_them() {
    let (bench, _agent) = bench();
    let (none, ca) = (Case::default, format!("TrustedUserCAKeys {}", bench.path("ca.pub").display()));
    let cases = [
        ("in order", Case { authorized: &["two"], identities: &["one", "rsa", "two", "curve"], ..none() }),
        ("none fits", Case { authorized: &["two"], identities: &["one", "rsa"], ..none() }),
        ("nothing to offer", none()),
        ("missing", Case { authorized: &["one"], identities: &["missing", "one"], ..none() }),
        ("no public half", Case { authorized: &["one"], identities: &["old", "one"], ..none() }),
        ("encrypted", Case { authorized: &["locked", "one"], identities: &["locked", "one"], ..none() }),
        ("open to others", Case { authorized: &["open", "one"], identities: &["open", "one"], ..none() }),
        ("certificate beside", Case { server: &ca, identities: &["four", "one"], ..none() }),
        ("RSA certificate beside", Case { server: &ca, identities: &["rsa"], ..none() }),
        (
            "certificate apart",
            Case { server: &ca, identities: &["one", "lone"], certificates: &["apart.pub"], ..none() },
        ),
        ("certificate without a key", Case { server: &ca, certificates: &["apart.pub"], ..none() }),
        (
            "a listed certificate hides those beside",
            Case { server: &ca, identities: &["four"], certificates: &["apart.pub"], ..none() },
        ),
        (
            "a public key as certificate",
            Case { authorized: &["one"], identities: &["one"], certificates: &["two.pub"], ..none() },
        ),
        ("too many", Case { server: "MaxAuthTries 2", identities: &["one", "two", "three"], ..none() }),
        (
            "two keys needed",
            Case {
                authorized: &["one", "three"],
                server: "AuthenticationMethods publickey,publickey",
                identities: &["one", "two", "three"],
                ..none()
            },
        ),
        (
            "two keys needed, one there",
            Case {
                authorized: &["one"],
                server: "AuthenticationMethods publickey,publickey",
                identities: &["one", "two"],
                ..none()
            },
        ),
        (
            "a password needed as well",
            Case {
                authorized: &["one"],
                server: "AuthenticationMethods publickey,password",
                identities: &["one", "two"],
                ..none()
            },
        ),
        ("no keys wanted", Case { server: "PubkeyAuthentication no", identities: &["one"], ..none() }),
    ];
    check(&cases, &bench).await;
}

#[tokio::test]
async fn agents_are_asked_as_ssh_asks_them() {
    let (bench, agent) = bench();
    let socket = Some(agent.socket.as_path());
    let (none, ca) = (Case::default, format!("TrustedUserCAKeys {}", bench.path("ca.pub").display()));
    let gone = bench.path("no.sock");
    let cases = [
        ("agent alone", Case { authorized: &["two"], agent: socket, ..none() }),
        ("configured first", Case { identities: &["one", "two"], agent: socket, ..none() }),
        (
            "only what is configured",
            Case { identities: &["one", "two"], identities_only: true, agent: socket, ..none() },
        ),
        (
            "by its public half",
            Case { authorized: &["two"], identities: &["two.pub"], identities_only: true, agent: socket, ..none() },
        ),
        ("certificate in the agent", Case { server: &ca, agent: socket, ..none() }),
        ("certificate in the agent and beside", Case { server: &ca, identities: &["held"], agent: socket, ..none() }),
        ("the agent is gone", Case { authorized: &["one"], identities: &["one"], agent: Some(&gone), ..none() }),
    ];
    check(&cases, &bench).await;
}

#[tokio::test]
async fn algorithms_are_chosen_as_ssh_chooses_them() {
    let (bench, _agent) = bench();
    let none = || Case { authorized: &["rsa", "one"], identities: &["rsa", "one"], ..Case::default() };
    let cases = [
        ("SHA-256 alone", Case { accepted: Some("rsa-sha2-256"), ..none() }),
        ("no RSA", Case { accepted: Some("ssh-ed25519"), ..none() }),
        ("nothing that fits", Case { accepted: Some("ecdsa-sha2-nistp256"), ..none() }),
        ("the server refuses RSA", Case { server: "PubkeyAcceptedAlgorithms ssh-ed25519", ..none() }),
        ("the server refuses SHA-512", Case { server: "PubkeyAcceptedAlgorithms rsa-sha2-256", ..none() }),
    ];
    check(&cases, &bench).await;
}

#[tokio::test]
async fn a_locked_agent_has_no_keys() {
    let (bench, agent) = bench();
    // `ssh-add -x` asks at a terminal, or else a program.
    let ask = bench.path("ask");
    write_program(&ask, "#!/bin/sh\necho secret\n");
    let mut lock = Command::new("ssh-add");
    run(lock
        .arg("-x")
        .env("SSH_AUTH_SOCK", &agent.socket)
        .env("SSH_ASKPASS", &ask)
        .env("SSH_ASKPASS_REQUIRE", "force"));
    let case = Case { authorized: &["one"], identities: &["one"], agent: Some(&agent.socket), ..Case::default() };
    check(&[("locked", case)], &bench).await;
}

#[tokio::test]
async fn keys_for_certain_hosts_are_used_for_those_alone() {
    let (bench, agent) = bench();
    let case = Case { authorized: &["one", "four"], agent: Some(&agent.socket), ..Case::default() };
    // Makes the server's key known, as that of `db`.
    let (expected, seen) = both(&bench, &case).await;
    assert_eq!(seen, expected);
    bench.key("elsewhere");
    let other = bench.read("elsewhere.pub");
    bench.write("known_elsewhere", &format!("elsewhere {other}"));
    for (key, host, known) in [("four", "elsewhere", "known_elsewhere"), ("one", "db", "known_hosts")] {
        let mut add = Command::new("ssh-add");
        add.args(["-q", "-h", host, "-H"]).arg(bench.path(known)).arg(bench.path(key));
        run(add.env("SSH_AUTH_SOCK", &agent.socket));
    }
    let (expected, seen) = both(&bench, &case).await;
    assert_eq!(seen, expected);
    assert_eq!(seen.last().unwrap(), "in: true");
}

#[tokio::test]
async fn a_server_that_has_seen_enough_keys_is_told_of() {
    let bench = Bench::new();
    for name in ["one", "two", "three"] {
        bench.key(name);
    }
    let server = Server::new(&bench, &["three"], "MaxAuthTries 2");
    let (stream, _process) = server.serve();
    let case = Case { identities: &["one", "two", "three"], ..Case::default() };
    let error = log_in(stream, &ours(&bench, &case), &Keyring::new(None), None).await.err().unwrap();
    let shown = bench.path("two").display().to_string();
    assert!(error.message.starts_with("too many keys offered: "), "{}", error.message);
    assert!(error.message.contains(&shown), "{}", error.message);
}
