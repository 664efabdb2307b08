//! `--format junit`: one XML document at the end: a test suite a play, a test case a task and host.
//!
//! A run without plays (`exec`) is one suite with a case a host.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::sanitize::sanitize;
use super::sink::Sink;
use crate::event::{
    DeployEvent, Event, EventKind, HostReport, Outcome, Subscriber, SubscriberError, Summary, TaskReport, TaskStatus,
};

/// Collects a run and writes it as one `JUnit` document.
pub struct Junit {
    stdout: Sink,
    stderr: Sink,
    name: String,
    suites: Vec<Suite>,
    hosts: Vec<Arc<HostReport>>,
    warnings: Vec<String>,
}

#[derive(Default)]
struct Suite {
    name: String,
    cases: String,
    counts: Counts,
    time: Duration,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// How a case ended; a text for what went wrong.
enum Verdict {
    Passed,
    Skipped,
    Failed(String),
    Unreachable(String),
}

impl Junit {
    /// Writes to `stdout`.
    #[must_use]
    pub fn new(stdout: Sink, stderr: Sink) -> Self {
        Self { stdout, stderr, name: String::new(), suites: Vec::new(), hosts: Vec::new(), warnings: Vec::new() }
    }

    fn deploy(&mut self, event: &DeployEvent) {
        match event {
            DeployEvent::PlayStarted(play) => {
                let batch = if play.batches > 1 { format!(" (batch {})", play.batch) } else { String::new() };
                self.suites.push(Suite { name: format!("{}{batch}", play.name), ..Suite::default() });
            }
            DeployEvent::TaskEnded(report) => {
                if self.suites.is_empty() {
                    self.suites.push(Suite::default());
                }
                if let Some(suite) = self.suites.last_mut() {
                    suite.task(report);
                }
            }
            _ => {}
        }
    }

    fn write(&mut self, summary: &Summary) {
        if self.suites.is_empty() {
            let mut suite = Suite { name: self.name.clone(), ..Suite::default() };
            self.hosts.sort_by(|one, two| one.host.cmp(&two.host));
            self.hosts.iter().for_each(|report| suite.host(report));
            self.suites.push(suite);
        }
        let sum = |pick: fn(&Counts) -> usize| self.suites.iter().map(|suite| pick(&suite.counts)).sum();
        let all = Counts {
            tests: sum(|counts| counts.tests),
            failures: sum(|counts| counts.failures),
            errors: sum(|counts| counts.errors),
            skipped: sum(|counts| counts.skipped),
        };
        self.stdout.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        self.stdout.line(format!("<testsuites name=\"{}\" {}>", escaped(&self.name), all.text(summary.duration)));
        for suite in &self.suites {
            let attributes = suite.counts.text(suite.time);
            self.stdout.line(format!("  <testsuite name=\"{}\" {attributes}>", escaped(&suite.name)));
            self.stdout.write(&suite.cases);
            self.stdout.line("  </testsuite>");
        }
        for warning in &self.warnings {
            self.stdout.line(format!("  <!-- {} -->", escaped(&warning.replace("--", "- -"))));
        }
        self.stdout.line("</testsuites>");
        self.stdout.flush();
    }
}

impl Counts {
    fn text(self, time: Duration) -> String {
        let Self { tests, failures, errors, skipped } = self;
        let time = time.as_secs_f64();
        format!(
            "tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{time:.3}\""
        )
    }
}

impl Suite {
    fn task(&mut self, report: &TaskReport) {
        let role = report.task.role.as_ref().map(|role| format!("{role} : ")).unwrap_or_default();
        let name = format!("[{}] {role}{}", report.host, report.task.name);
        let message = || report.message.clone().unwrap_or_else(|| "failed".to_owned());
        let verdict = match report.status {
            _ if report.ignored => Verdict::Passed,
            TaskStatus::Ok | TaskStatus::Changed => Verdict::Passed,
            TaskStatus::Skipped => Verdict::Skipped,
            TaskStatus::Failed => Verdict::Failed(message()),
            TaskStatus::Unreachable => Verdict::Unreachable(message()),
        };
        let stream = |name: &str| report.result.get(name).and_then(Value::as_str).unwrap_or_default();
        self.case(&name, &report.task.place, report.duration, &verdict, stream("stdout"), stream("stderr"));
    }

    fn host(&mut self, report: &HostReport) {
        let failure = report.failure.as_ref().map(|failure| failure.message.clone());
        let message = failure.unwrap_or_else(|| report.outcome.name().to_owned());
        let verdict = match report.outcome {
            Outcome::Ok | Outcome::Changed => Verdict::Passed,
            Outcome::Skipped | Outcome::NotStarted => Verdict::Skipped,
            Outcome::Unreachable => Verdict::Unreachable(message),
            Outcome::Failed | Outcome::TimedOut | Outcome::Cancelled => Verdict::Failed(message),
        };
        let (stdout, stderr) = (sanitize(&report.stdout.head), sanitize(&report.stderr.head));
        let class = self.name.clone();
        self.case(&report.host, &class, report.duration, &verdict, &stdout, &stderr);
    }

    fn case(&mut self, name: &str, class: &str, time: Duration, verdict: &Verdict, stdout: &str, stderr: &str) {
        self.counts.tests += 1;
        self.time += time;
        let text = &mut self.cases;
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            text,
            "    <testcase name=\"{}\" classname=\"{}\" time=\"{:.3}\">",
            escaped(name),
            escaped(class),
            time.as_secs_f64()
        );
        match verdict {
            Verdict::Passed => {}
            Verdict::Skipped => {
                self.counts.skipped += 1;
                text.push_str("      <skipped/>\n");
            }
            Verdict::Failed(message) => {
                self.counts.failures += 1;
                let first = message.lines().next().unwrap_or_default();
                let (first, message) = (escaped(first), escaped(message));
                let _ = writeln!(text, "      <failure message=\"{first}\">{message}</failure>");
            }
            Verdict::Unreachable(message) => {
                self.counts.errors += 1;
                let message = escaped(message);
                let _ = writeln!(text, "      <error type=\"unreachable\" message=\"{message}\"/>");
            }
        }
        for (tag, stream) in [("system-out", stdout), ("system-err", stderr)] {
            if !stream.is_empty() {
                let _ = writeln!(text, "      <{tag}>{}</{tag}>", escaped(stream));
            }
        }
        text.push_str("    </testcase>\n");
    }
}

/// Text for an attribute or an element; what XML cannot hold is written out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in sanitize(text.as_bytes()).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

impl Subscriber for Junit {
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError> {
        match &event.kind {
            EventKind::RunStarted(header) => self.name = format!("opsctl {} {}", header.verb.name(), header.command),
            EventKind::Deploy(event) => self.deploy(event),
            EventKind::HostEnded(report) => self.hosts.push(Arc::clone(report)),
            EventKind::Warning(text) => self.warnings.push(text.clone()),
            EventKind::RunEnded(summary) => {
                self.write(summary);
                super::tell_if_closed(&self.stdout, &self.stderr, summary.run);
                return super::finish(&self.stdout, &self.stderr);
            }
            EventKind::HostStarted { .. } | EventKind::Output { .. } | EventKind::Stopping(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::super::fixture::{failed, ok, run_events, show, unreachable};
    use super::super::{Format, RenderOptions};
    use super::*;

    #[test]
    fn a_run_without_plays_is_one_suite() {
        let options = RenderOptions { format: Format::Junit, ..RenderOptions::default() };
        let reports = [ok("a", "x & <y>\n"), failed("b", 2, "no\u{1b}\n"), unreachable("c")];
        assert_snapshot!(show(&options, &run_events(&reports)).0, @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="opsctl exec uptime" tests="3" failures="1" errors="1" skipped="0" time="4.200">
          <testsuite name="opsctl exec uptime" tests="3" failures="1" errors="1" skipped="0" time="3.000">
            <testcase name="a" classname="opsctl exec uptime" time="1.500">
              <system-out>x &amp; &lt;y&gt;
        </system-out>
            </testcase>
            <testcase name="b" classname="opsctl exec uptime" time="1.500">
              <failure message="exit code 2">exit code 2</failure>
              <system-err>no\x1b
        </system-err>
            </testcase>
            <testcase name="c" classname="opsctl exec uptime" time="0.000">
              <error type="unreachable" message="connect to c port 22: connection refused"/>
            </testcase>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn what_xml_cannot_hold_is_written_out() {
        assert_eq!(escaped("a\u{0}\u{1b}\"<&>\u{fffe}\n"), "a\\x00\\x1b&quot;&lt;&amp;&gt;\u{fffd}\n");
    }
}
