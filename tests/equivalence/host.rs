//! The host that opsctl works on: a minimal Debian system that is thrown away, or one that somebody has booted.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use super::common::{self, Home, Ran, Running, is_root, require, run};
use super::compare::{Done, Rules};

/// What the minimal system has besides Debian's minimum: what an administrator's host has, without Python and curl.
const PACKAGES: &[&str] = &[
    "acl",
    "bzip2",
    "cron",
    "git",
    "iproute2",
    "kmod",
    "locales",
    "openssh-server",
    "patch",
    "procps",
    "rsync",
    "sudo",
    "tzdata",
    "unzip",
    "xz-utils",
    "zip",
];

/// The inventory's names of the one host.
const NAMES: &str = "one\ntwo\nthree\n";

/// How long sshd may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// Another program may take the port between choosing and binding it.
const ATTEMPTS: usize = 10;

pub struct Host {
    home: Home,
    /// Address, port, and further words for ssh.
    ssh: Vec<String>,
    system: Option<System>,
}

/// The namespaces that the system lives in: its own processes, mounts and host name; all end with it.
struct System(Child);

impl Drop for System {
    fn drop(&mut self) {
        // Ended already when it did not start.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Host {
    /// The host for a playbook; where it needs a booted host and there is none, loads the playbook only.
    pub fn of(playbook: &Path) -> Option<Self> {
        if let Ok(address) = std::env::var("OPSCTL_EQUIVALENCE_HOST") {
            return Some(Self::booted(&address));
        }
        if playbook.join("booted").exists() {
            let home = Home::new();
            let inventory = home.write("hosts", format!("[servers]\n{NAMES}"));
            deploy(&home, playbook, &["--syntax-check", "-i", &inventory]).expect(0);
            return None;
        }
        Some(Self::thrown_away(playbook))
    }

    fn booted(address: &str) -> Self {
        let home = Home::new();
        let key = std::env::var("OPSCTL_EQUIVALENCE_KEY").ok();
        let words = key.iter().map(|key| format!("ansible_ssh_private_key_file={key}")).collect();
        inventory(&home, address, 22, words);
        let mut ssh: Vec<String> = key.iter().flat_map(|key| ["-i", key]).map(str::to_owned).collect();
        ssh.extend(["-oStrictHostKeyChecking=no".to_owned(), format!("root@{address}")]);
        Self { home, ssh, system: None }
    }

    fn thrown_away(playbook: &Path) -> Self {
        assert!(is_root(), "a chroot needs root; run: sudo tests/run");
        let further = fs::read_to_string(playbook.join("packages")).unwrap_or_default();
        let base = &base_system(&further.split_whitespace().collect::<Vec<_>>());
        let home = Home::new();
        common::prepare(&home);
        for _ in 0..ATTEMPTS {
            if let Some((system, port)) = launch(&home, base) {
                let config = home.dir().join(".ssh/config").display().to_string();
                inventory(&home, "127.0.0.1", port, vec![format!("ansible_ssh_common_args='-F \"{config}\"'")]);
                let ssh = ["-F", &config, "-oStrictHostKeyChecking=no", "-p", &port.to_string(), "root@127.0.0.1"];
                return Self { home, ssh: ssh.map(str::to_owned).to_vec(), system: Some(system) };
            }
        }
        panic!("sshd found no port to listen on");
    }

    /// Runs a shell script of the playbook on the host, if it has one.
    pub fn script(&self, path: &Path) {
        if path.exists() {
            let script = fs::File::open(path).unwrap();
            Running::start(self.ssh().args(["sh", "-eu"]).stdin(script)).finish().expect(0);
        }
    }

    /// What the objects that the playbook manages look like.
    pub fn state(&self, playbook: &Path) -> Vec<String> {
        let Ok(objects) = fs::File::open(playbook.join("objects")) else { return Vec::new() };
        let script = fs::read_to_string(super::folder("state.sh")).unwrap();
        let quoted = format!("'{}'", script.replace('\'', r"'\''"));
        let ran = Running::start(self.ssh().args(["sh", "-c", &quoted]).stdin(objects)).finish();
        ran.expect(0).text().lines().map(str::to_owned).collect()
    }

    /// Runs the playbook and returns what is on record of it.
    pub fn deploy(&self, playbook: &Path, step: &str, rules: &Rules) -> Done {
        let inventory = self.home.dir().join("hosts").display().to_string();
        let mut arguments = vec!["-i", inventory.as_str()];
        if step == "check" {
            arguments.push("--check");
        }
        let text = fs::read_to_string(playbook.join("arguments")).unwrap_or_default();
        arguments.extend(text.split_whitespace());
        let ran = deploy(&self.home, playbook, &arguments);
        assert!(matches!(ran.code(), 0 | 3 | 4 | 7), "{}{}", ran.text(), ran.stderr);
        Done::read(&self.home.journal(), rules, playbook, ran.code() != 0)
    }

    fn ssh(&self) -> Command {
        let mut command = Command::new(require("ssh", "openssh-client"));
        command
            .args(["-oBatchMode=yes", "-oLogLevel=ERROR"])
            .args(&self.ssh)
            .env_clear()
            .env("PATH", common::SEARCH_PATH);
        debug_assert!(self.system.is_some() || self.ssh.len() > 1);
        command
    }
}

fn deploy(home: &Home, playbook: &Path, arguments: &[&str]) -> Ran {
    let mut command = home.opsctl();
    command.env("ANSIBLE_HOST_KEY_CHECKING", "False").current_dir(playbook);
    run(command.args(["deploy", "playbook.yml"]).args(arguments))
}

/// Writes the inventory: one host under three names.
fn inventory(home: &Home, address: &str, port: u16, mut words: Vec<String>) {
    words.extend([format!("ansible_host={address}"), format!("ansible_port={port}"), "ansible_user=root".to_owned()]);
    home.write("hosts", format!("[all:vars]\n{}\n[servers]\n{NAMES}", words.join("\n")));
    let _ = fs::remove_dir_all(home.dir().join("group_vars"));
}

/// Starts a system and its sshd; nothing when the port was taken.
fn launch(home: &Home, base: &Path) -> Option<(System, u16)> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let place = home.dir().join("system");
    fs::create_dir_all(&place).unwrap();
    let mut command = Command::new(require("unshare", "util-linux"));
    command.args(["--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "sh", "-eu"]);
    command.arg(super::folder("system.sh")).arg(base).arg(place).arg(home.dir().join("server/authorized_keys"));
    command.arg(port.to_string()).env_clear().env("PATH", common::SEARCH_PATH);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (sender, receiver) = mpsc::channel();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    std::thread::spawn(move || {
        // Reads on to the end, so that sshd never waits for its log.
        for line in lines.map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let system = System(child);
    let mut log = String::new();
    while let Ok(line) = receiver.recv_timeout(PATIENCE) {
        if line.starts_with("Server listening on") {
            return Some((system, port));
        }
        log.extend([line.as_str(), "\n"]);
    }
    assert!(log.contains("Address already in use"), "the minimal system did not start (it needs root):\n{log}");
    None
}

/// The system that hosts are copies of, with the further packages that a playbook names; made once and kept in `target/`.
fn base_system(further: &[&str]) -> PathBuf {
    static MAKING: Mutex<()> = Mutex::new(());
    let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let name = further.iter().fold("equivalence-system".to_owned(), |name, package| format!("{name}+{package}"));
    let path = target_directory().join(name);
    if !path.exists() {
        require("debootstrap", "debootstrap");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/package/base-system");
        let made = Command::new(script).arg(&path).args(PACKAGES).args(further).output().unwrap();
        assert!(made.status.success(), "debootstrap: {}", String::from_utf8_lossy(&made.stderr));
    }
    path
}

/// Where cargo builds: two levels above the binary.
pub fn target_directory() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_opsctl")).ancestors().nth(2).unwrap().to_owned()
}
