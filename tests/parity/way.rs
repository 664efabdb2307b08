//! The ways to reach the host of a case: `ssh` itself, and `opsctl` by each transport.

use std::process::Command;

use super::case::Case;
use super::common::{Ran, in_mount_namespace, require, run};
use super::keys::KeyStore;
use super::observation::{self, Observation};
use super::sandbox::Sandbox;

/// What runs on the host: who it is, and what environment it was given.
const COMMAND: &str = "id -un; env | grep -E '^(PARITY_|LC_P)' | sort; echo done";

/// How a host is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Ssh,
    Transport(&'static str),
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ssh => "ssh",
            Self::Transport(name) => name,
        }
    }
}

/// Runs the command of the table on the host of `case`, in a sandbox of its own.
pub fn run_by(way: Way, case: &Case, store: &KeyStore) -> Observation {
    let sandbox = Sandbox::new(case, store);
    let command = match way {
        Way::Ssh => ssh(case, &sandbox),
        Way::Transport(transport) => opsctl(transport, case, &sandbox),
    };
    let ran = run(&mut placed(case, &sandbox, command));
    let (verdict, said, why) = match way {
        Way::Ssh => told_by_ssh(&ran),
        Way::Transport(_) => told_by_opsctl(&ran),
    };
    let known_hosts = observation::known_hosts(&sandbox);
    let (_home, host, jump) = sandbox.finish();
    let visits = |logs: Vec<String>| logs.iter().map(|log| observation::visit(log, store)).collect();
    Observation { verdict, said, known_hosts, host: visits(host), jump: visits(jump), why }
}

/// As a user would type it, with the words that Ansible makes of the host's variables.
fn ssh(case: &Case, sandbox: &Sandbox<'_>) -> Command {
    let mut command = Command::new(require("ssh", "openssh-client"));
    command.env_clear().env("PATH", super::common::SEARCH_PATH).env("HOME", home(case, sandbox));
    command.current_dir(sandbox.home.dir()).args(["-o", "BatchMode=yes", "-o", "ConnectTimeout=20"]);
    if let Some(path) = &case.private_key_file {
        command.args(["-o", &format!("IdentityFile=\"{}\"", sandbox.fill(path))]);
    }
    if let Some(port) = &case.port {
        command.args(["-o", &format!("Port={}", sandbox.fill(port))]);
    }
    if let Some(user) = &case.user {
        command.args(["-o", &format!("User=\"{}\"", sandbox.fill(user))]);
    }
    // Split by a shell, as Ansible and opsctl do by its rules.
    let line = format!("exec \"$@\" {} -- \"$host\" \"$line\"", arguments(case, sandbox));
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &line, "sh"]).arg(command.get_program()).args(command.get_args());
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(sandbox.home.dir()).env("host", sandbox.fill(&case.host)).env("line", COMMAND);
    environment(case, sandbox, &mut shell);
    shell
}

fn opsctl(transport: &str, case: &Case, sandbox: &Sandbox<'_>) -> Command {
    let mut vars = serde_json::Map::new();
    vars.insert("ansible_host".into(), sandbox.fill(&case.host).into());
    vars.insert("ansible_ssh_common_args".into(), arguments(case, sandbox).into());
    let further = [
        ("ansible_user", &case.user),
        ("ansible_port", &case.port),
        ("ansible_ssh_private_key_file", &case.private_key_file),
    ];
    for (name, value) in further {
        vars.extend(value.as_ref().map(|value| (name.to_owned(), sandbox.fill(value).into())));
    }
    let hosts = serde_json::json!({"all": {"hosts": {"h": vars}}});
    let inventory = sandbox.home.write("inventory/hosts.yml", hosts.to_string());
    let mut command = sandbox.home.opsctl();
    command.args(["exec", "-i", &inventory, "h", "--transport", transport, "--format", "jsonl"]);
    command.args(["--retries", "0", "--connect-timeout", "20s", "--", COMMAND]);
    command.env("HOME", home(case, sandbox));
    environment(case, sandbox, &mut command);
    command
}

/// What `HOME` says unless the case says otherwise.
fn home(case: &Case, sandbox: &Sandbox<'_>) -> String {
    sandbox.fill(if case.default_places { "{dir}/home" } else { "{dir}/tmp" })
}

fn arguments(case: &Case, sandbox: &Sandbox<'_>) -> String {
    let file = if case.default_places { "" } else { "-F \"{dir}/config\" " };
    sandbox.fill(&format!("{file}{}", case.args))
}

fn environment(case: &Case, sandbox: &Sandbox<'_>, command: &mut Command) {
    if case.agent.is_some() && case.agent_in_environment {
        command.env("SSH_AUTH_SOCK", sandbox.fill("{agent}"));
    }
    command.envs(case.environment.iter().map(|(name, value)| (name, sandbox.fill(value))));
}

/// Gives `command` the sandbox's own `/etc/ssh`, and a user database that has the sandbox's `home` for root's, which
/// everybody is in a namespace of their own.
fn placed(case: &Case, sandbox: &Sandbox<'_>, command: Command) -> Command {
    if !case.default_places {
        return command;
    }
    let dir = sandbox.fill("{dir}");
    sandbox.home.write("passwd", format!("root:x:0:0:root:{dir}/home:/bin/sh\n"));
    let before = format!("mount --bind '{dir}/etc' /etc/ssh; mount --bind '{dir}/passwd' /etc/passwd");
    in_mount_namespace(&before, &command, ":")
}

/// The verdict, what the command said, and what was said about it.
type Told = (String, String, String);

fn told_by_opsctl(ran: &Ran) -> Told {
    let Some(line) = ran.lines().into_iter().find(|line| line["type"] == "host") else {
        return (format!("exit code {}", ran.code()), String::new(), format!("{}{}", ran.text(), ran.stderr));
    };
    let said = line["stdout"]["text"].as_str().unwrap_or_default().to_owned();
    if line["status"] == "ok" {
        return ("accepted".into(), said, String::new());
    }
    let kind = line["error"]["kind"].as_str().unwrap_or_default().to_owned();
    (kind, said, line["error"]["message"].as_str().unwrap_or_default().to_owned())
}

fn told_by_ssh(ran: &Ran) -> Told {
    if ran.code() == 0 {
        return ("accepted".into(), ran.text(), ran.stderr.clone());
    }
    (class(&ran.stderr).to_owned(), ran.text(), ran.stderr.clone())
}

/// The class of a failure in the words of `ssh`: the first line that tells one counts.
fn class(stderr: &str) -> &'static str {
    const CLASSES: &[(&str, &str)] = &[
        ("Could not resolve hostname", "name-not-found"),
        ("REMOTE HOST IDENTIFICATION HAS CHANGED", "host-key-changed"),
        ("REVOKED HOST KEY", "host-key-changed"),
        ("revoked by file", "host-key-changed"),
        ("Host key verification failed", "host-key-unknown"),
        ("Permission denied (", "auth-denied"),
        ("Too many authentication failures", "auth-denied"),
        ("Name or service not known", "name-not-found"),
        ("Connection refused", "refused"),
        ("administratively prohibited", "protocol"),
        ("Unable to negotiate", "protocol"),
        ("onfiguration option", "local"),
        ("bad configuration options", "local"),
        ("keyword", "local"),
        ("Bad owner or permissions", "local"),
        ("Can't open user config file", "local"),
        ("usage: ssh", "local"),
    ];
    let classes = stderr.lines().filter_map(|line| CLASSES.iter().find(|(needle, _)| line.contains(needle)));
    classes.map(|(_, class)| *class).next().unwrap_or("unknown to the table")
}
