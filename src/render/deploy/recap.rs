//! The end of a run: how hosts fared, and which tasks took longest.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::task::{name, plain_width};
use super::{Look, Open, names};
use crate::event::{HostReport, Outcome, Recap};
use crate::render::Table;
use crate::render::sanitize::sanitize_line;
use crate::render::tally::duration;

/// From this number of hosts on, those that fared alike share a line.
const FOLDED: usize = 20;

/// Tasks whose times are shown.
const SLOWEST: usize = 5;

/// Tasks whose times are shown where all of them matter.
const PROFILED: usize = 20;

/// Shorter tasks are no reason to look.
const WORTH_A_LOOK: Duration = Duration::from_secs(1);

const TITLES: [&str; 7] = ["ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"];

/// How hosts fared, as Ansible's recap counts.
pub(super) fn table(reports: &[Arc<HostReport>], look: Look) -> String {
    let mut rows: IndexMap<(Outcome, [u32; 7], usize), Vec<&str>> = IndexMap::new();
    let folds = reports.len() > FOLDED;
    for (place, report) in reports.iter().enumerate() {
        let Recap { ok, changed, unreachable, failed, skipped, rescued, ignored } = report.recap.unwrap_or_default();
        let counts = [ok, changed, unreachable, failed, skipped, rescued, ignored];
        let place = if folds { 0 } else { place };
        rows.entry((report.outcome, counts, place)).or_default().push(&report.host);
    }
    let all: Vec<usize> = (0..TITLES.len()).collect();
    let mut text = lines(&rows, &all, look);
    if text.lines().count() > rows.len() + 1 {
        // Too wide: what never happened is left out.
        let happened =
            |column: &usize| *column < 2 || *column == 3 || rows.keys().any(|(_, counts, _)| counts[*column] > 0);
        text = lines(&rows, &all.into_iter().filter(happened).collect::<Vec<_>>(), look);
    }
    text
}

fn lines(rows: &IndexMap<(Outcome, [u32; 7], usize), Vec<&str>>, columns: &[usize], look: Look) -> String {
    let titles: Vec<&str> = std::iter::once("host").chain(columns.iter().map(|column| TITLES[*column])).collect();
    let mut table = (1..titles.len()).fold(Table::new(&titles), Table::right);
    for ((_, counts, _), hosts) in rows {
        table.row(std::iter::once(names(hosts)).chain(columns.iter().map(|column| counts[*column].to_string())));
    }
    let width = look.width.map(|width| u16::try_from(width).unwrap_or(u16::MAX));
    let text = table.render(width);
    if text.lines().count() != rows.len() + 1 {
        return text;
    }
    let mut painted = String::new();
    for (line, outcome) in
        text.lines().zip(std::iter::once(None).chain(rows.keys().map(|(outcome, ..)| Some(*outcome))))
    {
        let line = match outcome {
            Some(outcome) if outcome != Outcome::Ok => look.palette.outcome(outcome, line),
            _ => line.to_owned(),
        };
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(painted, "{line}");
    }
    painted
}

/// How long tasks took.
#[derive(Debug, Default)]
pub(super) struct Times(Vec<(Duration, String, String)>);

impl Times {
    /// Takes note of a task that has ended on all hosts.
    pub fn add(&mut self, open: &Open) {
        let took = Duration::try_from(open.last.duration_since(open.started)).unwrap_or_default();
        self.0.push((took, name(&open.task), sanitize_line(&open.task.place).into_owned()));
    }

    /// The tasks that took longest, longest first.
    pub fn slowest(&self, look: Look) -> String {
        let (count, least) = if look.view.times { (PROFILED, Duration::ZERO) } else { (SLOWEST, WORTH_A_LOOK) };
        let mut slow: Vec<_> = self.0.iter().filter(|(took, ..)| *took >= least).collect();
        slow.sort_by_key(|(took, ..)| std::cmp::Reverse(*took));
        slow.truncate(count);
        let mut text = String::new();
        if slow.is_empty() {
            return text;
        }
        text.push_str("\nSLOWEST\n");
        for (took, name, place) in slow {
            let line = format!("{:>12}  {name}", duration(*took));
            let fits = look.width.is_none_or(|width| plain_width(&line) + 2 + plain_width(place) <= width);
            let place = if fits { format!("  {}", look.palette.faint(place)) } else { String::new() };
            let _ = writeln!(text, "{line}{place}");
        }
        text.push('\n');
        text
    }
}
