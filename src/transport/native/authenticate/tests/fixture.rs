//! Keys, an agent and servers for the tests of this module.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use russh::client::Handle;
use tempfile::TempDir;

use crate::secret::Secret;
use crate::transport::host_key::{HostKeys, Trust};
use crate::transport::native::authenticate::{Keyring, Login, authenticate};
use crate::transport::native::client::{Client, Known};
use crate::transport::ssh_config::{HostKeyChecking, Method, Settings};
use crate::transport::{ConnectError, HostKeyPolicy};

/// A directory with keys, and the names in it.
pub struct Bench {
    dir: TempDir,
}

impl Bench {
    /// An empty one.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// The path of `name`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Makes a key with `ssh-keygen`'s further `arguments`.
    pub fn keygen(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let path = self.path(name);
        let passphrase = if arguments.contains(&"-N") { &[][..] } else { &["-N", ""] };
        run(Command::new("ssh-keygen").arg("-q").args(arguments).args(passphrase).arg("-f").arg(&path));
        path
    }

    /// Makes an Ed25519 key.
    pub fn key(&self, name: &str) -> PathBuf {
        self.keygen(name, &["-t", "ed25519"])
    }

    /// Certifies the key `name` for the user of these tests, with `ca`; the certificate lies beside the key.
    pub fn certify(&self, ca: &str, name: &str) -> PathBuf {
        let public = self.path(&format!("{name}.pub"));
        let sign = ["-I", "test", "-n", &user(), "-s"].map(str::to_owned);
        run(Command::new("ssh-keygen").arg("-q").args(sign).arg(self.path(ca)).arg(public));
        self.path(&format!("{name}-cert.pub"))
    }

    /// Writes a file that only its owner may read.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}

/// An agent of OpenSSH's, for as long as this lives.
pub struct TestAgent {
    pub socket: PathBuf,
    process: Child,
}

impl TestAgent {
    /// Starts one with a socket in `bench`.
    pub fn start(bench: &Bench) -> Self {
        let socket = bench.path("agent.sock");
        let process = Command::new("ssh-agent").args(["-D", "-a"]).arg(&socket).stdout(Stdio::piped()).spawn();
        let mut process = process.unwrap();
        // Its first line comes when it listens.
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(process.stdout.take().unwrap()), &mut line).unwrap();
        Self { socket, process }
    }

    /// Runs `ssh-add`.
    pub fn add(&self, arguments: &[&Path]) {
        run(Command::new("ssh-add").arg("-q").args(arguments).env("SSH_AUTH_SOCK", &self.socket));
    }
}

impl Drop for TestAgent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a command that has to succeed.
pub fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The user who runs these tests.
pub fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Settings that offer nothing.
pub fn settings(bench: &Bench) -> Settings {
    let mut settings = Settings::plain("db");
    settings.user = user();
    settings.host_keys.checking = HostKeyChecking::AcceptNew;
    settings.host_keys.user_files = vec![bench.path("known_hosts")];
    settings.authentication.methods = vec![Method::PublicKey, Method::KeyboardInteractive, Method::Password];
    settings
}

/// Connects over `stream` and logs in.
pub async fn log_in(
    stream: UnixStream,
    settings: &Settings,
    keyring: &Keyring,
    password: Option<&Secret>,
) -> Result<Handle<Client>, ConnectError> {
    stream.set_nonblocking(true).unwrap();
    let stream = tokio::net::UnixStream::from_std(stream).unwrap();
    let known = Known::new();
    let client = Client {
        known: Arc::clone(&known),
        host_keys: Arc::new(HostKeys::default()),
        settings: Arc::new(settings.clone()),
        policy: HostKeyPolicy::AcceptNew,
        ip: None,
    };
    let config = Arc::new(russh::client::Config::default());
    let mut handle = russh::client::connect_stream(config, stream, client).await.unwrap();
    let login = Login { settings, password, trust: Trust::Full, known: &known };
    authenticate(&mut handle, keyring, &login).await?;
    Ok(handle)
}

/// An sshd that serves whoever connects by starting it.
pub struct Server<'a> {
    bench: &'a Bench,
}

impl<'a> Server<'a> {
    /// Configures one that lets the public keys in `authorized` in; `lines` go into its configuration.
    pub fn new(bench: &'a Bench, authorized: &[&str], lines: &str) -> Self {
        if !bench.path("host").exists() {
            bench.key("host");
        }
        let keys: String = authorized.iter().map(|name| bench.read(&format!("{name}.pub"))).collect();
        bench.write("authorized_keys", &keys);
        let (host, keys) = (bench.path("host"), bench.path("authorized_keys"));
        let config = format!(
            "HostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nLogLevel DEBUG2\n{lines}\n",
            host.display(),
            keys.display()
        );
        bench.write("sshd_config", &config);
        let server = Self { bench };
        // A hang-up would end it before it has written its log.
        bench.write("serve", &format!("trap '' HUP\n{}\n:\n", server.words().join(" ")));
        server
    }

    fn words(&self) -> Vec<String> {
        let sshd = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];
        let sshd = sshd.into_iter().find(|path| Path::new(path).exists()).expect("these tests need openssh-server");
        let path = |name| self.bench.path(name).display().to_string();
        vec![sshd.into(), "-i".into(), "-f".into(), path("sshd_config"), "-E".into(), path("log")]
    }

    /// The command that serves one connection on its standard streams.
    pub fn command(&self) -> String {
        format!("sh {}", self.bench.path("serve").display())
    }

    /// Serves one connection; gives its other end, and the server.
    pub fn serve(&self) -> (UnixStream, tokio::process::Child) {
        let _ = fs::remove_file(self.bench.path("log"));
        let (ours, theirs) = UnixStream::pair().unwrap();
        let words = self.words();
        let child = tokio::process::Command::new(&words[0])
            .args(&words[1..])
            .stdin(OwnedFd::from(theirs.try_clone().unwrap()))
            .stdout(OwnedFd::from(theirs))
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        (ours, child.unwrap())
    }

    /// Which keys were offered, with which algorithms, and who got in with what.
    pub fn offers(&self) -> Vec<String> {
        let log = self.bench.read("log");
        let mut offers: Vec<String> = log.lines().filter_map(offer).collect();
        offers.dedup();
        offers
    }
}

/// A key that a line of sshd's log tells of, or its verdict.
fn offer(line: &str) -> Option<String> {
    if let Some((_, rest)) = line.split_once(" attempting public key ").or(line.split_once(" querying public key ")) {
        let words: Vec<&str> = rest.split(' ').collect();
        return Some(format!("{} {}", words[0], &words[1][words[1].len().saturating_sub(24)..]));
    }
    let verdict = ["Accepted ", "Partial "].iter().any(|start| line.starts_with(start));
    (verdict && !line.starts_with("Accepted key ") && !line.starts_with("Accepted cert")).then(|| line.to_owned())
}
