//! The same configurations through `ssh -G` and through this module: where native says that it can, both must agree.

mod compare;

use std::collections::HashMap;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::*;
use compare::compare;

/// What `ssh -G` prints: each keyword with the values of its lines.
type Printed = HashMap<String, Vec<String>>;

/// Stands behind each configuration, as behind that of the openssh transport.
const DEFAULTS: &str = "\nHost *\n  ServerAliveInterval 15\n  ServerAliveCountMax 3\n";

/// What `ssh` would do; none when it refuses.
fn printed(file: &Path, words: &[&str], host: &str) -> Option<Printed> {
    let mut ssh = Command::new("ssh");
    ssh.arg("-G").arg("-F").arg(file).args(words).args(["--", host]);
    let output = ssh.output().unwrap();
    if !output.status.success() {
        return None;
    }
    let mut printed = Printed::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let (keyword, value) = line.split_once(' ').unwrap_or((line, ""));
        printed.entry(keyword.to_owned()).or_default().push(value.to_owned());
    }
    Some(printed)
}

fn resolve(file: &Path, words: &[&str], host: &str) -> Result<Settings, String> {
    let mut ssh_args = vec!["-F".to_owned(), file.display().to_string()];
    ssh_args.extend(words.iter().map(|word| (*word).to_owned()));
    match SshConfig::system().resolve(&Target { address: host.into(), ssh_args, ..Target::default() }) {
        Resolution::Native(settings) => Ok(*settings),
        Resolution::OpenSsh(reason) => Err(reason),
    }
}

/// Holds one configuration against `ssh -G`; whether native can.
fn agree(config: &str, words: &[&str], host: &str) -> bool {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config");
    std::fs::write(&file, format!("{config}{DEFAULTS}")).unwrap();
    let context = format!("{host} {words:?} with\n{config}");
    match (printed(&file, words, host), resolve(&file, words, host)) {
        (Some(printed), Ok(settings)) => {
            compare(&settings, &printed, &context);
            true
        }
        (None, Ok(_)) => panic!("ssh refuses {context}"),
        (_, Err(reason)) => {
            assert!(!reason.is_empty() && !reason.contains('\n'), "{reason:?} for {context}");
            false
        }
    }
}

#[test]
fn native_agrees_with_ssh_on_configurations_that_people_write() {
    for (config, words) in [
        ("", &[][..]),
        ("Host db\n  HostName DB.Example\n  User ops\n  Port 2222\nHost *\n  User root\n  Port 1\n", &[]),
        ("Host=db\nPort=3\nHost !db *\nPort 4\nHost \"db\" web\nUser \"a\"\n", &[]),
        ("hostname %h.example\nMatch host db.example\nUser matched\nMatch originalhost db user matched\nPort 5", &[]),
        ("Match final host db.example\nUser last\nMatch all\nHostname db.example\nMatch host db\nPort 7", &[]),
        ("Host db.example\nPort 9\nHost db\nHostname db.example\nMatch final all\nUser x", &[]),
        ("Match !final\nPort 8\nMatch canonical\nUser c", &[]),
        ("Match localuser root,ann !host web\nPort 11\nMatch user root\nUser toor", &[]),
        ("IdentityFile ~/.ssh/%r@%h-%p\nIdentityFile /a\nIdentityFile /a\nIdentityFile none\nCertificateFile ~/c", &[]),
        ("IdentityFile none\nIdentitiesOnly yes", &[]),
        ("UserKnownHostsFile /x/%C /%l-%L-%i-%k-%n-%u-%%\nHostKeyAlias Ali", &["-p3", "-lops"]),
        ("IdentityFile /b", &["-i", "/", "-i", "/no/such", "-o", "IdentityFile=\"/a b\""]),
        ("SendEnv LANG LC_*\nSendEnv -LC_* PATH\nSetEnv A=b C=\"d e\" A=x\nSetEnv D=f", &[]),
        ("Match final all\nSendEnv HOME\nIdentityFile /a\nSetEnv X=y", &[]),
        ("StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/kh %d/x /dev/null\nHashKnownHosts yes", &[]),
        ("StrictHostKeyChecking off\nUserKnownHostsFile none\nGlobalKnownHostsFile ~/g /x\nHostKeyAlias Alias", &[]),
        ("GlobalKnownHostsFile none\nCheckHostIP yes\nNoHostAuthenticationForLocalhost yes", &["-4"]),
        ("ConnectTimeout none\nConnectTimeout 1m30s\nConnectionAttempts 3\nTCPKeepAlive no", &["-6", "-4", "-6"]),
        ("ServerAliveInterval 0\nServerAliveCountMax 0\nRekeyLimit 1G 1h", &[]),
        ("RekeyLimit 64k none\nRekeyLimit 1M 10m\nServerAliveInterval none", &[]),
        ("PreferredAuthentications password,publickey\nPubkeyAuthentication no\nNumberOfPasswordPrompts 1", &[]),
        ("ChallengeResponseAuthentication no\nPasswordAuthentication no", &["-oPubkeyAuthentication=unbound"]),
        ("Ciphers aes256-ctr,aes128-ctr\nMACs hmac-sha2-256\nKexAlgorithms curve25519-sha256", &[]),
        ("HostKeyAlgorithms ssh-ed25519\nPubkeyAcceptedKeyTypes ssh-ed25519,rsa-sha2-512", &["-c", "aes128-ctr"]),
        ("CASignatureAlgorithms ssh-ed25519\nIPQoS af21 cs1\nEscapeChar ^B\nLogLevel ERROR", &["-m", "hmac-sha1"]),
        ("Host db\nProxyJump ops@jump:2222\nHost jump\nUser j", &[]),
        ("ProxyJump none\nProxyJump jump", &[]),
        ("Host web\nProxyJump ssh://ops@jump:23\nHost db\nProxyJump jump # words", &[]),
        ("Host db\nProxyCommand none\nProxyJump jump", &["-J", "a,b", "-p", "23"]),
        ("ControlMaster auto\nControlPath ~/.ssh/%C\nControlPersist 60s\nForwardX11 no", &["-M", "-S", "none", "-T"]),
        ("IgnoreUnknown Foo*,bar\nFoobar 1\nBAR 2\nUser x", &["-oIgnoreUnknown=Foo*,BAR", "-oFooBar=1"]),
        ("User 'a b'\nPort 22 # words\n\tUser\t=\tx  \nHost\tdb\x0c\nPort 1", &["-l", "ops", "-p2"]),
        ("Protocol 2,1\nCipher blowfish\nUseRoaming no\nRhostsRSAAuthentication no", &["-vvv"]),
        ("AddressFamily inet\nHostname 127.0.0.1", &[]),
        ("Hostname 2001:DB8:0::1", &["-6"]),
        ("IdentityAgent none\nAddKeysToAgent no\nUpdateHostKeys no", &[]),
    ] {
        for host in ["db", "web"] {
            let native = agree(config, words, host);
            let expected = !config.contains("!final");
            assert_eq!(native, expected, "{host} {words:?}: {config}\n{:?}", {
                let directory = tempfile::tempdir().unwrap();
                let file = directory.path().join("config");
                std::fs::write(&file, config).unwrap();
                resolve(&file, words, host)
            });
        }
    }
}

#[test]
fn key_files_are_expanded_as_ssh_expands_them() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config");
    let config = "IdentityFile ~/.ssh/%r@%h-%p-%n-%k-%L-%l-%i-%C\nIdentityFile ${PATH}/x$HOME/%%\nIdentityFile None\n\
                  CertificateFile %d/c-%u\nHostname %h.Ex\nHostKeyAlias AbC\nUser ops\nPort 23\n";
    std::fs::write(&file, config).unwrap();
    let mut ssh = Command::new("ssh");
    // The command ends at once, so that ssh says which keys it has looked for, and no more.
    ssh.args(["-v", "-o", "BatchMode=yes", "-o", "ProxyCommand=/bin/true", "-F"]).arg(&file).arg("DB");
    let said = String::from_utf8(ssh.output().unwrap().stderr).unwrap();
    let paths = |what: &str| -> Vec<PathBuf> {
        let said = said.lines().filter_map(|line| line.strip_prefix(&format!("debug1: {what} file ")));
        said.map(|path| path.rsplit_once(" type ").unwrap().0.into()).collect()
    };
    let settings = resolve(&file, &[], "DB").unwrap();
    assert_eq!(paths("identity").len(), 2, "{said}");
    assert_eq!(settings.authentication.identities, paths("identity"));
    assert_eq!(settings.authentication.certificates, paths("certificate"));
}

#[test]
fn what_ssh_refuses_native_does_not_do() {
    for config in [
        "Nonsense 1",
        "Port",
        "Port 0",
        "Port x",
        "Port 1 2",
        "User",
        "User \"\"",
        "User \"a",
        "Match",
        "Match host",
        "Match nobody",
        "Match all host x",
        "Host db\nForwardAgent ${NO_SUCH}",
        "IdentityAgent ${NO_SUCH}/x",
        "Ciphers nonsense",
        "MACs ,",
        "KexAlgorithms x",
        "HostKeyAlgorithms x",
        "ConnectTimeout x",
        "RekeyLimit 1",
        "SendEnv A=b",
        "SetEnv A",
        "StrictHostKeyChecking maybe",
        "Hostname %n",
        "UserKnownHostsFile a none",
        "ProxyJump :",
        "ProxyJump a:x",
        "LocalForward 1",
        "LocalForward x y",
        "IPQoS x",
        "EscapeChar xx",
        "LogLevel x",
        "ConnectionAttempts 0",
        "Include ~nobody-here/x\nHost x\nPort -1",
        "UserKnownHostsFile %Z",
        "Host web\nPort 99999",
        "TunnelDevice x",
        "StreamLocalBindMask 9",
        "FingerprintHash x",
        "Tag x",
        "= 3",
        "CanonicalizePermittedCNAMEs x",
        "CanonicalDomains ..",
        "AddKeysToAgent x y",
        "ControlPersist x",
        "Compression x",
        "ProxyJump db",
    ] {
        assert!(!agree(config, &[], "db"), "{config}");
    }
    for words in [&["-p", "x"][..], &["-J", "a", "-J", "b"], &["-oHost=x"], &["-oUser"], &["-c", "x"], &["-F"]] {
        assert!(!agree("", words, "db"), "{words:?}");
    }
}

#[test]
fn native_agrees_with_ssh_on_files_that_include_files() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path().display().to_string();
    for (name, text) in [
        ("ports", "Port 5\nHost web\nPort 6"),
        ("z-last", "User last\nMatch final\nUser never"),
        ("a first", "Host db\nUser first"),
        ("deep", &format!("Include {here}/ports\nHost *\nInclude \"{here}/a first\"")),
        ("loop", &format!("Include {here}/loop")),
        ("bad", "Host none\nPort x"),
        ("sub/x", ""),
    ] {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    for (config, expected) in [
        ("Include HERE/ports\nPort 9", true),
        ("Host db\nInclude HERE/ports\nUser inside\nHost *\nPort 9", true),
        ("Host web\nInclude HERE/deep HERE/z*\nMatch host db\nInclude HERE/z-last", true),
        ("Include HERE/none HERE/*/none\nInclude HERE/?-last", true),
        ("Match final\nInclude HERE/deep\nMatch all\nInclude HERE/[a-z]*rts", false),
        ("Match originalhost web\nInclude HERE/deep HERE/sub\nUser x", true),
        ("Host nobody\nInclude HERE/bad", false),
        ("Host nobody\nInclude HERE/loop", false),
        ("Include ~nobody/x", false),
        ("Include \"\"", false),
    ] {
        for host in ["db", "web"] {
            assert_eq!(agree(&config.replace("HERE", &here), &[], host), expected, "{host}: {config}");
        }
    }
}

/// A line of a configuration: most are fine, some are not.
fn line() -> impl Strategy<Value = String> {
    let block = prop_oneof![
        "Host (db|web|d\\*|\\*|\\?b|!db \\*|\"db\" web|!web d\\*)",
        "Match (all|final all|host (db|\\*\\.example|web,db)|!host db|originalhost d\\* user (root|ops)|user ops|canonical)",
        "Match (localuser root|final host \\*\\.example|!user ops host \\*|host=db|final originalhost db)",
    ];
    let setting = prop_oneof![
        "Port [1-9][0-9]{0,4}",
        "User (root|ops|'x'|\"y\"|a b)",
        "HostName (%h\\.example|Db\\.Example|%h|10\\.0\\.0\\.1|::1|%n)",
        "(IdentityFile|CertificateFile) (~/\\.ssh/(a|b)|/%[hrpd]/k|none|/a%%)",
        "(SendEnv|sendenv=) ?(LANG|LC_\\*|PATH|-L\\*|-PATH|HOME USER)",
        "SetEnv (A=b|A=b C=d|'E=f g')",
        "(UserKnownHostsFile|GlobalKnownHostsFile) (none|/a ~/b|~/x|/dev/null)",
        "StrictHostKeyChecking (yes|no|ask|accept-new|off|YES)",
        "(ConnectTimeout|ServerAliveInterval) ?=? ?([0-9]{1,2}[smh]?|none|1h5m)",
        "(ServerAliveCountMax|ConnectionAttempts|NumberOfPasswordPrompts) [1-9]",
        "(HashKnownHosts|CheckHostIP|IdentitiesOnly|TCPKeepAlive|PubkeyAuthentication|PasswordAuthentication) (yes|no|true|False)",
        "(ProxyJump (jump|none|ops@jump:22|a,b)|ProxyCommand none|HostKeyAlias X[a-z])",
        "(RekeyLimit (1G|default|64K 1h|1M none)|AddressFamily (inet|inet6|any))",
        "(PreferredAuthentications (publickey|password,publickey,x)|Ciphers (aes128-ctr|aes256-ctr,aes128-ctr|\\+aes128-cbc))",
        "(LogLevel (ERROR|x)|ForwardAgent (no|yes)|Compression (no|yes)|IgnoreUnknown N\\*|Nonsense 1|#.{0,5})",
        "[ -~]{0,12}",
    ];
    prop_oneof![2 => block, 5 => setting]
}

#[test]
fn native_agrees_with_ssh_on_generated_configurations() {
    let config = Config { cases: 200, rng_seed: RngSeed::Fixed(9), failure_persistence: None, ..Config::default() };
    let lines = prop::collection::vec(("[ \t]{0,2}", line(), "(| |\t|\r| #x)"), 0..12);
    let words = prop::sample::subsequence(
        vec!["-4", "-qTx", "-p2222", "-lops", "-oUser=x", "-oPort = 3", "-JX@j:2,k", "-oHostname=%h.a", "-oSendEnv=H*"],
        0..4,
    );
    let native = std::cell::Cell::new(0);
    TestRunner::new(config)
        .run(&(lines, words, "(db|Web|a\\.example|ops@db)"), |(lines, words, host)| {
            let text: Vec<_> =
                lines.into_iter().map(|(before, line, after)| format!("{before}{line}{after}")).collect();
            native.set(native.get() + usize::from(agree(&text.join("\n"), &words, &host)));
            Ok(())
        })
        .unwrap();
    // Many are refused by ssh itself; enough must be left for the comparison to mean something.
    assert!(native.get() > 60, "{}", native.get());
}
