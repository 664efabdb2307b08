//! A run of playbooks for a person: a line a play and task, hosts folded by outcome, a recap at the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use similar::{Algorithm, DiffTag, capture_diff_slices, group_diff_ops};

use super::host_set::host_set;
use super::message::warn;
use super::sanitize::sanitize_line;
use super::sink::Sink;
use super::style::Palette;
use super::{RenderOptions, Table, terminal_width};
use crate::event::{
    DeployEvent, Event, EventKind, HostReport, Outcome, PlayInfo, Recap, Subscriber, SubscriberError, Summary,
    TaskInfo, TaskReport, TaskStatus, TextDiff,
};

/// Most lines of a failure's message and of its standard error that are shown.
const SHOWN_LINES: usize = 20;

/// Shows a run of playbooks.
pub(super) struct Tasks {
    stdout: Sink,
    stderr: Sink,
    palette: Palette,
    stderr_palette: Palette,
    quiet: bool,
    width: Option<u16>,
    task: Option<Arc<TaskInfo>>,
    ended: Vec<Arc<TaskReport>>,
    items: Vec<Arc<TaskReport>>,
    recaps: Vec<Arc<HostReport>>,
    warned: Vec<String>,
}

impl Tasks {
    pub(super) fn new(options: &RenderOptions, stdout: Sink, stderr: Sink) -> Self {
        Self {
            stdout,
            stderr,
            palette: options.stdout.palette(options.color),
            stderr_palette: options.stderr.palette(options.color),
            quiet: options.quiet,
            width: options.width,
            task: None,
            ended: Vec::new(),
            items: Vec::new(),
            recaps: Vec::new(),
            warned: Vec::new(),
        }
    }

    fn play(&mut self, play: &PlayInfo) {
        self.flush();
        if self.quiet {
            return;
        }
        let batch =
            if play.batches > 1 { format!(", batch {} of {}", play.batch, play.batches) } else { String::new() };
        let hosts = if play.hosts.len() == 1 { "1 host".to_owned() } else { format!("{} hosts", play.hosts.len()) };
        let place = self.palette.faint(sanitize_line(&play.place));
        self.stdout.line(format!("\nPLAY {} ({hosts}{batch})  {place}", sanitize_line(&play.name)));
    }

    fn begin(&mut self, task: &Arc<TaskInfo>) {
        self.flush();
        self.task = Some(Arc::clone(task));
    }

    /// Shows the task that has ended on all of its hosts.
    fn flush(&mut self) {
        let Some(task) = self.task.take() else { return };
        let (ended, items) = (std::mem::take(&mut self.ended), std::mem::take(&mut self.items));
        let is_bad = |report: &Arc<TaskReport>| {
            matches!(report.status, TaskStatus::Failed | TaskStatus::Unreachable) && !report.ignored
        };
        if self.quiet && !ended.iter().any(is_bad) {
            return;
        }
        let kind = if task.handler { "HANDLER" } else { "TASK" };
        let role = task.role.as_ref().map(|role| format!("{} : ", sanitize_line(role))).unwrap_or_default();
        let place = self.palette.faint(sanitize_line(&task.place));
        let name = sanitize_line(&task.name).into_owned();
        self.stdout.line(format!("{kind} {role}{name}  {}  {place}", tally(&ended)));
        self.outcomes(&ended, &items);
        self.diffs(if items.is_empty() { &ended } else { &items });
        self.stdout.flush();
    }

    fn outcomes(&self, ended: &[Arc<TaskReport>], items: &[Arc<TaskReport>]) {
        let mut groups: BTreeMap<(TaskStatus, bool, Option<String>), Vec<&str>> = BTreeMap::new();
        for report in ended {
            groups.entry((report.status, report.ignored, told(report))).or_default().push(&report.host);
        }
        for ((status, ignored, message), hosts) in groups {
            if message.is_none() && matches!(status, TaskStatus::Ok | TaskStatus::Skipped) {
                continue;
            }
            let word = if ignored { "ignored".to_owned() } else { self.palette.outcome(outcome(status), name(status)) };
            let message = message.map(|message| format!(": {}", indented(&message))).unwrap_or_default();
            self.stdout.line(format!("  {word} {}{message}", sanitize_line(&host_set(&hosts))));
        }
        for item in items.iter().filter(|item| matches!(item.status, TaskStatus::Failed | TaskStatus::Changed)) {
            let label = item.item.as_deref().map(sanitize_line).unwrap_or_default();
            let message = item.message.as_deref().filter(|_| item.status == TaskStatus::Failed);
            let message = message.map(|message| format!(": {}", indented(message))).unwrap_or_default();
            let word = self.palette.outcome(outcome(item.status), name(item.status));
            self.stdout.line(format!("    {word} {} [{label}]{message}", sanitize_line(&item.host)));
        }
        for report in ended.iter().filter(|report| report.status == TaskStatus::Failed) {
            let text = report.result.get("stderr").and_then(serde_json::Value::as_str).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            for line in &lines[lines.len().saturating_sub(SHOWN_LINES)..] {
                self.stdout.line(format!("    {} | {}", sanitize_line(&report.host), sanitize_line(line)));
            }
        }
    }

    fn diffs(&self, reports: &[Arc<TaskReport>]) {
        for report in reports {
            for diff in &report.diff {
                for line in diff_lines(diff) {
                    let line = sanitize_line(&line).into_owned();
                    let line = match line.chars().next() {
                        Some('+') => self.palette.added(line),
                        Some('-') => self.palette.removed(line),
                        _ => line,
                    };
                    self.stdout.line(format!("    {} {line}", sanitize_line(&report.host)));
                }
            }
        }
    }

    fn warning(&mut self, text: &str) {
        if !self.quiet && !self.warned.iter().any(|known| known == text) {
            self.warned.push(text.to_owned());
            // Nowhere is left to report that standard error is gone.
            let mut out = Vec::new();
            let _ = warn(&mut out, self.stderr_palette, &sanitize_line(text));
            self.stderr.write(out);
            self.stderr.flush();
        }
    }

    fn end(&mut self, summary: &Summary) {
        self.flush();
        let failed = self.recaps.iter().any(|report| !report.outcome.is_success());
        if self.quiet && !failed {
            return;
        }
        if !self.recaps.is_empty() {
            self.stdout.line("\nRECAP");
            self.stdout.write(recap(&self.recaps, Some(self.width.unwrap_or_else(terminal_width))));
        }
        self.stdout.line(super::tally::tally(summary, self.palette));
    }
}

/// What is said of a task's end: why it failed, or what `debug` shows.
fn told(report: &TaskReport) -> Option<String> {
    if matches!(report.status, TaskStatus::Failed | TaskStatus::Unreachable) {
        return report.message.clone();
    }
    if report.task.module != "debug" || report.status == TaskStatus::Skipped {
        return None;
    }
    let shown = report.result.as_object()?.iter().filter(|(name, _)| !matches!(name.as_str(), "changed" | "failed"));
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let lines = shown.map(|(name, value)| if name == "msg" { text(value) } else { format!("{name}: {}", text(value)) });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

fn recap(reports: &[Arc<HostReport>], width: Option<u16>) -> String {
    let titles = ["host", "ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"];
    let mut table = (1..titles.len()).fold(Table::new(&titles), Table::right);
    for report in reports {
        let Recap { ok, changed, unreachable, failed, skipped, rescued, ignored } = report.recap.unwrap_or_default();
        let counts = [ok, changed, unreachable, failed, skipped, rescued, ignored].map(|count| count.to_string());
        table.row(std::iter::once(sanitize_line(&report.host).into_owned()).chain(counts));
    }
    let mut text = table.render(width);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn tally(ended: &[Arc<TaskReport>]) -> String {
    let mut counts: BTreeMap<TaskStatus, usize> = BTreeMap::new();
    for report in ended {
        *counts.entry(report.status).or_default() += 1;
    }
    counts.iter().map(|(status, count)| format!("{} {count}", name(*status))).collect::<Vec<_>>().join(" · ")
}

fn name(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Ok => "ok",
        TaskStatus::Changed => "changed",
        TaskStatus::Skipped => "skipped",
        TaskStatus::Failed => "failed",
        TaskStatus::Unreachable => "unreachable",
    }
}

fn outcome(status: TaskStatus) -> Outcome {
    match status {
        TaskStatus::Ok => Outcome::Ok,
        TaskStatus::Changed => Outcome::Changed,
        TaskStatus::Skipped => Outcome::Skipped,
        TaskStatus::Failed => Outcome::Failed,
        TaskStatus::Unreachable => Outcome::Unreachable,
    }
}

/// A message of several lines, its later lines set in.
fn indented(message: &str) -> String {
    let lines: Vec<String> = message.lines().take(SHOWN_LINES).map(|line| sanitize_line(line).into_owned()).collect();
    lines.join("\n      ")
}

fn diff_lines(diff: &TextDiff) -> Vec<String> {
    const CONTEXT: usize = 3;
    let (old, new): (Vec<&str>, Vec<&str>) = (diff.before.lines().collect(), diff.after.lines().collect());
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let mut lines = vec![format!("--- {}", diff.before_header), format!("+++ {}", diff.after_header)];
    for hunk in group_diff_ops(ops, CONTEXT) {
        lines.push("@@".to_owned());
        for op in hunk {
            if op.tag() == DiffTag::Equal {
                lines.extend(old[op.old_range()].iter().map(|line| format!(" {line}")));
                continue;
            }
            lines.extend(old[op.old_range()].iter().map(|line| format!("-{line}")));
            lines.extend(new[op.new_range()].iter().map(|line| format!("+{line}")));
        }
    }
    lines
}

impl Subscriber for Tasks {
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError> {
        match &event.kind {
            EventKind::Deploy(event) => match event.as_ref() {
                DeployEvent::PlayStarted(play) => self.play(play),
                DeployEvent::TaskStarted(task) => self.begin(task),
                DeployEvent::ItemEnded(report) => self.items.push(Arc::clone(report)),
                DeployEvent::TaskEnded(report) => self.ended.push(Arc::clone(report)),
                DeployEvent::HandlersOwed { host, handlers } => {
                    self.warning(&format!(
                        "{host}: these handlers were notified and did not run: {}",
                        handlers.join(", ")
                    ));
                }
                DeployEvent::TaskIntent { .. } => {}
            },
            EventKind::HostEnded(report) => self.recaps.push(Arc::clone(report)),
            EventKind::Warning(text) => self.warning(text),
            EventKind::RunEnded(summary) => {
                self.end(summary);
                return super::finish(&self.stdout, &self.stderr);
            }
            EventKind::RunStarted(_)
            | EventKind::HostStarted { .. }
            | EventKind::Output { .. }
            | EventKind::Stopping(_) => {}
        }
        Ok(())
    }
}
