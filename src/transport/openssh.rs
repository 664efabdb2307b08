//! Drives the system's `ssh`, so that every `ssh_config` feature works.
//!
//! One `ssh` process a host is both connection and first channel: its standard input is the host's, so that it ends
//! when this process dies, however it dies, and leaves no control master behind. It also listens on a control socket,
//! over which the `openssh` crate opens further channels.

use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::explain::{self, Stage};
use super::spawn::{in_own_session, kill_group, spawn};
use super::{
    BoxFuture, Channel, ConnectError, ConnectOptions, Connection, HostKeyPolicy, Opening, Session, Target, Transport,
    known_hosts, openssh_log,
};
use crate::event::FailureKind;

/// How long an `ssh` that should end is waited for before it is killed.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// How often the file that ssh records a host key in is looked at; it has no event that every system offers.
const HOST_KEY_INTERVAL: Duration = Duration::from_millis(10);

/// Applied after the user's and the system's configuration, so that both win. A dead connection is noticed in 45 s.
const DEFAULTS: &str = "Host *\n  ServerAliveInterval 15\n  ServerAliveCountMax 3\n";

/// Makes sessions through the system's `ssh`.
pub struct OpenSsh {
    directory: tempfile::TempDir,
    config: PathBuf,
    next: AtomicU64,
}

impl OpenSsh {
    /// Prepares a private directory for control sockets and logs, removed at the end.
    ///
    /// # Errors
    /// Fails when the directory cannot be made or written.
    pub fn new() -> std::io::Result<Self> {
        // Socket paths are limited to 107 bytes, so a long TMPDIR will not do.
        let base = std::env::temp_dir();
        let base = if base.as_os_str().len() > 40 { PathBuf::from("/tmp") } else { base };
        let directory = tempfile::Builder::new().prefix("opsctl-").tempdir_in(base)?;
        let config = directory.path().join("config");
        std::fs::write(&config, configuration(home().as_deref()))?;
        Ok(Self { directory, config, next: AtomicU64::new(0) })
    }

    fn arguments(&self, target: &Target, options: &ConnectOptions, files: &Files) -> Vec<String> {
        let seconds = options.timeout.as_millis().div_ceil(1000).max(1);
        let mut words = vec!["-F".to_owned(), self.config.display().to_string()];
        // The first value of an option counts, so ours stand before the host's own words.
        let mut option = |text: String| words.extend(["-o".to_owned(), text]);
        for fixed in ["BatchMode=yes", "ControlMaster=yes", "ControlPersist=no", "RemoteCommand=none", "RequestTTY=no"]
        {
            option(fixed.to_owned());
        }
        option(format!("ConnectTimeout={seconds}"));
        match &options.host_keys {
            HostKeyPolicy::Strict => {}
            HostKeyPolicy::AcceptNew => option("StrictHostKeyChecking=accept-new".to_owned()),
            HostKeyPolicy::Confirmed(_) => {
                option("StrictHostKeyChecking=accept-new".to_owned());
                option("UpdateHostKeys=no".to_owned());
                option(format!("UserKnownHostsFile=\"{}\"", files.known_hosts.display()));
            }
        }
        words.extend(target_arguments(target));
        // The last of these counts, so they stand behind: a `-q` or `-t` of the host's would hide how far ssh came, or
        // alter the bytes that pass.
        words.extend(["-v", "-T", "-E"].map(str::to_owned));
        words.extend([files.log.display().to_string(), "-S".to_owned(), files.socket.display().to_string()]);
        words
    }

    fn files(&self) -> Files {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let place = |extension: &str| self.directory.path().join(format!("{number}{extension}"));
        Files { socket: place(""), log: place(".log"), known_hosts: place(".hosts") }
    }
}

struct Files {
    socket: PathBuf,
    log: PathBuf,
    known_hosts: PathBuf,
}

impl Drop for Files {
    fn drop(&mut self) {
        for path in [&self.socket, &self.log, &self.known_hosts] {
            // Most were never made; the directory goes as a whole at the end.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Includes the user's and the system's configuration, in ssh's order.
///
/// `~` in an `Include` follows HOME; the user's own file is found through the user database alone.
fn configuration(home: Option<&Path>) -> String {
    let user = home.map_or("~/.ssh/config".to_owned(), |home| home.join(".ssh/config").display().to_string());
    format!("Include \"{user}\"\nInclude /etc/ssh/ssh_config\n{DEFAULTS}")
}

/// This user's home directory in the user database.
fn home() -> Option<PathBuf> {
    nix::unistd::User::from_uid(nix::unistd::Uid::current()).ok().flatten().map(|user| user.dir)
}

/// The words that Ansible would pass for the host's own variables.
pub(super) fn target_arguments(target: &Target) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(key) = &target.private_key_file {
        words.extend(["-o".to_owned(), format!("IdentityFile=\"{}\"", key.display())]);
    }
    words.extend(target.port.map(|port| format!("-oPort={port}")));
    words.extend(target.user.as_ref().map(|user| format!("-oUser=\"{user}\"")));
    words.extend(target.ssh_args.iter().cloned());
    words
}

impl Transport for OpenSsh {
    fn connect<'a>(
        &'a self,
        target: &'a Target,
        options: &'a ConnectOptions,
        opening: &'a Opening<'a>,
    ) -> BoxFuture<'a, Result<Connection, ConnectError>> {
        Box::pin(async move {
            let began = Instant::now();
            let files = self.files();
            // Made here so that it is private and exists even when ssh fails before writing to it.
            let _ = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&files.log);
            let found = client();
            let program = target.ssh_executable.as_deref().unwrap_or(&found);
            let mut ssh = Command::new(program);
            ssh.args(self.arguments(target, options, &files)).arg("--").arg(&target.address).arg(opening.line);
            ssh.kill_on_drop(true);
            let failed = |error| spawn_error(program, &error);
            in_own_session(&mut ssh).map_err(failed)?;
            let (child, channel) = spawn(ssh).await.map_err(failed)?;
            let mut session = SshSession {
                child,
                began,
                files,
                config: self.config.clone(),
                address: target.address.clone(),
                mux: None,
                channels: Vec::new(),
            };
            if let HostKeyPolicy::Confirmed(fingerprint) = &options.host_keys {
                session.confirm_host_key(fingerprint, options.timeout, target).await?;
            }
            Ok((Box::new(session) as Box<dyn Session>, channel))
        })
    }
}

/// The system's `ssh`: on the search path, or where it usually is, since cron and bare environments may name no useful path.
fn client() -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|directory| directory.join("ssh").is_file()) {
        return "ssh".to_owned();
    }
    let usual = ["/usr/bin/ssh", "/usr/local/bin/ssh", "/bin/ssh"];
    usual.into_iter().find(|place| Path::new(place).is_file()).unwrap_or("ssh").to_owned()
}

fn spawn_error(program: &str, error: &std::io::Error) -> ConnectError {
    let failure = ConnectError::new(FailureKind::Local, format!("{program} could not be started: {error}"));
    match error.kind() {
        std::io::ErrorKind::NotFound => failure.hint("install the OpenSSH client, or set ansible_ssh_executable"),
        _ => failure.hint("fewer --forks need fewer processes and file descriptors"),
    }
}

struct SshSession {
    child: Child,
    began: Instant,
    files: Files,
    config: PathBuf,
    address: String,
    mux: Option<Arc<openssh::Session>>,
    /// Kept because dropping one closes its channel.
    channels: Vec<openssh::Child<Arc<openssh::Session>>>,
}

impl SshSession {
    fn log(&self) -> String {
        openssh_log::read(&self.files.log)
    }

    fn stage(&self) -> Stage {
        Stage::of(&self.log())
    }

    /// Waits briefly for ssh to end by itself, then ends it; returns its exit code.
    async fn wait(&mut self) -> Option<i32> {
        if let Ok(status) = timeout(CLOSE_PATIENCE, self.child.wait()).await {
            return status.ok()?.code();
        }
        self.kill().await;
        None
    }

    /// Ends ssh at once and tells how far it had come: it comes no further once this has returned.
    async fn kill(&mut self) -> Stage {
        // A proxy command may hang as well as ssh.
        kill_group(self.child.id());
        let reaped = timeout(CLOSE_PATIENCE, self.child.wait()).await.is_ok();
        if reaped { self.stage() } else { Stage::Unknown }
    }

    /// Lets ssh go on only if the host key is the one that a person has confirmed; records it then.
    ///
    /// What counts is the key that ssh itself has accepted and written down: its log has words that a server chooses.
    async fn confirm_host_key(
        &mut self,
        fingerprint: &str,
        limit: Duration,
        target: &Target,
    ) -> Result<(), ConnectError> {
        let deadline = Instant::now() + limit;
        let accepted = timeout_at(deadline, self.accepted_host_keys()).await;
        let Ok(Some(lines)) = accepted else { return Err(self.explain_no_host_key(accepted.is_err()).await) };
        if let Some(key) = known_hosts::keys(&lines).find(|(_, seen)| seen != fingerprint) {
            self.kill().await;
            return Err(explain::host_key_not_confirmed(&key, fingerprint));
        }
        let path = timeout_at(deadline, known_hosts::file(configuration_query(&self.config, target))).await;
        let path = path.unwrap_or_else(|_| Err(std::io::Error::other("`ssh -G` did not end in time")));
        path.and_then(|path| known_hosts::append(&path, &lines)).map_err(|error| explain::host_key_not_recorded(&error))
    }

    /// Waits until ssh has written to our own `known_hosts`; none when it ended before.
    async fn accepted_host_keys(&mut self) -> Option<String> {
        loop {
            let ended = !matches!(self.child.try_wait(), Ok(None));
            let lines = known_hosts::read(&self.files.known_hosts);
            if ended || lines.is_some() {
                return lines;
            }
            sleep(HOST_KEY_INTERVAL).await;
        }
    }

    /// Ends ssh, and explains why it accepted no host key of this server.
    async fn explain_no_host_key(&mut self, timed_out: bool) -> ConnectError {
        let code = self.child.try_wait().ok().flatten().and_then(|status| status.code());
        match self.kill().await {
            Stage::Session | Stage::Unknown => ConnectError::new(
                FailureKind::HostKeyUnknown,
                format!(
                    "ssh recorded no host key of {}, so none could be compared with the confirmed one",
                    self.address
                ),
            ),
            stage if timed_out => explain::timed_out(stage, &self.address),
            _ => openssh_log::explain(&self.log(), "", &self.address, code),
        }
    }

    fn mux(&mut self) -> Arc<openssh::Session> {
        let socket = &self.files.socket;
        let resume = || Arc::new(openssh::Session::resume_mux(socket.clone().into_boxed_path(), None));
        Arc::clone(self.mux.get_or_insert_with(resume))
    }
}

/// Asks ssh, reading `config`, what it would do for this host.
fn configuration_query(config: &Path, target: &Target) -> Command {
    let found = client();
    let mut ssh = Command::new(target.ssh_executable.as_deref().unwrap_or(&found));
    ssh.arg("-G").arg("-F").arg(config).args(target_arguments(target)).arg("--").arg(&target.address);
    ssh
}

impl Session for SshSession {
    fn open_channel<'a>(&'a mut self, command: &'a str) -> BoxFuture<'a, Result<Channel, ConnectError>> {
        Box::pin(async move {
            let session = self.mux();
            let mut command = session.arc_raw_command(command);
            command.stdin(openssh::Stdio::piped()).stdout(openssh::Stdio::piped()).stderr(openssh::Stdio::piped());
            let mut child = command.spawn().await.map_err(|error| {
                ConnectError::new(FailureKind::Lost, format!("no further channel could be opened: {error}"))
                    .hint("the server may limit sessions a connection (MaxSessions)")
            })?;
            let channel = Channel {
                stdin: Box::new(child.stdin().take().expect("stdin is piped")),
                stdout: Box::new(child.stdout().take().expect("stdout is piped")),
                stderr: Box::new(child.stderr().take().expect("stderr is piped")),
            };
            self.channels.push(child);
            Ok(channel)
        })
    }

    fn began(&self) -> Instant {
        self.began
    }

    fn refusal<'a>(&'a mut self, said: &'a str) -> BoxFuture<'a, ConnectError> {
        Box::pin(async move {
            let code = self.wait().await;
            openssh_log::explain(&self.log(), said, &self.address, code)
        })
    }

    fn verdict(&mut self) -> BoxFuture<'_, ConnectError> {
        Box::pin(async move {
            self.wait().await;
            openssh_log::lost(&self.log(), &self.address)
        })
    }

    fn stage_at_timeout(&mut self) -> BoxFuture<'_, ConnectError> {
        Box::pin(async move { explain::timed_out(self.kill().await, &self.address) })
    }

    fn may_have_started(&mut self) -> bool {
        self.stage() >= Stage::Session
    }

    fn abort(&mut self) -> BoxFuture<'_, bool> {
        Box::pin(async move { self.kill().await >= Stage::Session })
    }

    fn exit_code(&mut self) -> BoxFuture<'_, Option<i32>> {
        Box::pin(self.wait())
    }

    fn close(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            self.channels.clear();
            if let Some(session) = self.mux.take().and_then(Arc::into_inner) {
                session.detach();
            }
            self.wait().await;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_configuration_comes_before_the_systems_and_ours_last() {
        let text = configuration(Some(Path::new("/home/ann b")));
        let place = |needle: &str| text.find(needle).unwrap();
        assert!(place("\"/home/ann b/.ssh/config\"") < place("/etc/ssh/ssh_config"));
        assert!(place("/etc/ssh/ssh_config") < place("ServerAliveInterval"));
    }

    #[test]
    fn host_variables_become_the_words_that_ansible_passes() {
        let target = Target {
            address: "db".into(),
            port: Some(2222),
            user: Some("ops".into()),
            private_key_file: Some("/k".into()),
            ssh_args: vec!["-J".into(), "jump".into()],
            ..Target::default()
        };
        assert_eq!(
            target_arguments(&target),
            ["-o", "IdentityFile=\"/k\"", "-oPort=2222", "-oUser=\"ops\"", "-J", "jump"]
        );
    }
}
