//! Hosts that are shells on this machine, and trees to send to them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use opsctl::event::{FailureKind, Stream};
use opsctl::remote::{
    Download, Limits, OutputSink, OutsideLinks, Shell, ShellOptions, Source, StopSignal, Transferred, Upload,
};
use opsctl::transport::{
    BoxFuture, Channel, ConnectError, ConnectOptions, Connection, HostKeyPolicy, Local, Opening, Session, Target,
    Transport,
};
use tempfile::TempDir;
use tokio::io::{AsyncRead, ReadBuf};

use super::testing::write_program;

/// Starts the boot line with another shell, after some shell text.
pub struct Host {
    pub shell: &'static str,
    pub before: String,
    /// Channels opened behind the first of each session.
    pub channels: Arc<AtomicUsize>,
    /// Sessions that were closed while the loop still ran.
    pub cut_short: Arc<AtomicUsize>,
}

impl Transport for Host {
    fn connect<'a>(
        &'a self,
        target: &'a Target,
        options: &'a ConnectOptions,
        opening: &'a Opening<'a>,
    ) -> BoxFuture<'a, Result<Connection, ConnectError>> {
        Box::pin(async move {
            let line = format!("{}{}", self.before, opening.line.replace("/bin/sh", self.shell));
            let opening = Opening { line: &line, ahead: opening.ahead };
            let (session, mut channel) = Local.connect(target, options, &opening).await?;
            let ended = Arc::new(AtomicBool::new(false));
            channel.stdout = Box::new(Ends { inner: channel.stdout, ended: Arc::clone(&ended) });
            let (before, channels, cut_short) =
                (self.before.clone(), Arc::clone(&self.channels), Arc::clone(&self.cut_short));
            let session = HostSession { session, shell: self.shell, before, channels, cut_short, ended };
            Ok((Box::new(session) as Box<dyn Session>, channel))
        })
    }
}

/// Its further channels begin alike.
pub struct HostSession {
    session: Box<dyn Session>,
    shell: &'static str,
    before: String,
    channels: Arc<AtomicUsize>,
    cut_short: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
}

/// Tells when a stream has come to its end.
struct Ends {
    inner: Box<dyn AsyncRead + Send + Unpin>,
    ended: Arc<AtomicBool>,
}

impl AsyncRead for Ends {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        std::task::ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        if buffer.filled().len() == before {
            self.ended.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl Session for HostSession {
    fn open_channel<'a>(&'a mut self, command: &'a str) -> BoxFuture<'a, Result<Channel, ConnectError>> {
        self.channels.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let line = format!("{}{}", self.before, command.replace("/bin/sh", self.shell));
            self.session.open_channel(&line).await
        })
    }

    fn began(&self) -> tokio::time::Instant {
        self.session.began()
    }

    fn refusal<'a>(&'a mut self, said: &'a str) -> BoxFuture<'a, ConnectError> {
        self.session.refusal(said)
    }

    fn verdict(&mut self) -> BoxFuture<'_, ConnectError> {
        self.session.verdict()
    }

    fn stage_at_timeout(&mut self) -> BoxFuture<'_, ConnectError> {
        self.session.stage_at_timeout()
    }

    fn may_have_started(&mut self) -> bool {
        self.session.may_have_started()
    }

    fn abort(&mut self) -> BoxFuture<'_, bool> {
        self.session.abort()
    }

    fn exit_code(&mut self) -> BoxFuture<'_, Option<i32>> {
        self.session.exit_code()
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.cut_short.fetch_add(usize::from(!self.ended.load(Ordering::Relaxed)), Ordering::Relaxed);
        self.session.close()
    }
}

pub const SHELLS: [&str; 5] = ["dash", "bash", "busybox ash", "ksh", "mksh"];

pub enum Work<'a> {
    Copy(&'a Upload),
    Fetch(&'a Download),
}

pub fn host(before: &str) -> Host {
    Host { shell: "/bin/sh", before: before.into(), channels: Arc::default(), cut_short: Arc::default() }
}

pub async fn transfer(host: &Host, work: Work<'_>, limits: Limits, stop: &mut StopSignal) -> Transferred {
    let connect = ConnectOptions { timeout: Duration::from_secs(20), host_keys: HostKeyPolicy::Strict };
    let target = Target::default();
    let first = match &work {
        Work::Copy(upload) => upload.first_command(),
        Work::Fetch(download) => download.first_command(),
    };
    let options = ShellOptions {
        transport: host,
        target: &target,
        connect: &connect,
        privilege: None,
        first: Some(&first),
        limits,
    };
    let mut shell = Shell::open(options, stop).await.unwrap();
    let transferred = match work {
        Work::Copy(upload) => upload.run(&mut shell, limits, stop).await,
        Work::Fetch(download) => download.run("web1", &mut shell, limits, &mut Nowhere, stop).await,
    };
    shell.close().await;
    transferred
}

/// Output that nobody looks at.
struct Nowhere;

impl OutputSink for Nowhere {
    fn write<'a>(&'a mut self, _stream: Stream, _bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn write_now(&mut self, _stream: Stream, _bytes: &[u8]) {}
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub fn copy_by(host: &Host, source: &Path, destination: impl Into<OsString>, parents: bool) -> Transferred {
    let upload = Upload::new(Source::read(source).unwrap(), destination.into(), parents);
    let (_switch, mut stop) = StopSignal::channel();
    block_on(transfer(host, Work::Copy(&upload), Limits::default(), &mut stop))
}

pub fn copy(source: &Path, destination: impl Into<OsString>) -> Transferred {
    copy_by(&host(""), source, destination, false)
}

pub fn fetch_by(host: &Host, source: &Path, directory: &Path) -> Transferred {
    let download = Download::new(source.as_os_str(), directory.to_owned(), OutsideLinks::Refuse).unwrap();
    let (_switch, mut stop) = StopSignal::channel();
    block_on(transfer(host, Work::Fetch(&download), Limits::default(), &mut stop))
}

pub const CHANGED: Transferred = Transferred::Done { changed: true };
pub const SAME: Transferred = Transferred::Done { changed: false };

pub fn reason(transferred: Transferred) -> String {
    match transferred {
        Transferred::Failed(failure) => {
            assert_eq!(failure.kind, FailureKind::Transfer);
            failure.message
        }
        other => panic!("{other:?}"),
    }
}

pub fn write(path: &Path, content: impl AsRef<[u8]>, mode: u32) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

pub fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Every path below `root`, with its kind, mode, and content or target.
pub fn listing(root: &Path) -> Vec<(OsString, u32, Vec<u8>)> {
    let mut all = Vec::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for item in fs::read_dir(&directory).unwrap() {
            let path = item.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_symlink() {
                fs::read_link(&path).unwrap().into_os_string().into_vec()
            } else if metadata.is_dir() {
                directories.push(path.clone());
                b"directory".to_vec()
            } else {
                shortened(fs::read(&path).unwrap())
            };
            let mode = if metadata.is_symlink() { 0 } else { mode(&path) };
            all.push((path.strip_prefix(root).unwrap().as_os_str().to_owned(), mode, content));
        }
    }
    all.sort();
    all
}

/// A long content by its length and sum, so that a failure can be read.
pub fn shortened(content: Vec<u8>) -> Vec<u8> {
    if content.len() < 100 {
        return content;
    }
    let sum = content.iter().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    format!("{} bytes, sum {sum}", content.len()).into_bytes()
}

pub fn names(directory: &Path) -> Vec<OsString> {
    let mut names: Vec<OsString> = fs::read_dir(directory).unwrap().map(|item| item.unwrap().file_name()).collect();
    names.sort();
    names
}

/// A tree with everything that a tree may have; `odd` adds names with newlines and bytes that are not UTF-8.
pub fn build_tree(root: &Path, odd: bool) {
    fs::create_dir(root).unwrap();
    for name in ["plain", "empty dir", "closed", "deep", "deep/er", "deep/er/est", "ünï"] {
        fs::create_dir(root.join(name)).unwrap();
    }
    write(&root.join("file"), "content\n", 0o644);
    write(&root.join("empty"), "", 0o600);
    write(&root.join("run.sh"), "#!/bin/sh\n", 0o755);
    write(&root.join("read-only"), "x", 0o444);
    write(&root.join("plain/with space"), "two words", 0o640);
    write(&root.join("plain/-n"), "dash", 0o644);
    write(&root.join("plain/'quote' \"$HOME\" `id`"), "quotes", 0o644);
    write(&root.join("ünï/cödé ☃"), "unicode", 0o644);
    let binary: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
    write(&root.join("deep/er/est/binary"), binary, 0o644);
    write(&root.join("closed/inside"), "inside", 0o400);
    let long = "x".repeat(120);
    fs::create_dir_all(root.join(&long).join(&long)).unwrap();
    write(&root.join(&long).join(&long).join("far"), "far", 0o644);
    symlink("plain/with space", root.join("link")).unwrap();
    symlink("../../file", root.join("deep/er/up")).unwrap();
    symlink("no/such/./thing/", root.join("dangling")).unwrap();
    symlink(format!("{long}/{long}"), root.join("long link")).unwrap();
    if odd {
        write(&root.join("new\nline"), "newline", 0o644);
        write(&root.join("back\\slash\n"), "backslash", 0o600);
        write(&root.join(OsStr::from_bytes(b"\xff\xfe")), "bytes", 0o644);
        symlink("target\n", root.join("link\nnewline")).unwrap();
    }
    fs::set_permissions(root.join("closed"), Permissions::from_mode(0o555)).unwrap();
    fs::set_permissions(root.join("deep"), Permissions::from_mode(0o2750)).unwrap();
    fs::set_permissions(root, Permissions::from_mode(0o751)).unwrap();
}

/// As the source, without the bits that are not copied.
pub fn expected(root: &Path) -> Vec<(OsString, u32, Vec<u8>)> {
    listing(root).into_iter().map(|(name, mode, content)| (name, mode & 0o777, content)).collect()
}

/// A directory of tools for a host's search path: links to this machine's, and scripts in the place of some.
pub struct Tools(pub TempDir);

impl Tools {
    pub fn new(names: &[&str], scripts: &[(&str, String)]) -> Self {
        let directory = TempDir::new().unwrap();
        for name in names {
            symlink(format!("/usr/bin/{name}"), directory.path().join(name)).unwrap();
        }
        for (name, text) in scripts {
            write_program(directory.path().join(name), format!("#!/bin/sh\n{text}\n"));
        }
        Self(directory)
    }

    pub fn only(&self) -> Host {
        host(&format!("PATH='{}'; export PATH; ", self.0.path().display()))
    }

    pub fn first(&self) -> Host {
        host(&format!("PATH='{}':$PATH; export PATH; ", self.0.path().display()))
    }
}

pub const BARE: [&str; 15] = [
    "setsid", "cat", "chmod", "chown", "id", "kill", "ls", "mkdir", "mv", "ps", "readlink", "rm", "sleep", "tee",
    "printf",
];

/// A checksum tool that, asked the second time, opens a pipe, waits there, and then for ever.
pub fn stuck(pipe: &Path) -> Tools {
    std::process::Command::new("mkfifo").arg(pipe).status().unwrap();
    let pipe = pipe.display();
    let text = format!(
        "[ -e '{pipe}.asked' ] && {{ echo here >'{pipe}'; exec sleep 100000; }}; : >'{pipe}.asked'; exec /usr/bin/sha256sum \"$@\""
    );
    Tools::new(&[], &[("sha256sum", text)])
}
