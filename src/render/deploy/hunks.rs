//! What differs before and after, hosts with the same difference folded.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices_deadline, group_diff_ops};

use super::{Look, names};
use crate::event::{TaskReport, TextDiff};
use crate::render::sanitize::sanitize_line;

/// Unchanged lines shown around a change, as `diff -u` does.
const CONTEXT: usize = 3;

/// Time for one difference: what is left then is taken as changed.
const PATIENCE: Duration = Duration::from_secs(1);

/// The differences of these reports.
pub(super) fn diffs(reports: &[Arc<TaskReport>], look: Look) -> String {
    let mut groups: IndexMap<(Option<&str>, Vec<&TextDiff>), Vec<&str>> = IndexMap::new();
    for report in reports.iter().filter(|report| !report.diff.is_empty()) {
        let key = (report.item.as_deref(), report.diff.iter().collect());
        groups.entry(key).or_default().push(&report.host);
    }
    let mut text = String::new();
    for ((item, diffs), hosts) in groups {
        let item = item.map(|item| format!(" [{}]", sanitize_line(item))).unwrap_or_default();
        let mut lines = Vec::new();
        for diff in diffs {
            push(&mut lines, diff);
        }
        if lines.is_empty() {
            continue;
        }
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "  diff {}{item}", names(&hosts));
        for line in lines {
            let shown = sanitize_line(&line).into_owned();
            let shown = match line.as_bytes().first() {
                Some(b'+') => look.palette.added(shown),
                Some(b'-') => look.palette.removed(shown),
                Some(b'@') => look.palette.hint(shown),
                _ => shown,
            };
            let _ = writeln!(text, "    {shown}");
        }
    }
    text
}

fn push(lines: &mut Vec<String>, diff: &TextDiff) {
    if diff.before == diff.after {
        return;
    }
    let old: Vec<&str> = diff.before.split_inclusive('\n').collect();
    let new: Vec<&str> = diff.after.split_inclusive('\n').collect();
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(Instant::now() + PATIENCE));
    lines.push(format!("--- {}", diff.before_header));
    lines.push(format!("+++ {}", diff.after_header));
    for hunk in group_diff_ops(ops, CONTEXT) {
        push_hunk(lines, &hunk, &old, &new);
    }
}

fn push_hunk(lines: &mut Vec<String>, hunk: &[DiffOp], old: &[&str], new: &[&str]) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let before = first.old_range().start..last.old_range().end;
    let after = first.new_range().start..last.new_range().end;
    let place = |range: &std::ops::Range<usize>| match range.len() {
        1 => (range.start + 1).to_string(),
        0 => format!("{},0", range.start),
        length => format!("{},{length}", range.start + 1),
    };
    lines.push(format!("@@ -{} +{} @@", place(&before), place(&after)));
    let mut add = |sign: char, texts: &[&str]| {
        for text in texts {
            lines.push(format!("{sign}{}", text.strip_suffix('\n').unwrap_or(text)));
            if !text.ends_with('\n') {
                lines.push("\\ No newline at end of file".to_owned());
            }
        }
    };
    for op in hunk {
        if op.tag() == DiffTag::Equal {
            add(' ', &new[op.new_range()]);
        } else {
            add('-', &old[op.old_range()]);
            add('+', &new[op.new_range()]);
        }
    }
}
