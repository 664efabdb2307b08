//! Sessions on this machine.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opsctl::engine::ConnectionKind;
use opsctl::engine::deploy::session::{Access, Reach, Session, Trouble};
use opsctl::modules::{Action, Answer, Question};
use opsctl::remote::{Limits, StopSignal, quote};
use opsctl::transport::{
    AHEAD, BoxFuture, ConnectError, ConnectOptions, Connection, HostKeyPolicy, Local, Opening, Target, Transport,
};
use tokio::sync::watch;

pub const SHELLS: [&str; 5] = ["dash", "bash", "busybox ash", "ksh", "mksh"];

/// Starts the boot line with another shell; takes what comes ahead, and counts connections.
pub struct With {
    pub shell: &'static str,
    pub before: String,
    pub connections: AtomicUsize,
}

impl With {
    pub fn new(shell: &'static str, before: &str) -> Self {
        Self { shell, before: before.to_owned(), connections: AtomicUsize::new(0) }
    }
}

impl Transport for With {
    fn connect<'a>(
        &'a self,
        target: &'a Target,
        options: &'a ConnectOptions,
        opening: &'a Opening<'a>,
    ) -> BoxFuture<'a, Result<Connection, ConnectError>> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let ahead =
                opening.ahead.map(|text| format!("{AHEAD}={}; export {AHEAD}; ", quote(text))).unwrap_or_default();
            let line = format!("{ahead}{}{}", self.before, opening.line.replace("/bin/sh", self.shell));
            Local.connect(target, options, &Opening { line: &line, ahead: None }).await
        })
    }
}

/// A session with what it needs.
pub struct Host {
    pub session: Session,
    pub switch: watch::Sender<bool>,
    pub stop: StopSignal,
    pub access: Access,
    pub limits: Limits,
}

impl Host {
    pub fn new() -> Self {
        Self::with("/bin/sh", "")
    }

    pub fn with(shell: &'static str, before: &str) -> Self {
        Self::over(Arc::new(With::new(shell, before)), Target::default())
    }

    pub fn over(ssh: Arc<dyn Transport>, target: Target) -> Self {
        let connect = ConnectOptions { timeout: Duration::from_secs(20), host_keys: HostKeyPolicy::Strict };
        let reach = Arc::new(Reach { ssh, local: Arc::new(Local), connect, retries: 0 });
        let (switch, stop) = StopSignal::channel();
        Self {
            session: Session::new(reach, target, ConnectionKind::Ssh),
            switch,
            stop,
            access: Access::default(),
            limits: Limits::default(),
        }
    }

    pub async fn ask(&mut self, questions: &[Question]) -> Result<Vec<Answer>, Trouble> {
        self.session.ask(&self.access, questions, self.limits, &mut self.stop).await
    }

    pub async fn act(&mut self, action: &Action) -> Result<Answer, Trouble> {
        self.session.act(&self.access, action, self.limits, &mut self.stop).await
    }
}

/// Runs a test's future to its end.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A number of seconds nobody else sleeps.
pub fn token(name: &str) -> String {
    let name = name.bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    format!("{}.{}", 200_000 + std::process::id(), name)
}

/// Processes whose command line holds `token`.
pub fn alive(token: &str) -> usize {
    let output = std::process::Command::new("ps").args(["-eo", "stat=,args="]).output().unwrap();
    text(&output.stdout).lines().filter(|line| line.contains(token) && !line.starts_with('Z')).count()
}
