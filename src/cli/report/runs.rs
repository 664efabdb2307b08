//! `opsctl report runs`: one line a run.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use jiff::ZonedDateTime;
use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::stdout::{finish, terminal_width};
use super::super::{CliError, ExitCode, warn_all};
use super::say;
use crate::event::{Outcome, Verb};
use crate::journal::{RunStatus, list, run_files};
use crate::render::{Table, duration, sanitize_line, write_json, write_json_pretty};
use crate::report::{Edge, RunFilter, RunRow, instant, short_ids};

#[derive(Args, Debug)]
pub struct RunsArgs {
    /// Only runs that went so; several are separated by commas
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(RunStatus::ALL.map(RunStatus::name)))]
    status: Vec<String>,
    /// Only runs of this user, directly or through sudo
    #[arg(long)]
    user: Option<String>,
    /// Only runs that began then or later: `2h`, `3d`, `yesterday`, `2026-11-24`, `2026-11-24 09:30`
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only runs that began before; a date without a time includes that day
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only runs of this --name
    #[arg(long)]
    name: Option<String>,
    /// Only runs of these verbs
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(VERBS.map(Verb::name)))]
    verb: Vec<String>,
    /// Only runs that had selected this host
    #[arg(long)]
    host: Option<String>,
    /// At most so many, the newest
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Form of the list
    #[arg(long, value_enum, default_value_t)]
    format: RunsFormat,
}

const VERBS: [Verb; 3] = [Verb::Exec, Verb::Copy, Verb::Fetch];

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum RunsFormat {
    /// Columns that fit the terminal
    #[default]
    Table,
    /// One JSON document
    Json,
    /// One JSON object a line
    Jsonl,
}

/// Runs the subcommand.
pub fn run(args: &RunsArgs, dirs: &[PathBuf]) -> Result<ExitCode, CliError> {
    let filter = filter(args)?;
    let listing = list(dirs, args.limit, |entry| filter.wants(entry))?;
    warn_all(&listing.unreadable.iter().map(ToString::to_string).collect::<Vec<_>>());
    let rows: Vec<RunRow> = listing.runs.into_iter().map(RunRow::from).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match args.format {
        RunsFormat::Table if rows.is_empty() => {
            say("no runs");
            Ok(())
        }
        RunsFormat::Table => {
            let all: Vec<_> = run_files(dirs)?.into_iter().map(|(run, _)| run).collect();
            let ids = short_ids(&rows.iter().map(|row| row.run).collect::<Vec<_>>(), &all);
            out.write_all(table(&rows, &ids, &TimeZone::system(), terminal_width()).as_bytes())
        }
        RunsFormat::Json => {
            let document = serde_json::json!({ "v": 1, "runs": rows });
            write_json_pretty(&mut out, &document, "  ").and_then(|()| writeln!(out))
        }
        RunsFormat::Jsonl => rows.iter().try_for_each(|row| {
            write_json(&mut out, row)?;
            writeln!(out)
        }),
    };
    finish(written.and_then(|()| out.flush()))
}

fn filter(args: &RunsArgs) -> Result<RunFilter, CliError> {
    let now = ZonedDateTime::now();
    let time = |text: &Option<String>, edge| {
        text.as_deref().map(|text| instant(text, &now, edge)).transpose().map_err(CliError::usage)
    };
    let named = |names: &[String], name: &str| names.iter().any(|wanted| wanted == name);
    Ok(RunFilter {
        statuses: RunStatus::ALL.into_iter().filter(|status| named(&args.status, status.name())).collect(),
        verbs: VERBS.into_iter().filter(|verb| named(&args.verb, verb.name())).collect(),
        user: args.user.clone(),
        name: args.name.clone(),
        host: args.host.clone(),
        since: time(&args.since, Edge::Start)?,
        until: time(&args.until, Edge::End)?,
    })
}

/// How much each column tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// All of it.
    Wide,
    /// Hosts counted in two numbers, short dates, and only verbs other than `exec`.
    Narrow,
}

/// The wide layout is taken only where it leaves so many columns to the command.
const COMMAND_ROOM: usize = 24;

/// The columns, one line a run; the last one is cut so that each line fits `width`.
fn table(rows: &[RunRow], ids: &[String], zone: &TimeZone, width: Option<u16>) -> String {
    let in_layout = |layout| rows.iter().zip(ids).map(|(row, id)| cells(row, id, zone, layout)).collect::<Vec<_>>();
    let wide = in_layout(Layout::Wide);
    let Some(width) = width else { return columns(&wide, Layout::Wide).render(None) };
    let room = |cells: &[[String; 9]], layout| usize::from(width).checked_sub(taken(cells, layout));
    let (mut cells, layout) = match room(&wide, Layout::Wide) {
        Some(room) if room >= COMMAND_ROOM => (wide, Layout::Wide),
        _ => (in_layout(Layout::Narrow), Layout::Narrow),
    };
    let fits = room(&cells, layout).filter(|room| *room >= "COMMAND".len());
    for row in &mut cells {
        row[8] = cut(&row[8], fits.unwrap_or(COMMAND_ROOM));
    }
    // Cells wrap only where there is no room for one line.
    columns(&cells, layout).render(fits.is_none().then_some(width))
}

fn columns(cells: &[[String; 9]], layout: Layout) -> Table {
    let shown = shown(cells, layout);
    let mut table = Table::new(&shown.iter().map(|column| title(*column, layout)).collect::<Vec<_>>());
    for row in cells {
        table.row(shown.iter().map(|column| &row[*column]));
    }
    table
}

/// The columns that say something.
fn shown(cells: &[[String; 9]], layout: Layout) -> Vec<usize> {
    let is_shown = |column: &usize| match column {
        2 => layout == Layout::Wide,
        3 => cells.iter().any(|row| !row[3].is_empty()),
        _ => true,
    };
    (0..9).filter(is_shown).collect()
}

/// The width of all columns but the last, with the gaps after them.
fn taken(cells: &[[String; 9]], layout: Layout) -> usize {
    let widest = |column: usize| {
        let content = cells.iter().map(|row| row[column].width()).max().unwrap_or(0);
        content.max(title(column, layout).len()) + 2
    };
    shown(cells, layout).into_iter().filter(|column| *column != 8).map(widest).sum()
}

fn title(column: usize, layout: Layout) -> &'static str {
    let hosts = if layout == Layout::Wide { "HOSTS" } else { "OK" };
    ["RUN", "WHEN", "VERB", "NAME", "USER", "STATUS", hosts, "TOOK", "COMMAND"][column]
}

fn cells(row: &RunRow, id: &str, zone: &TimeZone, layout: Layout) -> [String; 9] {
    let is_wide = layout == Layout::Wide;
    let format = if is_wide { "%Y-%m-%d %H:%M" } else { "%m-%d %H:%M" };
    let when = row.started.map(|started| started.to_zoned_datetime(zone.clone()).strftime(format).to_string());
    let name_room = if is_wide { 20 } else { 8 };
    let took = row.duration.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let text = |text: &Option<String>| sanitize_line(text.as_deref().unwrap_or_default()).into_owned();
    [
        id.to_owned(),
        when.unwrap_or_else(|| "?".into()),
        row.verb.map_or("?", Verb::name).into(),
        cut(&text(&row.name), name_room),
        cut(&text(&row.user), name_room),
        row.status.into(),
        if is_wide { all_counts(row) } else { good_count(row) },
        took.map_or_else(|| "?".into(), |took| if is_wide { duration(took) } else { short(took) }),
        match row.verb {
            Some(verb) if verb != Verb::Exec && !is_wide => format!("{} {}", verb.name(), text(&row.command)),
            _ => text(&row.command),
        },
    ]
}

fn all_counts(row: &RunRow) -> String {
    let counts = Outcome::ALL.into_iter().filter_map(|outcome| Some((outcome, row.counts.get(&outcome)?)));
    let counts: Vec<String> = counts.map(|(outcome, count)| format!("{count} {}", outcome.name())).collect();
    if counts.is_empty() { format!("0 of {}", row.hosts.unwrap_or(0)) } else { counts.join(", ") }
}

fn good_count(row: &RunRow) -> String {
    let good: usize = row.counts.iter().filter(|(outcome, _)| outcome.is_success()).map(|(_, count)| count).sum();
    format!("{good}/{}", row.hosts.map_or_else(|| "?".into(), |hosts| hosts.to_string()))
}

/// A duration in at most four characters: `4.2s`, `59s`, `12m`, `3h`, `5d`.
fn short(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1}s", duration.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}m", seconds / 60),
        seconds @ 3600..86_400 => format!("{}h", seconds / 3600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// Cuts a text to so many columns, the last of them `…`.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut taken = 0;
    let fits = |character: &char| {
        taken += character.width().unwrap_or(0);
        taken < room
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn row(name: Option<&str>, status: &'static str, command: &str) -> RunRow {
        RunRow {
            v: 1,
            run: "01995f3a-1b2c-7000-8000-000000000001".parse().unwrap(),
            status,
            verb: Some(Verb::Exec),
            name: name.map(Into::into),
            user: Some("ada".into()),
            sudo_user: None,
            controller: Some("ctl".into()),
            started: Some("2026-11-24T04:30:00Z".parse().unwrap()),
            duration: Some(64.2),
            stopped: None,
            hosts: Some(20),
            counts: [(Outcome::Ok, 17), (Outcome::Failed, 2), (Outcome::Unreachable, 1)].into(),
            pattern: Some("web".into()),
            command: Some(command.into()),
            path: String::new(),
        }
    }

    fn sample(width: Option<u16>) -> String {
        let mut interrupted = row(Some("nightly-\x1bbackup"), "interrupted", "uptime");
        interrupted.counts.clear();
        let rows = [row(None, "failed", "systemctl restart nginx && journalctl -u nginx | tail -20"), interrupted];
        table(&rows, &["01995f3a-1b".into(), "01995f3a-2".into()], &TimeZone::UTC, width)
    }

    #[test]
    fn a_run_is_one_line_at_80_and_at_200_columns() {
        assert_snapshot!(sample(Some(80)), @r"
        RUN          WHEN         NAME      USER  STATUS       OK     TOOK  COMMAND
        01995f3a-1b  11-24 04:30            ada   failed       17/20  1m    systemctl r…
        01995f3a-2   11-24 04:30  nightly…  ada   interrupted  0/20   1m    uptime
        ");
        assert_snapshot!(sample(Some(200)), @r"
        RUN          WHEN              VERB  NAME                USER  STATUS       HOSTS                           TOOK        COMMAND
        01995f3a-1b  2026-11-24 04:30  exec                      ada   failed       17 ok, 2 failed, 1 unreachable  1 min 04 s  systemctl restart nginx && journalctl -u nginx | tail -20
        01995f3a-2   2026-11-24 04:30  exec  nightly-\x1bbackup  ada   interrupted  0 of 20                         1 min 04 s  uptime
        ");
        assert_eq!(sample(None), sample(Some(200)));
        for width in [75, 80, 100, 120, 160, 200] {
            assert!(sample(Some(width)).lines().all(|line| line.width() <= width.into()), "{width}");
            assert_eq!(sample(Some(width)).lines().count(), 3);
        }
    }

    #[test]
    fn durations_are_short_and_texts_are_cut_at_characters() {
        assert_eq!(
            [4, 59, 185, 7300, 200_000].map(|s| short(Duration::from_secs(s))),
            ["4.0s", "59s", "3m", "2h", "2d"]
        );
        assert_eq!((cut("äöü", 3), cut("äöü", 2), cut("日本", 3)), ("äöü".into(), "ä…".into(), "日…".into()));
    }
}
