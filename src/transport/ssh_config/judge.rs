//! Tells what native cannot do of what was found.

use super::Doubt;
use super::caller::Caller;
use super::found::Found;
use super::keywords::{Keyword, Rule};

/// What a host is to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Where the command runs.
    Destination,
    /// On the way: OpenSSH starts another `ssh -W` for it, which forwards nothing else and runs nothing.
    Hop,
}

/// What lies around a connection and decides whether a directive has an effect.
pub(super) struct Surroundings<'a> {
    /// The local side.
    pub(super) caller: &'a Caller,
    /// Whether there is an agent.
    pub(super) agent: bool,
    /// Whether Kerberos may log in: credentials may exist, and the method is among the preferred ones.
    pub(super) kerberos: bool,
}

/// An error for the first directive that native cannot do.
pub(super) fn judge(found: &Found<'_>, role: Role, surroundings: &Surroundings<'_>) -> Result<(), Doubt> {
    for held in &found.only {
        let Rule::Only(harmless) = held.entry.rule else { continue };
        if !harmless.iter().any(|value| held.value.is(value)) {
            return Err(held.doubt());
        }
    }
    let refuse = |keyword: Keyword, harmful: bool| match found.get(keyword) {
        Some(held) if harmful => Err(held.doubt()),
        _ => Ok(()),
    };
    let on = |keyword: Keyword| found.flag(keyword) == Some(true);
    let is = |keyword: Keyword, word: &str| found.get(keyword).is_none_or(|held| held.value.is(word));
    // `-W` clears forwards, unless the configuration says otherwise.
    let cleared = found.flag(Keyword::ClearAllForwardings).unwrap_or(role == Role::Hop);
    if let Some(held) = found.forward.filter(|_| !cleared) {
        return Err(held.doubt());
    }
    refuse(Keyword::Tunnel, !cleared && !is(Keyword::Tunnel, "no") && !is(Keyword::Tunnel, "false"))?;
    refuse(Keyword::ProxyCommand, !is(Keyword::ProxyCommand, "none"))?;
    // opsctl says that there is none, ahead of all others; nobody says so to a host on the way.
    refuse(Keyword::RemoteCommand, role == Role::Hop && !is(Keyword::RemoteCommand, "none"))?;
    refuse(Keyword::SessionType, role == Role::Destination && !is(Keyword::SessionType, "default"))?;
    let command = on(Keyword::PermitLocalCommand) && !is(Keyword::LocalCommand, "none");
    refuse(Keyword::LocalCommand, command)?;
    if role == Role::Destination {
        refuse(Keyword::ForwardX11, on(Keyword::ForwardX11) && surroundings.caller.has("DISPLAY"))?;
        let socket = found.word(Keyword::ForwardAgent).is_some();
        refuse(Keyword::ForwardAgent, socket || (on(Keyword::ForwardAgent) && surroundings.agent))?;
    }
    refuse(Keyword::AddKeysToAgent, !is(Keyword::AddKeysToAgent, "no") && surroundings.agent)?;
    refuse(Keyword::GssapiAuthentication, on(Keyword::GssapiAuthentication) && surroundings.kerberos)?;
    // OpenSSH's own minimum; more needs a look at each key.
    refuse(Keyword::RequiredRsaSize, found.number(Keyword::RequiredRsaSize).is_some_and(|bits| bits > 1024))?;
    refuse(Keyword::ConnectionAttempts, found.number(Keyword::ConnectionAttempts) == Some(0))?;
    refuse(
        Keyword::PubkeyAuthentication,
        found.get(Keyword::PubkeyAuthentication).is_some_and(|held| held.value.is("host-bound")),
    )
}
