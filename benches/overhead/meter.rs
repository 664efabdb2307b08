//! Measures a closure: CPU of the whole process, growth of its peak memory.

use std::time::Duration;

use anyhow::Context as _;

/// Clock ticks a second in /proc, the same on every Linux.
const TICKS: u64 = 100;

/// What something cost.
pub struct Cost {
    cpu: Duration,
    bytes: u64,
}

impl Cost {
    /// Microseconds and kB for each of `count`.
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    pub fn per(&self, count: usize) -> (f64, f64) {
        let count = count as f64;
        (self.cpu.as_secs_f64() * 1e6 / count, self.bytes as f64 / 1000.0 / count)
    }
}

/// Runs `work` once and tells what it cost.
pub fn measure(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Cost> {
    // Linux: forget the peak so far.
    std::fs::write("/proc/self/clear_refs", "5").context("the peak of memory cannot be reset")?;
    let (memory, cpu) = (status_kilobytes("VmRSS:")?, cpu_time()?);
    work()?;
    let cpu = cpu_time()?.saturating_sub(cpu);
    Ok(Cost { cpu, bytes: status_kilobytes("VmHWM:")?.saturating_sub(memory) * 1024 })
}

/// User and system time of all threads, those that have ended included.
fn cpu_time() -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The program's name, in parentheses, may hold spaces; user and system time are fields 14 and 15.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks = fields.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 1000 / TICKS))
}

fn status_kilobytes(field: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let value = status.lines().find_map(|line| line.strip_prefix(field)).context("an unknown field")?;
    Ok(value.trim().trim_end_matches(" kB").parse()?)
}
