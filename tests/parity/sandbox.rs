//! The sandbox of one run: its directory, its servers, its agent, and what the words in braces of a case stand for.
//!
//! `{dir}` is the directory, `{port}` and `{jump}` are ports of the host and of the jump host, `{closed}` is one that
//! nobody listens on, `{user}` is who runs the tests, `{agent}` is the agent's socket, `{pub:NAME}` is a public key.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};

use super::case::{Case, ServerCase};
use super::common::{Home, SEARCH_PATH, require, run, wait_until};
use super::keys::KeyStore;
use super::server::Server;

/// Keeps a run within its sandbox: no name is looked up, no file outside is read.
const CLOSED: &str = "\nMatch all\nHostname 127.0.0.1\nPort {port}\nUserKnownHostsFile \"{dir}/known_hosts\"\n\
                      GlobalKnownHostsFile /dev/null\nGSSAPIAuthentication no\n";

/// What every server says of itself. SHLVL keeps bash from reading its start-up file.
const SSHD: &str = "PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n\
                    KbdInteractiveAuthentication no\nPermitRootLogin yes\nUseDNS no\nPrintMotd no\nSetEnv SHLVL=9\n\
                    AcceptEnv PARITY_* LC_*\nLogLevel DEBUG3\n";

/// Everything that one run needs, ended with it.
pub struct Sandbox<'a> {
    pub home: Home,
    store: &'a KeyStore,
    server: Server,
    jump: Option<Server>,
    agent: Option<Agent>,
    words: Vec<(String, String)>,
    _closed: OwnedFd,
}

impl<'a> Sandbox<'a> {
    pub fn new(case: &Case, store: &'a KeyStore) -> Self {
        let home = Home::called("parity-");
        let (listener, jump_listener, (closed, closed_port)) = (listener(), listener(), closed_port());
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port().to_string();
        let words = [
            ("{dir}", home.dir().display().to_string()),
            ("{port}", port(&listener)),
            ("{jump}", port(&jump_listener)),
            ("{closed}", closed_port.to_string()),
            ("{user}", user()),
            ("{agent}", home.dir().join("agent").display().to_string()),
        ];
        let words = words.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let server = serve(&home, store, &words, "server", &case.server, listener);
        let jump = case.jump.as_ref().map(|jump| serve(&home, store, &words, "jump", jump, jump_listener));
        let mut sandbox = Self { home, store, server, jump, agent: None, words, _closed: closed };
        sandbox.furnish(case);
        sandbox
    }

    /// Puts what the words in braces stand for into their place.
    pub fn fill(&self, text: &str) -> String {
        fill(text, &self.words, self.store)
    }

    /// Puts names into the place of what is different in each run.
    pub fn blank(&self, text: &str) -> String {
        let words = self.words.iter().filter(|(name, _)| name != "{user}");
        words.fold(self.store.with_names(text), |text, (name, value)| text.replace(value, name))
    }

    fn furnish(&mut self, case: &Case) {
        for (name, words) in &case.keys {
            let path = self.home.write(&self.fill(name), "");
            self.store.place(&self.fill(words), path.as_ref());
        }
        for (name, words) in &case.certificates {
            self.store.certify(&self.fill(words), &self.home.dir().join(name));
        }
        for (name, text) in &case.files {
            self.home.write(name, self.fill(text));
        }
        for name in &case.open_files {
            fs::set_permissions(self.home.dir().join(name), fs::Permissions::from_mode(0o666)).unwrap();
        }
        self.home.write("config", self.fill(&configuration(case)));
        if !case.known_hosts.is_empty() {
            let path = self.home.write("known_hosts", self.fill(&case.known_hosts));
            if case.hashed {
                run(Command::new(require("ssh-keygen", "openssh-client")).args(["-H", "-f", &path])).expect(0);
                fs::remove_file(self.home.dir().join("known_hosts.old")).unwrap();
            }
        }
        if let Some(keys) = &case.agent {
            self.agent = Some(Agent::start(&self.home, keys));
        }
    }

    /// Ends the servers; returns the logs of the connections to the host and to the jump host.
    pub fn finish(self) -> (Home, Vec<String>, Vec<String>) {
        let (host, jump) = (self.server.finish(), self.jump.map(Server::finish).unwrap_or_default());
        (self.home, host, jump)
    }
}

fn fill(text: &str, words: &[(String, String)], store: &KeyStore) -> String {
    let mut text = words.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    while let Some((before, rest)) = text.split_once("{pub:") {
        let (name, after) = rest.split_once('}').expect("a word in braces ends");
        text = format!("{before}{}{after}", store.public(name));
    }
    text
}

fn configuration(case: &Case) -> String {
    let identity = |file: &String| format!("IdentityFile \"{{dir}}/{file}\"\n");
    let identities: String = case.identities.iter().map(identity).collect();
    if case.closed { format!("{}{CLOSED}{identities}", case.config) } else { case.config.clone() }
}

/// Who runs the tests, and so the only one who can log in everywhere.
pub fn user() -> String {
    run(Command::new("id").arg("-un").env_clear().env("PATH", SEARCH_PATH)).expect(0).text().trim().to_owned()
}

fn listener() -> TcpListener {
    TcpListener::bind("0.0.0.0:0").unwrap()
}

/// A port that nobody listens on, and that is nobody else's as long as the socket is there.
fn closed_port() -> (OwnedFd, u16) {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address: SocketAddr = getsockname(&socket).unwrap().try_into().unwrap();
    (socket, address.port())
}

fn serve(
    home: &Home,
    store: &KeyStore,
    words: &[(String, String)],
    name: &str,
    case: &ServerCase,
    listener: TcpListener,
) -> Server {
    let dir = home.dir().join(name).display().to_string();
    let authorized: Vec<String> = case.authorized.iter().map(|line| fill(line, words, store) + "\n").collect();
    home.write(&format!("{name}/authorized_keys"), authorized.concat());
    let mut lines: Vec<String> =
        case.host_keys.iter().map(|key| format!("HostKey \"{}\"", store.private(key).display())).collect();
    if let Some(certificate) = &case.certificate {
        store.certify(&fill(certificate, words, store), &home.dir().join(name).join("certificate"));
        lines.push(format!("HostCertificate \"{dir}/certificate\""));
    }
    // The first value counts, so what the case says stands before the rest.
    lines.push(fill(&case.config, words, store));
    lines.push(format!("AuthorizedKeysFile \"{dir}/authorized_keys\""));
    lines.push(SSHD.to_owned());
    let path = home.write(&format!("{name}/config"), lines.join("\n"));
    Server::start(listener, path.as_ref())
}

/// An agent of a run.
struct Agent(Child);

impl Agent {
    fn start(home: &Home, keys: &[String]) -> Self {
        let socket = home.dir().join("agent");
        let mut command = Command::new(require("ssh-agent", "openssh-client"));
        command.arg("-D").arg("-a").arg(&socket).env_clear().env("PATH", SEARCH_PATH);
        let agent = Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        wait_until("the agent's answer", Duration::from_secs(20), || UnixStream::connect(&socket).is_ok());
        if !keys.is_empty() {
            let mut add = Command::new(require("ssh-add", "openssh-client"));
            add.arg("-q").args(keys).env_clear().env("SSH_AUTH_SOCK", &socket).current_dir(home.dir());
            run(&mut add).expect(0);
        }
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // Nothing else ends it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
