//! Servers of one run: a port of their own, and a real `sshd` for each connection, whose log is kept apart.
//!
//! `sshd -i` serves the connection that it is handed, so nothing listens longer than the run, and what the log says
//! belongs to this connection of this run alone.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::common::{SEARCH_PATH, sshd_program, wait_until};

/// How long a server may take to notice that its client has gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// A port that is served.
pub struct Server {
    port: u16,
    ends: Arc<AtomicBool>,
    visits: Arc<Mutex<Vec<Visit>>>,
    accepting: Option<JoinHandle<()>>,
}

struct Visit {
    sshd: Child,
    log: PathBuf,
}

impl Server {
    /// Listens; `config` is the file of `sshd_config`, beside which the logs go.
    pub fn start(listener: TcpListener, config: &Path) -> Self {
        let port = listener.local_addr().unwrap().port();
        let (ends, visits) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (told, kept, config) = (Arc::clone(&ends), Arc::clone(&visits), config.to_owned());
        let program = sshd_program();
        let accepting = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if told.load(Ordering::SeqCst) {
                    return;
                }
                let mut visits = kept.lock().unwrap();
                let log = config.with_extension(format!("log{}", visits.len()));
                visits.push(Visit { sshd: serve(&program, &config, stream, &log), log });
            }
        });
        Self { port, ends, visits, accepting: Some(accepting) }
    }

    /// Stops listening, waits until each connection has ended, and returns their logs in the order of their coming.
    pub fn finish(mut self) -> Vec<String> {
        self.stop();
        let mut visits = std::mem::take(&mut *self.visits.lock().unwrap());
        let log = |visit: &mut Visit| {
            wait_until("the end of a connection", PATIENCE, || visit.sshd.try_wait().unwrap().is_some());
            String::from_utf8_lossy(&std::fs::read(&visit.log).unwrap()).into_owned()
        };
        visits.iter_mut().map(log).collect()
    }

    fn stop(&mut self) {
        let Some(accepting) = self.accepting.take() else { return };
        self.ends.store(true, Ordering::SeqCst);
        // Wakes the thread up.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        accepting.join().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        for visit in self.visits.lock().unwrap().iter_mut() {
            // Ended already in the good case.
            let _ = visit.sshd.kill();
            let _ = visit.sshd.wait();
        }
    }
}

fn serve(program: &str, config: &Path, stream: TcpStream, log: &Path) -> Child {
    let input = OwnedFd::from(stream);
    let output = input.try_clone().unwrap();
    let mut command = Command::new(program);
    command.args(["-i", "-e", "-f"]).arg(config).env_clear().env("PATH", SEARCH_PATH);
    command.stdin(Stdio::from(input)).stdout(Stdio::from(output)).stderr(File::create(log).unwrap());
    command.spawn().unwrap()
}
