//! Questions to a person that are answered with yes or no: protected hosts, unknown host keys.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use super::{CliError, ExitCode};
use crate::engine::{ConfirmHostKeys, UnknownHostKey};
use crate::inventory::Inventory;
use crate::render::{Pause, host_set, sanitize_line};
use crate::transport::BoxFuture;

/// The variable that protects a host or group.
const PROTECTED: &str = "opsctl_protected";

/// Whether a person sees questions and can answer them.
#[must_use]
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks before touching hosts whose group says `opsctl_protected: true`; returns the exit code when the answer is no.
///
/// # Errors
/// Without a terminal nobody can be asked.
pub fn protected_hosts(inventory: &Inventory, hosts: &[Arc<str>]) -> Result<Option<ExitCode>, CliError> {
    let protected = protected_among(inventory, hosts);
    if protected.is_empty() {
        return Ok(None);
    }
    let names = host_set(&protected);
    if !can_ask() {
        return Err(CliError::with_code(ExitCode::Declined, anyhow!("protected hosts are selected: {names}"))
            .hint("--yes confirms without asking"));
    }
    let (count, names) = (protected.len(), sanitize_line(&names));
    let question = format!("{count} protected hosts are selected: {names}\nGo on? [y/N] ");
    Ok(if ask(&question)? { None } else { Some(ExitCode::Declined) })
}

/// Those of the hosts whose group says `opsctl_protected: true`.
pub fn protected_among<'a>(inventory: &Inventory, hosts: &'a [Arc<str>]) -> Vec<&'a str> {
    let is_protected = |name: &&str| {
        let host = inventory.host(name);
        host.is_some_and(|host| inventory.vars(host).get(PROTECTED).is_some_and(|var| super::plan::is_true(&var.value)))
    };
    hosts.iter().map(|name| &**name).filter(is_protected).collect()
}

/// Asks about unknown host keys at the terminal, while the live line is away.
pub struct AtTerminal(pub Pause);

impl ConfirmHostKeys for AtTerminal {
    fn confirm<'a>(&'a mut self, keys: &'a [UnknownHostKey]) -> BoxFuture<'a, bool> {
        let question = host_key_question(keys);
        let hold = self.0.hold();
        Box::pin(async move {
            let _hold = hold;
            // Nobody is in flight while a person reads; a thread keeps signals working.
            tokio::task::spawn_blocking(move || ask(&question).unwrap_or(false)).await.unwrap_or(false)
        })
    }
}

fn host_key_question(keys: &[UnknownHostKey]) -> String {
    let widest =
        |text: fn(&UnknownHostKey) -> &str| keys.iter().map(|key| text(key).chars().count()).max().unwrap_or(0);
    let (host, address) = (widest(|key| &key.host), widest(|key| &key.address));
    let mut question = format!("Host keys of {} hosts are not known:\n", keys.len());
    for key in keys {
        let line = format!("  {:host$}  {:address$}  {:8}  {}", key.host, key.address, key.kind, key.fingerprint);
        writeln!(question, "{}", sanitize_line(&line)).expect("a String takes every write");
    }
    question.push_str("Record them in known_hosts and go on? [y/N] ");
    question
}

/// Asks a question with yes or no; anything but `y` or `yes` is no.
fn ask(question: &str) -> Result<bool, CliError> {
    let mut stderr = std::io::stderr();
    write!(stderr, "{question}").and_then(|()| stderr.flush()).context("the question cannot be asked")?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).context("the answer cannot be read")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_unknown_keys_stand_on_one_screen() {
        let key = |host: &str, address: &str| UnknownHostKey {
            host: host.into(),
            address: address.into(),
            kind: "ed25519".into(),
            fingerprint: "SHA256:abc".into(),
        };
        insta::assert_snapshot!(host_key_question(&[key("web1", "10.0.0.1"), key("database", "db\u{1b}")]), @r"
        Host keys of 2 hosts are not known:
          web1      10.0.0.1  ed25519   SHA256:abc
          database  db\x1b       ed25519   SHA256:abc
        Record them in known_hosts and go on? [y/N]
        ");
    }
}
