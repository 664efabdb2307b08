//! The directives of OpenSSH 9.2 to 10.x, and what each means to native.
//!
//! A directive that is not here is unknown: OpenSSH decides. So does it about one that 9.2 does not know, unless
//! `IgnoreUnknown` covers it and it changes nothing for those that do.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::algorithms::List;
use super::value::Kind::{
    self, AddKeys, Anything, Assignments, Cnames, Domains, Escape, File, Files, Flag, FlagOrSocket, FlagOrTime,
    Forward, Jump, Line, Listen, Mask, Names, Number, OneOf, Plain, Rekey, RemoteForward, Service, Socket, Time,
    Variables, Word,
};
use Rule::{Neutral, Newer, Only, Own};

/// A directive.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its names; the first is the usual one.
    pub(super) names: &'static [&'static str],
    /// What it takes.
    pub(super) kind: Kind,
    /// What it means to native.
    pub(super) rule: Rule,
}

/// What a directive means to native.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// It comes to a setting, or its effect depends on others.
    Own(Keyword),
    /// It changes nothing for a command without a terminal.
    Neutral,
    /// It changes nothing with these values, and native cannot do any other.
    Only(&'static [&'static str]),
    /// Not every OpenSSH knows it; where it is ignored or known, it changes nothing.
    Newer,
}

/// A directive that has a place of its own among the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    AddKeysToAgent,
    AddressFamily,
    CaSignatureAlgorithms,
    CertificateFile,
    CheckHostIp,
    Ciphers,
    ClearAllForwardings,
    ConnectTimeout,
    ConnectionAttempts,
    ControlPath,
    Forward,
    ForwardAgent,
    ForwardX11,
    GlobalKnownHostsFile,
    GssapiAuthentication,
    HashKnownHosts,
    HostKeyAlgorithms,
    HostKeyAlias,
    Hostname,
    IdentitiesOnly,
    IdentityAgent,
    IdentityFile,
    IgnoreUnknown,
    KbdInteractiveAuthentication,
    KexAlgorithms,
    LocalCommand,
    Macs,
    NoHostAuthenticationForLocalhost,
    NumberOfPasswordPrompts,
    PasswordAuthentication,
    PermitLocalCommand,
    Port,
    PreferredAuthentications,
    ProxyCommand,
    ProxyJump,
    PubkeyAcceptedAlgorithms,
    PubkeyAuthentication,
    RekeyLimit,
    RekeyTime,
    RemoteCommand,
    RequiredRsaSize,
    SendEnv,
    ServerAliveCountMax,
    ServerAliveInterval,
    SessionType,
    SetEnv,
    StrictHostKeyChecking,
    TcpKeepAlive,
    Tunnel,
    User,
    UserKnownHostsFile,
}

impl Keyword {
    /// How many there are.
    pub(super) const COUNT: usize = Self::UserKnownHostsFile as usize + 1;
}

/// What a line begins with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Begin {
    /// `Host`.
    Host,
    /// `Match`.
    Match,
    /// `Include`.
    Include,
    /// A directive.
    Directive(&'static Entry),
}

/// Looks a keyword up, in any case.
pub(super) fn look_up(keyword: &str) -> Option<Begin> {
    static INDEX: LazyLock<HashMap<String, &'static Entry>> = LazyLock::new(|| {
        let names = |entry: &'static Entry| entry.names.iter().map(move |name| (name.to_ascii_lowercase(), entry));
        TABLE.iter().flat_map(names).collect()
    });
    let keyword = keyword.to_ascii_lowercase();
    match keyword.as_str() {
        "host" => Some(Begin::Host),
        "match" => Some(Begin::Match),
        "include" => Some(Begin::Include),
        _ => INDEX.get(&keyword).copied().map(Begin::Directive),
    }
}

const fn row(names: &'static [&'static str], kind: Kind, rule: Rule) -> Entry {
    Entry { names, kind, rule }
}

const CHECKING: Kind = OneOf(&["yes", "true", "no", "false", "ask", "off", "accept-new"]);
const LEVELS: Kind = OneOf(&["quiet", "fatal", "error", "info", "verbose", "debug", "debug1", "debug2", "debug3"]);
const FACILITIES: Kind = OneOf(&[
    "daemon", "user", "auth", "authpriv", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7",
]);
const MASTER: Kind = OneOf(&["yes", "true", "no", "false", "auto", "ask", "autoask"]);
const TUNNELS: Kind = OneOf(&["yes", "true", "no", "false", "ethernet", "point-to-point"]);
const ASK: Kind = OneOf(&["yes", "true", "no", "false", "ask"]);
const NO: Rule = Only(&["no", "false"]);
const NONE: Rule = Only(&["none"]);

/// Names of directives that OpenSSH has forgotten or was built without; their values do not matter.
const FORGOTTEN: &[&str] = &[
    "Protocol",
    "Cipher",
    "FallBackToRsh",
    "GlobalKnownHostsFile2",
    "RhostsAuthentication",
    "UserKnownHostsFile2",
    "UseRoaming",
    "UseRsh",
    "UsePrivilegedPort",
    "AFSTokenPassing",
    "KerberosAuthentication",
    "KerberosTGTPassing",
    "RSAAuthentication",
    "RhostsRSAAuthentication",
    "CompressionLevel",
];

const TABLE: &[Entry] = &[
    // Implemented: the directive comes to a setting.
    row(&["AddressFamily"], OneOf(&["any", "inet", "inet6"]), Own(Keyword::AddressFamily)),
    row(&["CASignatureAlgorithms"], Names(List::CaSignatures), Own(Keyword::CaSignatureAlgorithms)),
    row(&["CertificateFile"], File, Own(Keyword::CertificateFile)),
    row(&["CheckHostIP"], Flag, Own(Keyword::CheckHostIp)),
    row(&["Ciphers"], Names(List::Ciphers), Own(Keyword::Ciphers)),
    row(&["ConnectTimeout"], Time, Own(Keyword::ConnectTimeout)),
    row(&["ConnectionAttempts"], Number, Own(Keyword::ConnectionAttempts)),
    row(&["GlobalKnownHostsFile"], Files, Own(Keyword::GlobalKnownHostsFile)),
    row(&["HashKnownHosts"], Flag, Own(Keyword::HashKnownHosts)),
    row(&["HostKeyAlgorithms"], Names(List::Signatures), Own(Keyword::HostKeyAlgorithms)),
    row(&["HostKeyAlias"], Plain, Own(Keyword::HostKeyAlias)),
    row(&["Hostname"], Word, Own(Keyword::Hostname)),
    row(&["IdentitiesOnly"], Flag, Own(Keyword::IdentitiesOnly)),
    row(&["IdentityAgent"], Socket, Own(Keyword::IdentityAgent)),
    row(&["IdentityFile", "IdentityFile2"], File, Own(Keyword::IdentityFile)),
    row(&["IgnoreUnknown"], Word, Own(Keyword::IgnoreUnknown)),
    row(
        &["KbdInteractiveAuthentication", "ChallengeResponseAuthentication", "SKeyAuthentication", "TISAuthentication"],
        Flag,
        Own(Keyword::KbdInteractiveAuthentication),
    ),
    row(&["KexAlgorithms"], Names(List::Kex), Own(Keyword::KexAlgorithms)),
    row(&["MACs"], Names(List::Macs), Own(Keyword::Macs)),
    row(&["NoHostAuthenticationForLocalhost"], Flag, Own(Keyword::NoHostAuthenticationForLocalhost)),
    row(&["NumberOfPasswordPrompts"], Number, Own(Keyword::NumberOfPasswordPrompts)),
    row(&["PasswordAuthentication"], Flag, Own(Keyword::PasswordAuthentication)),
    row(&["Port"], Kind::Port, Own(Keyword::Port)),
    row(&["PreferredAuthentications"], Word, Own(Keyword::PreferredAuthentications)),
    row(&["ProxyJump"], Jump, Own(Keyword::ProxyJump)),
    row(
        &["PubkeyAcceptedAlgorithms", "PubkeyAcceptedKeyTypes"],
        Names(List::Signatures),
        Own(Keyword::PubkeyAcceptedAlgorithms),
    ),
    row(
        &["PubkeyAuthentication", "DSAAuthentication"],
        OneOf(&["yes", "true", "no", "false", "unbound", "host-bound"]),
        Own(Keyword::PubkeyAuthentication),
    ),
    row(&["RekeyLimit"], Rekey, Own(Keyword::RekeyLimit)),
    row(&["SendEnv"], Variables, Own(Keyword::SendEnv)),
    row(&["ServerAliveCountMax"], Number, Own(Keyword::ServerAliveCountMax)),
    row(&["ServerAliveInterval"], Time, Own(Keyword::ServerAliveInterval)),
    row(&["SetEnv"], Assignments, Own(Keyword::SetEnv)),
    row(&["StrictHostKeyChecking"], CHECKING, Own(Keyword::StrictHostKeyChecking)),
    row(&["TCPKeepAlive", "KeepAlive"], Flag, Own(Keyword::TcpKeepAlive)),
    row(&["User"], Plain, Own(Keyword::User)),
    row(&["UserKnownHostsFile"], Files, Own(Keyword::UserKnownHostsFile)),
    // Judged with others: see `judge`.
    row(&["AddKeysToAgent"], AddKeys, Own(Keyword::AddKeysToAgent)),
    row(&["ClearAllForwardings"], Flag, Own(Keyword::ClearAllForwardings)),
    row(&["ControlPath"], Word, Own(Keyword::ControlPath)),
    row(&["DynamicForward"], Listen, Own(Keyword::Forward)),
    row(&["ForwardAgent"], FlagOrSocket, Own(Keyword::ForwardAgent)),
    row(&["ForwardX11"], Flag, Own(Keyword::ForwardX11)),
    row(&["GSSAPIAuthentication"], Flag, Own(Keyword::GssapiAuthentication)),
    row(&["LocalCommand"], Line, Own(Keyword::LocalCommand)),
    row(&["LocalForward"], Forward, Own(Keyword::Forward)),
    row(&["PermitLocalCommand"], Flag, Own(Keyword::PermitLocalCommand)),
    row(&["ProxyCommand"], Line, Own(Keyword::ProxyCommand)),
    row(&["RemoteCommand"], Line, Own(Keyword::RemoteCommand)),
    row(&["RemoteForward"], RemoteForward, Own(Keyword::Forward)),
    row(&["RequiredRSASize"], Number, Own(Keyword::RequiredRsaSize)),
    row(&["SessionType"], OneOf(&["none", "subsystem", "default"]), Own(Keyword::SessionType)),
    row(&["Tunnel"], TUNNELS, Own(Keyword::Tunnel)),
    // Native cannot, unless the value switches it off.
    row(&["BindAddress"], Word, Only(&[])),
    row(&["BindInterface"], Word, Only(&[])),
    row(&["CanonicalizeHostname"], OneOf(&["yes", "true", "no", "false", "always"]), NO),
    row(&["CanonicalizePermittedCNAMEs"], Cnames, NONE),
    row(&["Compression"], OneOf(&["yes", "no"]), NO),
    row(&["ForkAfterAuthentication"], Flag, NO),
    row(&["HostbasedAuthentication"], Flag, NO),
    row(&["KbdInteractiveDevices"], Word, Only(&[])),
    row(&["KnownHostsCommand"], Line, NONE),
    row(&["PKCS11Provider", "SmartcardDevice"], Word, NONE),
    row(&["RevokedHostKeys"], Word, NONE),
    row(&["SecurityKeyProvider"], Word, Only(&["none", "internal"])),
    row(&["StdinNull"], Flag, NO),
    // `ask` is `no` where a command is run.
    row(&["UpdateHostKeys"], ASK, Only(&["no", "false", "ask"])),
    row(&["VerifyHostKeyDNS"], ASK, NO),
    // opsctl says itself, ahead of all others, that nobody is at the terminal, and multiplexes by itself.
    row(&["BatchMode"], Flag, Neutral),
    row(&["ControlMaster"], MASTER, Neutral),
    row(&["ControlPersist"], FlagOrTime, Neutral),
    row(&["RequestTTY"], OneOf(&["yes", "true", "no", "false", "force", "auto"]), Neutral),
    // They have no effect without a terminal.
    row(&["EnableEscapeCommandline"], Flag, Neutral),
    row(&["EscapeChar"], Escape, Neutral),
    row(&["VisualHostKey"], Flag, Neutral),
    // They have no effect without forwarding, tunnel, proxy command, canonical names, host-based or GSSAPI
    // authentication, none of which native does.
    row(&["CanonicalDomains"], Domains, Neutral),
    row(&["CanonicalizeFallbackLocal"], Flag, Neutral),
    row(&["CanonicalizeMaxDots"], Number, Neutral),
    row(&["EnableSSHKeysign"], Flag, Neutral),
    row(&["ExitOnForwardFailure"], Flag, Neutral),
    row(&["ForwardX11Timeout"], Time, Neutral),
    row(&["ForwardX11Trusted"], Flag, Neutral),
    row(&["GatewayPorts"], Flag, Neutral),
    row(&["GSSAPIDelegateCredentials"], Flag, Neutral),
    row(&["HostbasedAcceptedAlgorithms", "HostbasedKeyTypes"], Names(List::Signatures), Neutral),
    row(&["PermitRemoteOpen"], OneOf(&["any", "none"]), Neutral),
    row(&["ProxyUseFdpass"], Flag, Neutral),
    row(&["StreamLocalBindMask"], Mask, Neutral),
    row(&["StreamLocalBindUnlink"], Flag, Neutral),
    row(&["TunnelDevice"], OneOf(&["any", "any:any"]), Neutral),
    row(&["XAuthLocation"], Word, Neutral),
    // They change what is said, or how packets are marked, and nothing that is done.
    row(&["FingerprintHash"], OneOf(&["md5", "sha256"]), Neutral),
    row(&["IPQoS"], Service, Neutral),
    row(&["LogLevel"], LEVELS, Neutral),
    row(&["LogVerbose"], Files, Neutral),
    row(&["SyslogFacility"], FACILITIES, Neutral),
    row(FORGOTTEN, Anything, Neutral),
    // Unknown to 9.2. `ChannelTimeout` and `RefuseConnection` are left out: they change something.
    row(&["ObscureKeystrokeTiming"], OneOf(&["yes", "no"]), Newer),
    row(&["Tag"], Word, Newer),
    row(&["WarnWeakCrypto"], Flag, Newer),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_stands_once_and_each_keyword_has_a_row() {
        let mut names: Vec<String> =
            TABLE.iter().flat_map(|entry| entry.names).map(|name| name.to_ascii_lowercase()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        let own =
            |index: usize| TABLE.iter().any(|entry| matches!(entry.rule, Own(keyword) if keyword as usize == index));
        // `RekeyTime` is the second half of `RekeyLimit`.
        let without: Vec<usize> = (0..Keyword::COUNT).filter(|index| !own(*index)).collect();
        assert_eq!(without, [Keyword::RekeyTime as usize]);
    }

    #[test]
    fn keywords_have_any_case() {
        assert!(matches!(look_up("pOrT"), Some(Begin::Directive(entry)) if entry.names == ["Port"]));
        assert!(matches!(look_up("MATCH"), Some(Begin::Match)));
        assert!(look_up("ProxyComand").is_none());
    }
}
