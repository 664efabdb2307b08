//! What went wrong: first what people need first.

use std::fmt::Write as _;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::fold::{Alike, End};
use super::{Look, Open, names, value};
use crate::event::{TaskReport, TaskStatus};
use crate::render::sanitize::sanitize_line;

/// Most lines of a failure's message and of its output that are shown.
const SHOWN_LINES: usize = 20;

/// Failures of a task, hosts with the same one folded.
pub(super) fn failures(open: &Open, look: Look) -> String {
    let mut groups: Alike<'_> = IndexMap::new();
    // Of a loop only the items tell what went wrong.
    let of_loop = |report: &&Arc<TaskReport>| {
        let failed = |item: &Arc<TaskReport>| item.host == report.host && End::of(item).is_bad();
        !open.items.iter().any(failed)
    };
    let reports = open.items.iter().chain(open.ended.iter().filter(of_loop));
    for report in reports.filter(|report| End::of(report).is_bad()) {
        groups.entry((End::of(report), report.item.as_deref(), body(report, look))).or_default().push(&report.host);
    }
    let mut text = String::new();
    for ((end, item, body), hosts) in groups {
        let item = item.map(|item| format!(" [{}]", sanitize_line(item))).unwrap_or_default();
        let mut lines = body.iter();
        let message = lines.next().map(|line| format!(": {line}")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {} {}{item}{message}", end.word(look.palette), names(&hosts));
        for line in lines {
            let _ = writeln!(text, "      {line}");
        }
        if !end.ignored {
            let _ = writeln!(text, "      {}", look.palette.faint(format!("at {}", sanitize_line(&open.task.place))));
        }
    }
    text
}

fn body(report: &TaskReport, look: Look) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let message = report.message.as_deref().unwrap_or_default();
    lines.extend(message.lines().take(SHOWN_LINES).map(|line| sanitize_line(line).into_owned()));
    if lines.is_empty() {
        lines
            .push(if report.result.get("censored").is_some() { "(hidden by no_log)" } else { "no message" }.to_owned());
    }
    if report.status == TaskStatus::Unreachable {
        return lines;
    }
    if let Some(rc) = report.result.get("rc").and_then(Value::as_i64)
        && let Some(first) = lines.first_mut()
    {
        let _ = write!(first, " (rc {rc})");
    }
    let stream = |name: &str| report.result.get(name).and_then(Value::as_str).unwrap_or_default();
    let shown = ["module_stderr", "stderr", "stdout"].into_iter().find(|name| !stream(name).trim().is_empty());
    if let Some(name) = shown.filter(|name| stream(name).trim() != message.trim()) {
        let all: Vec<&str> = stream(name).lines().collect();
        let last = &all[all.len().saturating_sub(SHOWN_LINES)..];
        let label = name.trim_start_matches("module_");
        lines.extend(last.iter().map(|line| format!("{label} | {}", sanitize_line(line))));
    }
    if let Some(arguments) = &report.arguments {
        let text = value::arguments(arguments);
        if !text.is_empty() {
            lines.push(format!("{} {text}", sanitize_line(&report.task.module)));
        }
    }
    if look.view.verbosity > 0 {
        lines.extend(value::result(&report.result, &report.task.module, look.view));
    }
    lines
}
