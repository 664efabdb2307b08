//! Turns what was found for one host into settings, or tells what native cannot do.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::algorithms::List;
use super::caller::Caller;
use super::expand::{Tokens, hostname, tilde};
use super::found::{Found, Held};
use super::judge::{Role, Surroundings, judge};
use super::keywords::Keyword;
use super::pattern::matches;
use super::proxy_jump::Jump;
use super::settings::{AddressFamily, Algorithms, Authentication, HostKeyChecking, HostKeySettings, Method, Settings};
use super::value::Value;
use super::{Doubt, SshConfig};

/// Seconds after which a silent server is asked for a sign of life, where nothing else is said; as for OpenSSH.
const ALIVE_INTERVAL: u32 = 15;

/// Signs of life that may fail, where nothing else is said.
const ALIVE_COUNT: u32 = 3;

/// The name to connect to, after a first reading: in lower case, or an address as OpenSSH writes it.
pub(super) fn connected_name(found: &Found<'_>, original: &str) -> Result<String, Doubt> {
    let odd = |c: char| !c.is_ascii_alphanumeric() && !"._-:".contains(c);
    if original.is_empty() || original.starts_with('-') || original.contains(odd) {
        return Err(Doubt(format!("the address `{}`", super::found::shown(original))));
    }
    let name = match found.get(Keyword::Hostname) {
        Some(Held { value: Value::Word(text), .. }) => hostname(text, original),
        _ => Ok(original.to_owned()),
    };
    let held = found.get(Keyword::Hostname);
    let doubt = |what: &str| match held {
        Some(held) => held.doubt_with(what),
        None => Doubt(format!("the address `{}`: {what}", super::found::shown(original))),
    };
    let name = name.map_err(|what| doubt(&what))?;
    if let Ok(address) = name.parse::<std::net::IpAddr>() {
        return match (address, found.word(Keyword::AddressFamily)) {
            (std::net::IpAddr::V4(_), Some("inet6")) | (std::net::IpAddr::V6(_), Some("inet")) => {
                Err(doubt("an address of the other family"))
            }
            // The system's library writes these in a way of its own.
            (std::net::IpAddr::V6(v6), _) if v6.segments()[..5] == [0; 5] && v6.segments()[6] != 0 => {
                Err(doubt("an IPv4 address in an IPv6 one"))
            }
            _ => Ok(address.to_string()),
        };
    }
    if !is_plain_name(&name) {
        return Err(doubt("characters that ssh may refuse"));
    }
    if name.split('.').all(number_like) {
        return Err(doubt("a number that ssh may take for an address"));
    }
    Ok(name.to_ascii_lowercase())
}

fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.len() < 1000
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c))
}

/// Whether the system's library may take a part of a name for a number: decimal, octal or hexadecimal.
fn number_like(part: &str) -> bool {
    let hexadecimal = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"));
    part.bytes().all(|c| c.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|c| c.is_ascii_hexdigit()))
}

/// What was found, and for whom.
pub(super) struct Subject<'a, 'b> {
    /// What was found.
    pub(super) found: &'b Found<'a>,
    /// The name as given.
    pub(super) original: &'b str,
    /// The name to connect to.
    pub(super) hostname: &'b str,
    /// What the host is to the connection.
    pub(super) role: Role,
}

impl SshConfig {
    /// The settings that `subject` comes to, without the way there.
    pub(super) fn settings(&self, subject: &Subject<'_, '_>, caller: &Caller) -> Result<Settings, Doubt> {
        let Subject { found, original, hostname, role } = *subject;
        let user = found.word(Keyword::User).unwrap_or(&caller.name);
        check_user(user, found)?;
        let port = found.number(Keyword::Port).map_or(Ok(22), u16::try_from).unwrap_or(22);
        let alias = found.word(Keyword::HostKeyAlias).map(str::to_ascii_lowercase);
        let key_alias = alias.as_deref().unwrap_or(original);
        let jump = last_on_the_way(found);
        let tokens = Tokens { caller, hostname, original, port, user, key_alias, direct: jump.is_none() };
        if role == Role::Hop {
            check_master(found, &tokens, jump.unwrap_or_default())?;
        }
        let agent = agent(found, &tokens)?;
        let (methods, kerberos) = methods(found);
        let kerberos = kerberos && found.flag(Keyword::GssapiAuthentication) == Some(true) && self.kerberos(caller);
        judge(found, role, &Surroundings { caller, agent: agent.is_some(), kerberos })?;
        let seconds = |keyword, default| {
            let seconds = found.number(keyword).or(default).filter(|seconds| *seconds > 0);
            seconds.map(|seconds| Duration::from_secs(u64::from(seconds)))
        };
        Ok(Settings {
            original: original.to_owned(),
            hostname: hostname.to_owned(),
            port,
            user: user.to_owned(),
            address_family: match found.word(Keyword::AddressFamily) {
                Some("inet") => AddressFamily::Inet,
                Some("inet6") => AddressFamily::Inet6,
                _ => AddressFamily::Any,
            },
            connect_timeout: seconds(Keyword::ConnectTimeout, None),
            connection_attempts: found.number(Keyword::ConnectionAttempts).unwrap_or(1),
            tcp_keep_alive: found.flag(Keyword::TcpKeepAlive).unwrap_or(true),
            alive_interval: seconds(Keyword::ServerAliveInterval, Some(ALIVE_INTERVAL)),
            alive_count: found.number(Keyword::ServerAliveCountMax).unwrap_or(ALIVE_COUNT),
            rekey_bytes: match found.get(Keyword::RekeyLimit).map(|held| held.value) {
                Some(Value::Rekey(bytes, _)) if *bytes > 0 => Some(*bytes),
                _ => None,
            },
            rekey_time: seconds(Keyword::RekeyTime, None),
            host_keys: host_keys(found, &tokens, alias.clone())?,
            algorithms: algorithms(found)?,
            authentication: Authentication {
                identities: self.identities(found, &tokens, &methods)?,
                certificates: paths(&found.certificates.iter().map(|(held, _)| *held).collect::<Vec<_>>(), &tokens)?,
                identities_only: found.flag(Keyword::IdentitiesOnly).unwrap_or(false),
                agent,
                password_prompts: found.number(Keyword::NumberOfPasswordPrompts).unwrap_or(3),
                methods,
            },
            environment: environment(found, caller)?,
            via: None,
        })
    }

    fn identities(&self, found: &Found<'_>, tokens: &Tokens<'_>, methods: &[Method]) -> Result<Vec<PathBuf>, Doubt> {
        if !found.identities.is_empty() {
            let named = found.identities.iter().map(|(held, _)| *held).filter(|held| !held.value.is("none"));
            return paths(&named.collect::<Vec<_>>(), tokens);
        }
        if let Some(name) = self.odd_identity(tokens.caller).filter(|_| methods.contains(&Method::PublicKey)) {
            return Err(Doubt(format!("the key ~/.ssh/{name}, which native cannot use")));
        }
        Ok(["id_rsa", "id_ecdsa", "id_ed25519"].map(|name| tokens.caller.at_home(&format!(".ssh/{name}"))).to_vec())
    }
}

fn last_on_the_way<'a>(found: &Found<'a>) -> Option<&'a str> {
    match found.get(Keyword::ProxyJump)?.value {
        Value::Jump(Jump::Hops(hops)) => hops.last().map(|hop| hop.host.as_str()),
        _ => None,
    }
}

/// OpenSSH reaches a host on the way through a connection that is already there, and so without a new login.
fn check_master(found: &Found<'_>, tokens: &Tokens<'_>, jump: &str) -> Result<(), Doubt> {
    let Some(held) = found.get(Keyword::ControlPath).filter(|held| !held.value.is("none")) else { return Ok(()) };
    let text = found.word(Keyword::ControlPath).unwrap_or_default();
    let paths = tokens.path_by_versions(text, jump).map_err(|what| held.doubt_with(&what))?;
    if paths.iter().any(|path| Path::new(path).symlink_metadata().is_ok()) {
        return Err(held.doubt_with("a connection that is there"));
    }
    Ok(())
}

fn check_user(user: &str, found: &Found<'_>) -> Result<(), Doubt> {
    let odd = user.is_empty()
        || user.starts_with('-')
        || user.chars().any(|c| c.is_control() || c.is_whitespace() || "'`\";&<>|(){}\\%$".contains(c));
    match found.get(Keyword::User) {
        _ if !odd => Ok(()),
        Some(held) => Err(held.doubt_with("characters that ssh may refuse")),
        None => Err(Doubt("the user's name: characters that ssh may refuse".to_owned())),
    }
}

/// The agent's socket.
fn agent(found: &Found<'_>, tokens: &Tokens<'_>) -> Result<Option<PathBuf>, Doubt> {
    let variable = |name: &str| tokens.caller.variable(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let Some(held) = found.get(Keyword::IdentityAgent) else { return Ok(variable("SSH_AUTH_SOCK")) };
    let text = found.word(Keyword::IdentityAgent).unwrap_or_default();
    let text = tokens.path(text).map_err(|what| held.doubt_with(&what))?;
    match text.strip_prefix('$') {
        _ if text == "none" => Ok(None),
        _ if text == "SSH_AUTH_SOCK" => Ok(variable("SSH_AUTH_SOCK")),
        Some(name) if held.value.is(&text) => Ok(variable(name)),
        Some(_) => Err(held.doubt_with("a `$` from elsewhere")),
        None => Ok(Some(text.into())),
    }
}

/// The ways to log in, and whether GSSAPI is among the preferred ones.
fn methods(found: &Found<'_>) -> (Vec<Method>, bool) {
    let preferred = found.word(Keyword::PreferredAuthentications);
    let preferred = preferred.unwrap_or("gssapi-with-mic,hostbased,publickey,keyboard-interactive,password");
    let mut methods = Vec::new();
    for name in preferred.split(',') {
        let (method, switch) = match name {
            "publickey" => (Method::PublicKey, Keyword::PubkeyAuthentication),
            "keyboard-interactive" => (Method::KeyboardInteractive, Keyword::KbdInteractiveAuthentication),
            "password" => (Method::Password, Keyword::PasswordAuthentication),
            _ => continue,
        };
        let off = found.get(switch).is_some_and(|held| held.value.is("no") || held.value.is("false"));
        if !off && !methods.contains(&method) {
            methods.push(method);
        }
    }
    (methods, preferred.split(',').any(|name| name.starts_with("gssapi")))
}

fn host_keys(found: &Found<'_>, tokens: &Tokens<'_>, alias: Option<String>) -> Result<HostKeySettings, Doubt> {
    let flag = |keyword| found.flag(keyword).unwrap_or(false);
    Ok(HostKeySettings {
        checking: match found.word(Keyword::StrictHostKeyChecking) {
            Some("no" | "false" | "off") => HostKeyChecking::Off,
            Some("accept-new") => HostKeyChecking::AcceptNew,
            _ => HostKeyChecking::Strict,
        },
        user_files: match files(found, Keyword::UserKnownHostsFile) {
            None => ["known_hosts", "known_hosts2"].map(|name| tokens.caller.at_home(&format!(".ssh/{name}"))).to_vec(),
            Some((held, words)) => expanded(held, words, |word| tokens.path(word))?,
        },
        global_files: match files(found, Keyword::GlobalKnownHostsFile) {
            None => ["ssh_known_hosts", "ssh_known_hosts2"].map(|name| PathBuf::from("/etc/ssh").join(name)).to_vec(),
            // OpenSSH expands nothing else in these.
            Some((held, words)) => expanded(held, words, |word| tilde(word, tokens.caller))?,
        },
        alias,
        hash: flag(Keyword::HashKnownHosts),
        check_ip: flag(Keyword::CheckHostIp),
        skip_localhost: flag(Keyword::NoHostAuthenticationForLocalhost),
    })
}

fn files<'a>(found: &Found<'a>, keyword: Keyword) -> Option<(Held<'a>, &'a [String])> {
    let held = found.get(keyword)?;
    match held.value {
        Value::Words(words) if held.value.is("none") => Some((held, &words[..0])),
        Value::Words(words) => Some((held, words)),
        _ => None,
    }
}

fn paths(keys: &[Held<'_>], tokens: &Tokens<'_>) -> Result<Vec<PathBuf>, Doubt> {
    let mut paths = Vec::new();
    for held in keys {
        let Value::Word(word) = held.value else { continue };
        paths.push(tokens.path(word).map_err(|what| held.doubt_with(&what))?.into());
    }
    Ok(paths)
}

fn expanded(
    held: Held<'_>,
    words: &[String],
    expand: impl Fn(&str) -> Result<String, String>,
) -> Result<Vec<PathBuf>, Doubt> {
    let path = |word: &String| match expand(word) {
        // OpenSSH would expand it once more.
        Ok(path) if path.starts_with('~') => Err(held.doubt_with("a `~` from a variable")),
        Ok(path) => Ok(path.into()),
        Err(what) => Err(held.doubt_with(&what)),
    };
    words.iter().map(path).collect()
}

fn algorithms(found: &Found<'_>) -> Result<Algorithms, Doubt> {
    let list = |keyword, list: List| match (found.get(keyword), found.word(keyword)) {
        (Some(held), Some(text)) => list.whole(text).map(Some).ok_or_else(|| held.doubt()),
        _ => Ok(None),
    };
    Ok(Algorithms {
        kex: list(Keyword::KexAlgorithms, List::Kex)?,
        ciphers: list(Keyword::Ciphers, List::Ciphers)?,
        macs: list(Keyword::Macs, List::Macs)?,
        host_key: list(Keyword::HostKeyAlgorithms, List::Signatures)?,
        public_key: list(Keyword::PubkeyAcceptedAlgorithms, List::Signatures)?,
        ca_signature: list(Keyword::CaSignatureAlgorithms, List::CaSignatures)?,
    })
}

/// The variables to send: those of this process that `SendEnv` names, then those of `SetEnv`.
fn environment(found: &Found<'_>, caller: &Caller) -> Result<Vec<(String, String)>, Doubt> {
    let mut environment = Vec::new();
    if !found.send.is_empty() {
        for (name, value) in &caller.environment {
            let Some(name) = name.to_str() else { continue };
            if !found.send.iter().any(|pattern| matches(name, pattern)) {
                continue;
            }
            let value = value.to_str().ok_or_else(|| Doubt(format!("`SendEnv` of {name}, which is not UTF-8")))?;
            environment.push((name.to_owned(), value.to_owned()));
        }
    }
    let Some(held) = found.get(Keyword::SetEnv) else { return Ok(environment) };
    let Value::Words(words) = held.value else { return Ok(environment) };
    // Newer versions expand them.
    if words.iter().any(|word| word.contains('%') || word.contains("${")) {
        return Err(held.doubt_with("a `%` or `${`"));
    }
    let sent = environment.len();
    for (name, value) in words.iter().filter_map(|word| word.split_once('=')) {
        if !environment[sent..].iter().any(|(known, _)| known == name) {
            environment.push((name.to_owned(), value.to_owned()));
        }
    }
    Ok(environment)
}
