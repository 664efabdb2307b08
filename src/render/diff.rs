//! `--diff`: a minority as unified differences from the majority.
//!
//! Lines that differ only in a host's own name, addresses, times and ids count as equal.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices_deadline, group_diff_ops};

use super::block::{Body, Look, Rest, STDERR, captured_text, header, push_marked};
use super::fold::Group;
use super::mask::Masks;
use super::style::Palette;
use crate::event::HostReport;

/// Unchanged lines shown around a change, as `diff -u` does.
const CONTEXT: usize = 3;

/// Time for all differences of a run: what is left then is taken as changed.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// The block of `group` as it differs from `majority`; whole when it failed or the two have nothing in common.
#[must_use]
pub fn block(majority: &Group, group: &Group, deadline: Instant, look: Look) -> String {
    let palette = look.palette;
    let (old, new) = (Lines::of(majority.shown(), look.rest), Lines::of(group.shown(), look.rest));
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old.masks, &new.masks, Some(deadline));
    let equal: usize = ops.iter().filter(|op| op.tag() == DiffTag::Equal).map(|op| op.new_range().len()).sum();
    let is_alike = equal > 0 || new.texts.len() <= CONTEXT;
    if !is_alike || !group.shown().outcome.is_success() {
        return super::block::block(group, Body::Whole, look);
    }
    let mut text = header(group, palette);
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "\n--- {}\n+++ {}", majority.shown().host, group.shown().host);
    for hunk in group_diff_ops(ops, CONTEXT) {
        push_hunk(&mut text, &hunk, &old, &new, palette);
    }
    text
}

/// Both streams of a host, line by line, with what is its own masked for comparison.
struct Lines {
    texts: Vec<String>,
    masks: Vec<Vec<u8>>,
}

impl Lines {
    fn of(report: &HostReport, rest: Rest) -> Self {
        let mut text = captured_text(&report.stdout, rest);
        push_marked(&mut text, &captured_text(&report.stderr, rest), STDERR);
        let texts: Vec<String> = text.lines().map(str::to_owned).collect();
        let mask = |line: &String| {
            let mut masks = Masks::default();
            masks.add(line.as_bytes(), &report.host);
            masks.identity
        };
        let masks = texts.iter().map(mask).collect();
        Self { texts, masks }
    }
}

fn push_hunk(text: &mut String, hunk: &[DiffOp], old: &Lines, new: &Lines, palette: Palette) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let before = first.old_range().start..last.old_range().end;
    let after = first.new_range().start..last.new_range().end;
    let place = |range: &std::ops::Range<usize>| match range.len() {
        1 => (range.start + 1).to_string(),
        0 => format!("{},0", range.start),
        length => format!("{},{length}", range.start + 1),
    };
    let _ = writeln!(text, "{}", palette.hint(format_args!("@@ -{} +{} @@", place(&before), place(&after))));
    for op in hunk {
        if op.tag() == DiffTag::Equal {
            new.texts[op.new_range()].iter().for_each(|line| _ = writeln!(text, " {line}"));
            continue;
        }
        let removed = old.texts[op.old_range()].iter();
        removed.for_each(|line| _ = writeln!(text, "{}", palette.removed(format_args!("-{line}"))));
        let added = new.texts[op.new_range()].iter();
        added.for_each(|line| _ = writeln!(text, "{}", palette.added(format_args!("+{line}"))));
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::super::fixture::{failed, folder, ok};
    use super::super::fold::Numbers;
    use super::*;

    const PLAIN: Look = Look { palette: Palette::PLAIN, rest: Rest::Nowhere };

    #[test]
    fn a_minority_is_shown_as_changes() {
        let config = |host: &str, port: u16| ok(host, &format!("# {host}\na\nb\nc\nport {port}\nd\n"));
        let folder = folder(&[config("web1", 80), config("web2", 80), config("web3", 8080)]);
        let groups = folder.groups(Numbers::Keep);
        assert_snapshot!(block(&groups[0], &groups[1], Instant::now() + PATIENCE, PLAIN), @"
        web3
        --- web1
        +++ web3
        @@ -2,5 +2,5 @@
         a
         b
         c
        -port 80
        +port 8080
         d
        ");
    }

    #[test]
    fn a_failure_is_shown_whole() {
        let folder = folder(&[ok("web1", "a\nb\n"), failed("web2", 1, "no such file\n")]);
        let groups = folder.groups(Numbers::Keep);
        assert_snapshot!(block(&groups[0], &groups[1], Instant::now() + PATIENCE, PLAIN), @"
        web2 failed · rc 1
        stderr: no such file
        ");
    }
}
