//! A real OpenSSH server on all loopback addresses, with its own keys and configuration.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::{Home, descendants, is_root, require, run};

/// How long sshd may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// Another program may take the port between choosing and binding it.
const ATTEMPTS: usize = 10;

pub struct Sshd {
    daemon: Child,
    port: u16,
    log: Arc<Mutex<String>>,
    key: String,
    fingerprint: String,
}

impl Sshd {
    /// Starts a server that lets the home's key in and whose host key the home knows.
    pub fn start(home: &Home) -> Self {
        Self::with(home, "")
    }

    /// As [`Sshd::start`], with more lines for `sshd_config`.
    pub fn with(home: &Home, config: &str) -> Self {
        let sshd = Self::unknown(home, config);
        sshd.trust(home);
        sshd
    }

    /// As [`Sshd::with`], but the home does not know the host key.
    pub fn unknown(home: &Home, config: &str) -> Self {
        let program = sshd_program();
        prepare(home);
        for _ in 0..ATTEMPTS {
            if let Some(sshd) = launch(home, &program, config) {
                return sshd;
            }
        }
        panic!("sshd found no port to listen on");
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `SHA256:…` of its host key.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// What the server has said so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Makes the home know the host key, on every loopback address.
    pub fn trust(&self, home: &Home) {
        home.write(".ssh/known_hosts", format!("[127.0.0.*]:{} {}\n", self.port, self.key));
    }

    /// Makes the home know another host key for it.
    pub fn trust_another(&self, home: &Home) {
        let (_, key) = generate(home, "another_key");
        home.write(".ssh/known_hosts", format!("[127.0.0.*]:{} {key}\n", self.port));
    }

    /// Writes an inventory of `names`, each with a loopback address of its own (127.0.0.1, …2, …), as `hosts`.
    pub fn hosts(&self, home: &Home, names: &str) -> String {
        let line = |(index, name)| format!("{name} ansible_host=127.0.0.{}\n", index + 1);
        let hosts: String = names.split(' ').enumerate().map(line).collect();
        home.write("hosts", format!("[all:vars]\nansible_port={}\n[test]\n{hosts}", self.port))
    }

    /// Ends every connection the hard way, as a crash of the host's sshd would.
    pub fn cut(&self) {
        let children = descendants(self.daemon.id());
        children.into_iter().filter(|pid| is_sshd(*pid)).for_each(kill);
    }

    /// Stops every connection where it is, as a cut network or a hung host would.
    pub fn freeze(&self) {
        let children = descendants(self.daemon.id());
        children.into_iter().filter(|pid| is_sshd(*pid)).for_each(|pid| signal(pid, Signal::STOP));
    }
}

/// The program, with the directory that it insists on when root starts it; the package's own service makes it at boot.
pub fn sshd_program() -> String {
    let program = require("sshd", "openssh-server");
    if is_root() && !Path::new("/run/sshd").exists() {
        fs::create_dir_all("/run/sshd").unwrap();
        fs::set_permissions("/run/sshd", fs::Permissions::from_mode(0o755)).unwrap();
    }
    program
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let children = descendants(self.daemon.id());
        // Ended already when the test has killed it.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
        children.into_iter().for_each(kill);
    }
}

fn kill(pid: u32) {
    signal(pid, Signal::KILL);
}

fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("the kernel's own number");
    // It may have ended meanwhile.
    let _ = kill_process(pid, signal);
}

fn is_sshd(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "sshd")
}

/// The client's side: a key, and a configuration that looks nowhere else.
pub fn prepare(home: &Home) {
    let dir = home.dir().display();
    home.write(
        ".ssh/config",
        format!(
            "Host *\nIdentityFile \"{dir}/.ssh/id\"\nIdentitiesOnly yes\nUserKnownHostsFile \"{dir}/.ssh/known_hosts\"\n\
             GlobalKnownHostsFile /dev/null\nHashKnownHosts no\nGSSAPIAuthentication no\n"
        ),
    );
    // Beside every inventory of the test: ssh takes the user's own configuration from the user database, not from HOME.
    home.write("group_vars/all", format!("ansible_ssh_common_args: -F \"{dir}/.ssh/config\"\n"));
    let (_, key) = generate(home, "id");
    home.write("server/authorized_keys", format!("{key}\n"));
}

/// Makes a key pair in `.ssh`; returns the path of the private key and the public key.
fn generate(home: &Home, name: &str) -> (String, String) {
    let path = home.dir().join(".ssh").join(name).display().to_string();
    if !Path::new(&path).exists() {
        let keygen = require("ssh-keygen", "openssh-client");
        run(Command::new(keygen).args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", &path])).expect(0);
    }
    let key = fs::read_to_string(format!("{path}.pub")).unwrap().trim().to_owned();
    (path, key)
}

fn launch(home: &Home, program: &str, config: &str) -> Option<Sshd> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let name = format!("host_{port}");
    let (host_key, key) = generate(home, &name);
    let keys = home.dir().join("server/authorized_keys");
    // SHLVL keeps bash from reading its start-up file, which may be slow or chatty where the tests run.
    let text = format!(
        "Port {port}\nListenAddress 0.0.0.0\nHostKey \"{host_key}\"\nPidFile none\nStrictModes no\nUsePAM no\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\nUseDNS no\nPrintMotd no\n\
         AuthorizedKeysFile \"{}\"\nSetEnv SHLVL=9\nLogLevel VERBOSE\nAcceptEnv LC_*\nMaxStartups 200\n{config}\n",
        keys.display()
    );
    let file = home.write(&format!("server/config_{port}"), text);
    let mut daemon = Command::new(program)
        .args(["-D", "-e", "-f", &file])
        .env_clear()
        .env("PATH", super::SEARCH_PATH)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = Arc::new(Mutex::new(String::new()));
    let (sender, listens) = mpsc::channel();
    let (lines, kept) = (BufReader::new(daemon.stderr.take().unwrap()).lines(), Arc::clone(&log));
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if line.starts_with("Server listening on") {
                // Only the first is waited for.
                let _ = sender.send(());
            }
            kept.lock().unwrap().extend([line.as_str(), "\n"]);
        }
    });
    let fingerprint = fingerprint(&host_key);
    let sshd = Sshd { daemon, port, log, key, fingerprint };
    if listens.recv_timeout(PATIENCE).is_ok() {
        return Some(sshd);
    }
    assert!(sshd.log().contains("Address already in use"), "sshd did not start:\n{}", sshd.log());
    None
}

fn fingerprint(key: &str) -> String {
    let shown = run(Command::new(require("ssh-keygen", "openssh-client")).args(["-l", "-f", key])).expect(0).text();
    shown.split(' ').nth(1).unwrap().to_owned()
}
