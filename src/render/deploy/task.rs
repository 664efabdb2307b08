//! One play's and one task's text.

use std::fmt::Write as _;
use std::sync::Arc;

use indexmap::IndexMap;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::fold::{Alike, End, Fold};
use super::{Look, Open, failure, hunks, names, value};
use crate::event::{PlayInfo, TaskInfo, TaskReport, TaskStatus};
use crate::render::host_set::host_set;
use crate::render::sanitize::sanitize_line;

/// Labels of a loop's items that are shown, unless more is asked for.
const LABELS: usize = 20;

/// Columns within which places stand, unless their tasks are longer.
const PLACED: usize = 120;

/// Columns that a title has at least where it is cut.
const SHORT: usize = 40;

/// Columns within which the hosts of a play are named.
const HOSTS: usize = 40;

/// The line of a play.
pub(super) fn play(play: &PlayInfo, look: Look) -> String {
    let batch = if play.batches > 1 { format!(", batch {} of {}", play.batch, play.batches) } else { String::new() };
    let set = host_set(&play.hosts);
    let set = sanitize_line(&set);
    let named = if set.is_empty() || set.width() > HOSTS { String::new() } else { format!(": {set}") };
    let count = if play.hosts.len() == 1 { "1 host".to_owned() } else { format!("{} hosts", play.hosts.len()) };
    let text = format!("PLAY {} ({count}{named}{batch})", sanitize_line(&play.name));
    format!("\n{}", with_place(text, &play.place, look).0)
}

/// The name of a task, with what kind of task it is.
pub(super) fn title(task: &TaskInfo) -> String {
    let kind = if task.handler { "HANDLER" } else { "TASK" };
    format!("{kind} {}", name(task))
}

/// The name of a task with its role's.
pub(super) fn name(task: &TaskInfo) -> String {
    let role = task.role.as_ref().map(|role| format!("{} : ", sanitize_line(role))).unwrap_or_default();
    format!("{role}{}", sanitize_line(&task.name))
}

/// All that is shown of a task, of a play on `hosts` hosts.
pub(super) fn task(open: &Open, hosts: usize, look: Look) -> String {
    let (mut text, is_placed) = header(open, hosts, look);
    text.push_str(&items(open, hosts, look));
    text.push_str(&failure::failures(open, is_placed, look));
    text.push_str(&said(open, look));
    text.push_str(&hunks::diffs(if open.items.is_empty() { &open.ended } else { &open.items }, look));
    text
}

/// How the task ended where; and whether that says where it stands.
fn header(open: &Open, hosts: usize, look: Look) -> (String, bool) {
    let title = title(&open.task);
    let parts = Fold::of(&open.ended, look).parts(hosts, look.palette);
    let line = format!("{title}  {}", parts.join(" · "));
    if look.width.is_none_or(|width| plain_width(&line) <= width) {
        let (line, is_placed) = with_place(line, &open.task.place, look);
        return (format!("{line}\n"), is_placed);
    }
    let outcome: usize = parts.iter().map(|part| plain_width(part)).sum::<usize>() + 3 * parts.len();
    let room = look.width.unwrap_or_default().saturating_sub(outcome);
    if let Some(title) = cut(&title, room) {
        return (format!("{title}  {}\n", parts.join(" · ")), false);
    }
    let (title, is_placed) = with_place(title, &open.task.place, look);
    let mut text = format!("{title}\n");
    for part in parts {
        push_wrapped(&mut text, "  ", &part, ",", look);
    }
    (text, is_placed)
}

/// The items of a loop, folded by how they ended where.
fn items(open: &Open, hosts: usize, look: Look) -> String {
    let mut labels: IndexMap<&str, Fold> = IndexMap::new();
    for item in &open.items {
        labels.entry(item.item.as_deref().unwrap_or_default()).or_default().add(item);
    }
    let mut folded: IndexMap<Fold, Vec<&str>> = IndexMap::new();
    for (label, fold) in labels {
        // Items that failed are told with their failures.
        if !fold.is_bad() && (!fold.is_skipped() || look.view.verbosity > 0) {
            folded.entry(fold).or_default().push(label);
        }
    }
    let mut text = String::new();
    for (fold, labels) in folded {
        let shown = if look.view.verbosity > 0 { labels.len() } else { labels.len().min(LABELS) };
        let mut words: Vec<String> = labels[..shown].iter().map(|label| sanitize_line(label).into_owned()).collect();
        if shown < labels.len() {
            words.push(format!("… {} more", labels.len() - shown));
        }
        let line = format!("{}: {}", fold.parts(hosts, look.palette).join(" · "), words.join(", "));
        push_wrapped(&mut text, "    ", &line, ", ", look);
    }
    text
}

/// What tasks have to say that went well: `debug`, and with `-v` all of them.
fn said(open: &Open, look: Look) -> String {
    let reports = if open.items.is_empty() { &open.ended } else { &open.items };
    let mut groups: Alike<'_> = IndexMap::new();
    for report in reports.iter().filter(|report| !End::of(report).is_bad()) {
        let lines = lines(report, look);
        if !lines.is_empty() {
            groups.entry((End::of(report), report.item.as_deref(), lines)).or_default().push(&report.host);
        }
    }
    let mut text = String::new();
    for ((end, item, lines), hosts) in groups {
        let item = item.map(|item| format!(" [{}]", sanitize_line(item))).unwrap_or_default();
        let head = format!("  {} {}{item}:", end.word(look.palette), names(&hosts));
        // Writing to a String cannot fail, here and below.
        match &lines[..] {
            [line] => _ = writeln!(text, "{head} {line}"),
            lines => {
                let _ = writeln!(text, "{head}");
                for line in lines {
                    let _ = writeln!(text, "      {line}");
                }
            }
        }
    }
    text
}

fn lines(report: &Arc<TaskReport>, look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(arguments) = report.arguments.as_ref().filter(|_| look.view.verbosity > 1) {
        lines.push(format!("with: {}", value::arguments(arguments)));
    }
    let is_shown = look.view.verbosity > 0 || report.task.module == "debug";
    if is_shown && report.status != TaskStatus::Skipped {
        lines.extend(value::result(&report.result, &report.task.module, look.view));
    }
    lines
}

/// The text with where it stands, at the right edge where there is one; and whether there was room for it.
fn with_place(text: String, place: &str, look: Look) -> (String, bool) {
    if look.view.ad_hoc {
        return (text, true);
    }
    let place = sanitize_line(place);
    let Some(width) = look.width else { return (format!("{text}  {}", look.palette.faint(place)), true) };
    let used = plain_width(&text);
    // Far away from its task nobody finds it.
    let width = width.min(PLACED.max(used + place.width() + 2));
    let Some(room) = width.checked_sub(used + 2) else { return (text, false) };
    let (place, is_whole) = end_of(&place, room);
    if place.is_empty() {
        return (text, false);
    }
    (format!("{text}{}{}", " ".repeat(width - used - place.width()), look.palette.faint(place)), is_whole)
}

/// As much of the end of a place as there is room for, cut at a directory; and whether that is all.
fn end_of(place: &str, room: usize) -> (String, bool) {
    if place.width() <= room {
        return (place.to_owned(), true);
    }
    let ends = place.match_indices('/').map(|(at, _)| format!("…{}", &place[at..]));
    (ends.into_iter().find(|end| end.width() <= room).unwrap_or_default(), false)
}

/// The title with `…` in the place of its end, where that makes room for what follows.
fn cut(title: &str, room: usize) -> Option<String> {
    if room < SHORT {
        return None;
    }
    let mut used = 1;
    let fits = |letter: &char| {
        used += letter.width().unwrap_or_default();
        used <= room
    };
    Some(format!("{}…", title.chars().take_while(fits).collect::<String>().trim_end()))
}

/// Appends a line that is broken behind `separator` where it is too long.
fn push_wrapped(text: &mut String, indent: &str, line: &str, separator: &str, look: Look) {
    let room = look.width.map_or(usize::MAX, |width| width.saturating_sub(indent.len()).max(20));
    let mut current = String::new();
    for piece in line.split_inclusive(separator) {
        if !current.is_empty() && plain_width(&current) + plain_width(piece.trim_end()) > room {
            let _ = writeln!(text, "{indent}{}", current.trim_end());
            current.clear();
            current.push_str("  ");
        }
        current.push_str(piece);
    }
    let _ = writeln!(text, "{indent}{}", current.trim_end());
}

/// Columns of a text, its colours left out.
pub(super) fn plain_width(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().width()
}
