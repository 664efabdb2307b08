//! A number of seconds that nobody else sleeps: finds what a test has left in the process table.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::wait_until;

/// Names the processes of one test; ends those that are left.
pub struct Marker(String);

impl Marker {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(format!("7{number:03}.{}", std::process::id()))
    }

    /// As text for a command: `sleep {marker}`.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Processes whose arguments hold the marker, `opsctl` itself and what wraps it left out.
    pub fn alive(&self) -> Vec<u32> {
        let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
        pids.filter(|pid: &u32| self.marks(*pid)).collect()
    }

    fn marks(&self, pid: u32) -> bool {
        // A process may end while it is looked at; a zombie has no arguments.
        let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else { return false };
        let line = String::from_utf8_lossy(&line);
        line.contains(&self.0) && !line.contains(env!("CARGO_BIN_EXE_opsctl"))
    }

    pub fn wait_for(&self, count: usize) {
        wait_until(&format!("{count} processes `sleep {}`", self.0), Duration::from_secs(30), || {
            self.alive().iter().filter(|pid| is_sleep(**pid)).count() == count
        });
    }

    pub fn wait_gone(&self) {
        wait_until(&format!("the end of every process `{}`", self.0), Duration::from_secs(30), || {
            self.alive().is_empty()
        });
    }
}

fn is_sleep(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "sleep")
}

impl Drop for Marker {
    fn drop(&mut self) {
        for pid in self.alive() {
            let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("the kernel's own number");
            // It may have ended by itself meanwhile.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}
