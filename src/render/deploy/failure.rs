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

/// Lines of standard output that are shown beside a short standard error.
const BESIDE_LINES: usize = 8;

/// Failures of a task, hosts with the same one folded; with its place unless that `is_placed` already.
pub(super) fn failures(open: &Open, is_placed: bool, look: Look) -> String {
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
        if !end.ignored && !is_placed {
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
    lines.extend(output(report, message));
    if let Some(arguments) = &report.arguments {
        let text = value::arguments(arguments);
        if !text.is_empty() {
            lines.push(format!("{} {text}", sanitize_line(&report.task.module)));
        }
    }
    if look.view.verbosity > 0 {
        let mut result = Value::clone(&report.result);
        if let Some(fields) =
            result.as_object_mut().filter(|fields| fields.get("msg").is_some_and(|msg| msg == message))
        {
            fields.remove("msg");
        }
        lines.extend(value::result(&result, &report.task.module, look.view));
    }
    lines
}

/// The end of what was printed, unless the message tells it: standard error, and standard output where that is short.
fn output(report: &TaskReport, message: &str) -> Vec<String> {
    let stream = |name: &str| report.result.get(name).and_then(Value::as_str).unwrap_or_default().trim_end();
    let last = |label: &str, text: &str, most: usize| -> Vec<String> {
        let all: Vec<&str> = text.lines().collect();
        let last = &all[all.len().saturating_sub(most)..];
        last.iter().map(|line| format!("{label} | {}", sanitize_line(line))).collect()
    };
    let errors = ["module_stderr", "stderr"].into_iter().map(stream).find(|text| !text.trim().is_empty());
    let errors = errors.unwrap_or_default();
    let most = if errors.is_empty() { SHOWN_LINES } else { BESIDE_LINES };
    let mut lines = Vec::new();
    if errors.lines().count() < BESIDE_LINES && !message.contains(stream("stdout").trim()) {
        lines.extend(last("stdout", stream("stdout"), most));
    }
    if !message.contains(errors.trim()) {
        lines.extend(last("stderr", errors, SHOWN_LINES));
    }
    lines
}
