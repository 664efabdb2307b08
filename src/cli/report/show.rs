//! `opsctl report show`: one run, from its header to its hosts.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;

use super::super::stdout::finish;
use super::super::{CliError, ExitCode, warn_all};
use crate::event::{Outcome, RunHeader, Subscriber, SubscriberError};
use crate::journal::{JournalError, RunEntry, RunRecord, RunStatus, find, read_entry, read_run};
use crate::render::{
    Format, RenderOptions, Rest, Terminal, duration, host_set, sanitize_line, stop_words, subscribers,
};
use crate::report::{Overview, replay};

#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The run: its id, the beginning of it, or `last`
    #[arg(default_value = "last")]
    run: String,
    /// Only these hosts; may be given more than once
    #[arg(long)]
    host: Vec<String>,
    /// Shows what the hosts printed, as far as it is on record
    #[arg(long)]
    output: bool,
    /// Form of the answer; the JSON forms are those of `exec --format`, output included
    #[arg(long, value_enum, default_value_t)]
    format: ShowFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ShowFormat {
    /// For people
    #[default]
    Table,
    /// One JSON document
    Json,
    /// One JSON object a line
    Jsonl,
}

/// Runs the subcommand.
pub fn run(args: &ShowArgs, dirs: &[PathBuf]) -> Result<ExitCode, CliError> {
    let (run, path) = find(dirs, &args.run)?;
    let entry = read_entry(run, &path)?;
    let record = read_run(&path)?;
    check_hosts(args, &record)?;
    let place = |(line, reason): &(usize, String)| format!("{}:{line}: {reason}", path.display());
    warn_all(&record.damaged.iter().map(place).collect::<Vec<_>>());
    let format = match args.format {
        ShowFormat::Json => Format::Json,
        ShowFormat::Jsonl => Format::Jsonl,
        ShowFormat::Table => {
            let shown = io::stdout().write_all(text(&entry, &record, &args.host, &TimeZone::system()).as_bytes());
            if shown.is_err() || !args.output {
                return finish(shown);
            }
            finish(writeln!(io::stdout()))?;
            Format::Human
        }
    };
    play(&path, args, format)
}

fn check_hosts(args: &ShowArgs, record: &RunRecord) -> Result<(), CliError> {
    let hosts = record.header.iter().flat_map(|header| &header.hosts);
    let is_unknown = |host: &&String| !hosts.clone().any(|own| **own == ***host);
    match args.host.iter().find(is_unknown) {
        Some(host) => Err(CliError::usage(anyhow!("host `{host}` is not among the hosts of this run"))),
        None => Ok(()),
    }
}

/// Shows the run as `exec` showed it.
fn play(path: &Path, args: &ShowArgs, format: Format) -> Result<ExitCode, CliError> {
    // Not told of the terminal at standard error: a run of the past has no progress to draw.
    let (stdout, rest) = (Terminal::of_stdout(), Rest::Unrecorded);
    let options = RenderOptions { format, rest, stdout, ..RenderOptions::default() };
    let mut renderers =
        subscribers(&options, Box::new(io::stdout()), Box::new(io::stderr())).map_err(CliError::usage)?;
    let wants = |host: &str| args.host.is_empty() || args.host.iter().any(|wanted| wanted == host);
    let played = replay(path, wants, |event| {
        renderers
            .iter_mut()
            .try_for_each(|renderer: &mut Box<dyn Subscriber>| renderer.on_event(&event))
            .map_err(Stop::from)
    });
    match played {
        Ok(()) => Ok(ExitCode::Ok),
        Err(Stop::Journal(error)) => Err(error.into()),
        Err(Stop::Renderer(SubscriberError::Output(error))) => finish(Err(error)),
        Err(Stop::Renderer(error)) => Err(anyhow!(error).into()),
    }
}

enum Stop {
    Journal(JournalError),
    Renderer(SubscriberError),
}

impl From<JournalError> for Stop {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<SubscriberError> for Stop {
    fn from(error: SubscriberError) -> Self {
        Self::Renderer(error)
    }
}

fn text(entry: &RunEntry, record: &RunRecord, hosts: &[String], zone: &TimeZone) -> String {
    let mut text = Lines::default();
    text.line("run", &entry.run.to_string());
    text.line("status", &status(entry, record));
    if let Some(started) = entry.started {
        let took = entry.duration.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).map(duration);
        let took = took.map(|took| format!(", took {took}")).unwrap_or_default();
        text.line(
            "when",
            &format!("{}{took}", started.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z")),
        );
    }
    if let Some(header) = &record.header {
        header_lines(&mut text, header);
    }
    for warning in &record.warnings {
        text.line("warning", warning);
    }
    text.text.push('\n');
    host_lines(&mut text, record, hosts);
    text.text
}

fn status(entry: &RunEntry, record: &RunRecord) -> String {
    let stopped = record.end.as_ref().and_then(|end| end.stopped).or(record.stopping);
    let controller = record.header.as_ref().map(|header| header.invoker.controller.as_str());
    match (entry.status, stopped, controller) {
        (RunStatus::Unsettled, _, Some(controller)) => format!("running or interrupted on {controller}"),
        (status, Some(cause), _) => format!("{}: {}", status.name(), stop_words(cause)),
        (status, ..) => status.name().to_owned(),
    }
}

fn header_lines(text: &mut Lines, header: &RunHeader) {
    let invoker = &header.invoker;
    let name = header.name.as_deref().map(|name| format!(" named {name}")).unwrap_or_default();
    text.line("verb", &format!("{}{name}", header.verb.name()));
    text.line("command", &header.command);
    text.line("argv", &header.argv.join(" "));
    let sudo = invoker.sudo_user.as_deref().map(|user| format!(" (sudo from {user})")).unwrap_or_default();
    let tty = invoker.tty.as_deref().unwrap_or("no terminal");
    text.line("by", &format!("{}{sudo} on {}, {tty}, process {}", invoker.user, invoker.controller, invoker.pid));
    text.line("in", &invoker.directory.to_string_lossy());
    for source in &header.inventory {
        text.line("inventory", &format!("{} sha256 {}", source.path, source.sha256));
    }
    if let Some(revision) = &header.revision {
        text.line("revision", revision);
    }
    let hosts = header.hosts.len();
    text.line("hosts", &format!("{hosts} of {}, {} at a time", header.pattern, header.forks));
    text.line("opsctl", &header.version);
}

fn host_lines(text: &mut Lines, record: &RunRecord, wanted: &[String]) {
    let overview = Overview::from(record);
    let chosen = |hosts: &[Arc<str>]| -> Vec<String> {
        let is_wanted = |host: &&Arc<str>| wanted.is_empty() || wanted.iter().any(|name| **name == ***host);
        hosts.iter().filter(is_wanted).map(ToString::to_string).collect()
    };
    let mut group = |title: &str, outcome: Option<Outcome>, hosts: &[Arc<str>]| {
        let hosts = chosen(hosts);
        if hosts.is_empty() {
            return;
        }
        text.group(&format!("{title} ({})", hosts.len()), &host_set(&hosts));
        for problem in overview.problems.iter().filter(|problem| Some(problem.outcome) == outcome) {
            let hosts = chosen(&problem.hosts);
            if !hosts.is_empty() {
                text.group("", &format!("{}: {}", host_set(&hosts), problem.message));
            }
        }
    };
    for (outcome, hosts) in &overview.outcomes {
        group(outcome.name(), Some(*outcome), hosts);
    }
    group("no end on record", None, &overview.lost);
    group("nothing on record", None, &overview.untouched);
}

/// Lines of a title and a text, made harmless.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, title: &str, text: &str) {
        writeln!(self.text, "{title:<10} {}", sanitize_line(text)).expect("a String takes every write");
    }

    fn group(&mut self, title: &str, text: &str) {
        writeln!(self.text, "{title:<21} {}", sanitize_line(text)).expect("a String takes every write");
    }
}
