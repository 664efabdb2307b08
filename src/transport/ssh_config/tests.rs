//! Cases as data: a configuration, a host, and what it comes to.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

/// A home directory and a system's directory of their own.
struct World {
    directory: tempfile::TempDir,
    caller: Caller,
}

impl World {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        }
        let home = directory.path().join("home").display().to_string();
        let environment = [("LANG", "C.UTF-8"), ("LC_ALL", "C"), ("SSH_AUTH_SOCK", "/agent"), ("KEYS", "/keys")];
        let environment = environment.map(|(name, value)| (name.into(), value.into())).to_vec();
        let uid = rustix::process::getuid().as_raw();
        let caller = Caller { name: "ann".into(), uid, home, machine: "desk".into(), environment };
        Self { directory, caller }
    }

    fn user(config: &str) -> Self {
        Self::new(&[("home/.ssh/config", config)])
    }

    fn config(&self) -> SshConfig {
        SshConfig::new(Some(self.caller.clone()), self.directory.path().join("etc/ssh_config"))
    }

    fn resolve(&self, address: &str, words: &[&str]) -> Resolution {
        let ssh_args = words.iter().map(|word| (*word).to_owned()).collect();
        self.config().resolve(&Target { address: address.into(), ssh_args, ..Target::default() })
    }

    fn native(&self, address: &str, words: &[&str]) -> Settings {
        match self.resolve(address, words) {
            Resolution::Native(settings) => *settings,
            Resolution::OpenSsh(reason) => panic!("{address} {words:?}: {reason}"),
        }
    }

    fn reason(&self, address: &str, words: &[&str]) -> String {
        match self.resolve(address, words) {
            Resolution::Native(settings) => panic!("{address} {words:?}: {settings:?}"),
            Resolution::OpenSsh(reason) => reason,
        }
    }
}

#[test]
fn without_any_file_openssh_defaults_hold() {
    let world = World::new(&[]);
    let settings = world.native("Db.Example", &[]);
    let home = |name: &str| PathBuf::from(format!("{}/.ssh/{name}", world.caller.home));
    assert_eq!((settings.original.as_str(), settings.hostname.as_str()), ("Db.Example", "db.example"));
    assert_eq!((settings.port, settings.user.as_str()), (22, "ann"));
    assert_eq!(settings.alive_interval.unwrap().as_secs(), 15);
    assert_eq!(settings.alive_count, 3);
    assert_eq!(settings.host_keys.user_files, [home("known_hosts"), home("known_hosts2")]);
    assert_eq!(settings.authentication.identities, [home("id_rsa"), home("id_ecdsa"), home("id_ed25519")]);
    assert_eq!(settings.authentication.agent, Some("/agent".into()));
    assert_eq!(settings.authentication.methods, [Method::PublicKey, Method::KeyboardInteractive, Method::Password]);
    assert!(settings.environment.is_empty() && settings.via.is_none());
}

#[test]
fn the_hosts_variables_come_first() {
    let world = World::user("User root\nPort 1\nIdentityFile /b\n");
    let target = Target {
        address: "db".into(),
        port: Some(2222),
        user: Some("ops team".into()),
        private_key_file: Some("/a b".into()),
        ..Target::default()
    };
    assert!(matches!(world.config().resolve(&target), Resolution::OpenSsh(reason) if reason.starts_with("`User`")));
    let Resolution::Native(settings) = world.config().resolve(&Target { user: Some("ops".into()), ..target }) else {
        panic!("native can")
    };
    assert_eq!((settings.port, settings.user.as_str()), (2222, "ops"));
    assert_eq!(settings.authentication.identities, [PathBuf::from("/a b"), PathBuf::from("/b")]);
}

#[test]
fn the_reason_names_the_directive_and_its_place() {
    for (config, reason) in [
        ("\nProxyCommand nc %h %p\n", "`ProxyCommand` at ~/.ssh/config:2"),
        ("ForwardAgent yes", "`ForwardAgent` at ~/.ssh/config:1"),
        ("Compression yes", "`Compression` at ~/.ssh/config:1"),
        ("Nonsense yes", "an unknown `nonsense` at ~/.ssh/config:1"),
        ("Port none", "arguments of `Port` that ssh may refuse at ~/.ssh/config:1"),
        ("Host other\nPort none", "arguments of `Port` that ssh may refuse at ~/.ssh/config:2"),
        ("Match exec true", "`Match exec` at ~/.ssh/config:1"),
        ("Ciphers 3des-cbc", "`Ciphers` at ~/.ssh/config:1"),
        ("Ciphers +aes128-cbc", "`Ciphers` at ~/.ssh/config:1"),
        ("LocalForward 1080 db:80", "`LocalForward` at ~/.ssh/config:1"),
        ("CertificateFile /%j", "`CertificateFile` with a token %j at ~/.ssh/config:1"),
        ("CertificateFile /%C\nProxyJump a", "`CertificateFile` with a token %C at ~/.ssh/config:1"),
        ("CertificateFile none", "`CertificateFile` at ~/.ssh/config:1"),
        ("SetEnv A=%h", "`SetEnv` with a `%` or `${` at ~/.ssh/config:1"),
        ("ProxyJump none\nProxyCommand x", "`ProxyCommand` with `ProxyJump none` before it at ~/.ssh/config:2"),
        ("Hostname a%", "`Hostname` with a `%` at its end at ~/.ssh/config:1"),
        ("Hostname a;b", "`Hostname` with characters that ssh may refuse at ~/.ssh/config:1"),
        ("Include [ab]", "a pattern of `Include` that is not simple at ~/.ssh/config:1"),
        ("Include ~ann/x", "arguments of `Include` that ssh may refuse at ~/.ssh/config:1"),
        ("Include %d/x", "arguments of `Include` that ssh may refuse at ~/.ssh/config:1"),
        ("IdentityAgent $NO\nForwardAgent /x", "`ForwardAgent` at ~/.ssh/config:2"),
        ("AddKeysToAgent 5m", "`AddKeysToAgent` at ~/.ssh/config:1"),
        ("RequiredRSASize 2048", "`RequiredRSASize` at ~/.ssh/config:1"),
        ("BindAddress 127.0.0.1", "`BindAddress` at ~/.ssh/config:1"),
        ("UpdateHostKeys yes", "`UpdateHostKeys` at ~/.ssh/config:1"),
        ("PubkeyAuthentication host-bound", "`PubkeyAuthentication` at ~/.ssh/config:1"),
        ("PermitLocalCommand yes\nLocalCommand x", "`LocalCommand` at ~/.ssh/config:2"),
        ("Match all\nUser -x", "`User` with characters that ssh may refuse at ~/.ssh/config:2"),
        ("Port 22\nUser \u{7}", "`User` with characters that ssh may refuse at ~/.ssh/config:2"),
        ("ObscureKeystrokeTiming no", "`ObscureKeystrokeTiming` at ~/.ssh/config:1"),
        ("ProxyJump db", "`ProxyJump` with a loop at ~/.ssh/config:1"),
        (
            "Host db\nProxyJump a\nHost a\nProxyJump b\nHost b\nProxyJump a",
            "`ProxyJump` with a loop at ~/.ssh/config:6",
        ),
        ("Host db\nProxyJump a\nHost a\nCompression yes", "`Compression` at ~/.ssh/config:4"),
        ("Include nothing\nInclude config", "too many files that include files, at ~/.ssh/config"),
        ("Port 22\nPort\n", "a line with a keyword without an argument at ~/.ssh/config:2"),
    ] {
        assert_eq!(World::user(config).reason("db", &[]), reason, "{config}");
    }
    let world = World::new(&[]);
    assert_eq!(world.reason("db", &["-C"]), "-C among the arguments for ssh");
    assert_eq!(world.reason("db", &["-oTunnel=yes"]), "`Tunnel` among the arguments for ssh");
    assert_eq!(world.reason("db", &["-F", "/no/such"]), "-F /no/such names no file");
}

#[test]
fn what_changes_nothing_is_no_reason() {
    for config in [
        "ForwardAgent no\nForwardX11 yes\nTunnel no\nCompression no\nUpdateHostKeys ask\nBatchMode no",
        "ControlMaster auto\nControlPath ~/.ssh/%C\nControlPersist 10m\nRequestTTY force\nRemoteCommand tmux",
        "LocalForward 1080 db:80\nClearAllForwardings yes\nTunnel yes",
        "ProxyCommand none\nProxyJump a,b",
        "ProxyJump none\nLocalCommand x %n\nPermitLocalCommand no",
        "Host other\nProxyCommand nc %h %p\nForwardAgent yes\nLocalForward 1 a:1",
        "IgnoreUnknown Nonsense,obscure*\nNonsense \"a b\"\nObscureKeystrokeTiming no",
        "RevokedHostKeys none\nPKCS11Provider none\nKnownHostsCommand none\nRequiredRSASize 1024",
        "Host other\nMatch host other exec true\nPort 1",
        "IdentityAgent none\nForwardAgent yes\nAddKeysToAgent yes",
        "# \u{e9}\nPreferredAuthentications publickey\nGSSAPIAuthentication yes",
    ] {
        World::user(config).native("db", &["-q", "-T", "-x"]);
    }
}

#[test]
fn kerberos_matters_only_with_credentials() {
    let mut world = World::user("GSSAPIAuthentication yes");
    world.caller.environment.push(("KRB5CCNAME".into(), "FILE:/x".into()));
    assert_eq!(world.reason("db", &[]), "`GSSAPIAuthentication` at ~/.ssh/config:1");
    world.native("db", &["-oPreferredAuthentications=publickey"]);
}

#[test]
fn files_of_others_are_left_to_ssh() {
    let world = World::new(&[("home/.ssh/config", "Include more"), ("home/.ssh/more", "Port 2222")]);
    assert_eq!(world.native("db", &[]).port, 2222);
    let more = world.directory.path().join("home/.ssh/more");
    fs::set_permissions(&more, fs::Permissions::from_mode(0o664)).unwrap();
    assert_eq!(world.reason("db", &[]), "bad owner or permissions on ~/.ssh/more");
    let named = more.to_str().unwrap();
    assert_eq!(world.native("db", &["-F", named]).port, 2222);
    assert_eq!(world.native("db", &["-F", "none"]).port, 22);
    assert_eq!(world.native("db", &["-F", "/"]).port, 22);
    assert!(world.reason("db", &["-F", "/dev/zero"]).ends_with("not a regular file"));
}

#[test]
fn relative_includes_are_found_beside_their_side() {
    let world = World::new(&[
        ("home/.ssh/config", "Host db\nInclude conf.d/*\nHost *\nUser late"),
        ("home/.ssh/conf.d/10", "Port 10\nHost none\nUser never"),
        ("home/.ssh/conf.d/20", "User early"),
        ("etc/ssh_config", "Include conf.d/*.conf"),
        ("etc/conf.d/x.conf", "ConnectTimeout 7"),
    ]);
    let settings = world.native("db", &[]);
    assert_eq!((settings.port, settings.user.as_str()), (10, "early"));
    assert_eq!(settings.connect_timeout.unwrap().as_secs(), 7);
    let other = world.native("web", &[]);
    assert_eq!((other.port, other.user.as_str()), (22, "late"));
}

#[test]
fn jump_hosts_have_their_own_configuration() {
    let world = World::user(
        "Host db\nProxyJump ops@b:2,c\nHost b\nHostname b.example\nProxyJump a\nHost c\nUser cc\n\
         Host a b c\nForwardAgent no\nLocalForward 1 x:1\nPort 3",
    );
    let db = world.native("db", &["-l", "root", "-i", "/"]);
    let c = db.via.unwrap();
    assert_eq!((c.hostname.as_str(), c.port, c.user.as_str()), ("c", 3, "cc"));
    let b = c.via.clone().unwrap();
    assert_eq!((b.hostname.as_str(), b.port, b.user.as_str()), ("b.example", 2, "ops"));
    let a = b.via.clone().unwrap();
    assert_eq!((a.hostname.as_str(), a.port, a.user.as_str()), ("a", 3, "ann"));
    assert!(a.via.is_none() && a.authentication.identities.len() == 3);
}

#[test]
fn a_host_on_the_way_forwards_nothing_and_may_be_there_already() {
    let socket = tempfile::tempdir().unwrap();
    let config = |more: &str| {
        let socket = socket.path().display();
        format!("Host db\nProxyJump a\nHost a\nForwardAgent yes\nLocalForward 1 x:1\nControlPath {socket}/%C\n{more}")
    };
    assert!(World::user(&config("")).native("db", &[]).via.is_some());
    for more in ["RemoteCommand x", "ClearAllForwardings no", "StdinNull yes"] {
        assert!(World::user(&config(more)).reason("db", &[]).contains(" at ~/.ssh/config:"), "{more}");
    }
    // SHA-1 of `deska22ann`.
    std::fs::write(socket.path().join("9aaa4c260bc0e15b41d8ad645050124fef134cf6"), "").unwrap();
    let expected = "`ControlPath` with a connection that is there at ~/.ssh/config:6";
    assert_eq!(World::user(&config("")).reason("db", &[]), expected);
}

#[test]
fn includes_are_found_where_home_says() {
    let mut world = World::new(&[
        ("home/.ssh/config", "Include more ~/most"),
        ("elsewhere/.ssh/more", "Port 7"),
        ("elsewhere/most", "User found"),
    ]);
    world.caller.environment.push(("HOME".into(), world.directory.path().join("elsewhere").into()));
    let settings = world.native("db", &[]);
    assert_eq!((settings.port, settings.user.as_str()), (7, "found"));
}

#[test]
fn a_default_key_on_a_token_is_left_to_ssh() {
    let world = World::new(&[("home/.ssh/id_ed25519_sk", "")]);
    assert_eq!(world.reason("db", &[]), "the key ~/.ssh/id_ed25519_sk, which native cannot use");
    world.native("db", &["-oIdentityFile=/k"]);
    world.native("db", &["-oPubkeyAuthentication=no"]);
}

#[test]
fn variables_are_sent_in_the_order_of_the_environment() {
    let world = World::user("SendEnv LC_* KEYS\nSendEnv -KEY? LANG\nSetEnv A=1 B= A=2\nSetEnv C=3");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        world.native("db", &[]).environment,
        [pair("LANG", "C.UTF-8"), pair("LC_ALL", "C"), pair("A", "1"), pair("B", "")]
    );
}

#[test]
fn strange_addresses_are_left_to_ssh() {
    let world = World::new(&[]);
    for address in [
        "",
        "-x",
        "a b",
        "ssh://a",
        "a/b",
        "127.1",
        "1",
        "0x7f.1",
        "010.0.0.1",
        "fe80::1%eth0",
        "@a",
        "a;b",
        "\u{e9}",
        "::ffff:10.0.0.1",
        "a@-b",
        "a%h@b",
    ] {
        assert!(!world.reason(address, &[]).is_empty(), "{address}");
    }
    assert_eq!(world.native("2001:DB8::1", &[]).hostname, "2001:db8::1");
    assert_eq!(world.native("ops@db", &[]).user, "ops");
    assert_eq!(world.native("ops@db", &["-l", "root"]).user, "root");
}

#[test]
fn a_program_of_the_hosts_own_is_left_to_it() {
    let target = Target { address: "db".into(), ssh_executable: Some("/x".into()), ..Target::default() };
    let config = World::new(&[]).config();
    assert_eq!(config.resolve(&target), Resolution::OpenSsh("ansible_ssh_executable is /x".into()));
}

#[test]
fn each_file_is_read_once() {
    let world = World::user("Port 1");
    let config = world.config();
    let target = Target { address: "db".into(), ..Target::default() };
    let first = config.resolve(&target);
    fs::remove_file(world.directory.path().join("home/.ssh/config")).unwrap();
    assert_eq!(config.resolve(&target), first);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_fail(text in "(Host|Match|Port|Include|ProxyJump|User|Ciphers|[a-z%${}~!*?,@:\"'\\\\= \n#é-]){0,40}") {
        parse_text(text.as_bytes());
        let caller = Caller::default();
        let _ = Words::read(&text.split(' ').map(str::to_owned).collect::<Vec<_>>(), &caller);
    }
}
