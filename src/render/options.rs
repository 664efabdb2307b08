//! What the user wants to see, and the renderers that show it.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::block::Rest;
use super::deploy::{Reader, TaskView, Tasks};
use super::human::Human;
use super::json::Json;
use super::jsonl::JsonLines;
use super::junit::Junit;
use super::output_dir::OutputDir;
use super::passthrough::Passthrough;
use super::progress::Pause;
use super::sink::Sink;
use super::style::{Color, Terminal};
use crate::event::Subscriber;

/// The form in which a run is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: folded, in colour, failures last.
    #[default]
    Human,
    /// One JSON document at the end.
    Json,
    /// One JSON object a line, as things happen.
    Jsonl,
    /// One XML document in the form of `junit`, at the end.
    Junit,
    /// The bytes of one host, unaltered (`--passthrough`).
    #[value(skip)]
    Passthrough,
}

/// How output is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Folded, when the run is over.
    #[default]
    Fold,
    /// Folded, with the fields in which nearly equal outputs differ (`--fields`).
    Fields,
    /// The largest group whole, the others as differences from it (`--diff`).
    Diff,
    /// Line by line, as it comes (`--stream`).
    Stream,
    /// Task by task, hosts folded by outcome (`deploy`).
    Tasks,
}

/// What the user wants to see, and where it goes.
#[derive(Clone, Debug, Default)]
pub struct RenderOptions {
    /// `--format`.
    pub format: Format,
    /// `--stream`, `--diff`, `--fields`.
    pub view: View,
    /// How much is said of tasks (`deploy`).
    pub tasks: TaskView,
    /// A file that what is said of tasks is appended to as well.
    pub log: Option<PathBuf>,
    /// `--quiet`: nothing on success, no progress, no warnings unless something failed.
    pub quiet: bool,
    /// `--color`.
    pub color: Color,
    /// `--output-dir`.
    pub output_dir: Option<PathBuf>,
    /// Where that is which is not shown, because it was not kept; with `--output-dir`, it is there.
    pub rest: Rest,
    /// Columns to keep within; none asks the terminal.
    pub width: Option<u16>,
    /// Keeps the live line away while a person is asked something.
    pub pause: Pause,
    /// What standard output leads to.
    pub stdout: Terminal,
    /// What standard error leads to.
    pub stderr: Terminal,
}

impl RenderOptions {
    /// The defaults for the process's own standard streams.
    #[must_use]
    pub fn detect() -> Self {
        Self { stdout: Terminal::of_stdout(), stderr: Terminal::of_stderr(), ..Self::default() }
    }
}

/// Why nothing can be shown as asked.
#[derive(Debug, Error)]
pub enum RenderError {
    /// The options do not go together.
    #[error("{0} does not go with {1}")]
    Conflict(&'static str, &'static str),
    /// The file cannot be written to.
    #[error("cannot write to the log {0}: {1}")]
    Log(PathBuf, #[source] std::io::Error),
    /// The directory cannot be used.
    #[error("cannot write to --output-dir: {0}")]
    OutputDir(#[source] std::io::Error),
}

/// The subscribers that show a run as `options` say.
///
/// # Errors
/// Fails when options contradict each other or the output directory cannot be made.
pub fn subscribers(
    options: &RenderOptions,
    stdout: Box<dyn Write + Send>,
    stderr: Box<dyn Write + Send>,
) -> Result<Vec<Box<dyn Subscriber>>, RenderError> {
    check(options)?;
    let (stdout, stderr) = (Sink::new(stdout), Sink::new(stderr));
    let mut subscribers: Vec<Box<dyn Subscriber>> = vec![match options.format {
        Format::Human if options.view == View::Tasks => Box::new(Tasks::new(options, stdout, stderr, Reader::Person)),
        Format::Human => Box::new(Human::new(options, stdout, stderr)),
        Format::Json => Box::new(Json::new(stdout, stderr)),
        Format::Jsonl => Box::new(JsonLines::new(stdout, stderr, options.view == View::Stream)),
        Format::Junit => Box::new(Junit::new(stdout, stderr)),
        Format::Passthrough => Box::new(Passthrough::new(options, stdout, stderr)),
    }];
    if let Some(directory) = &options.output_dir {
        subscribers.push(Box::new(OutputDir::new(directory).map_err(RenderError::OutputDir)?));
    }
    if let Some(path) = &options.log {
        let log = log(path).map_err(|error| RenderError::Log(path.clone(), error))?;
        let plain = RenderOptions { tasks: options.tasks, ..RenderOptions::default() };
        subscribers.push(Box::new(Tasks::new(&plain, log.clone(), log, Reader::Log)));
    }
    Ok(subscribers)
}

/// Opens a log that only its owner reads: results of tasks are nobody else's.
fn log(path: &Path) -> std::io::Result<Sink> {
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    Ok(Sink::new(Box::new(file)))
}

fn check(options: &RenderOptions) -> Result<(), RenderError> {
    match (options.format, options.view) {
        (Format::Json, View::Stream) => Err(RenderError::Conflict("--stream", "--format json")),
        (Format::Junit, View::Stream | View::Diff | View::Fields) => {
            Err(RenderError::Conflict("--stream, --diff or --fields", "--format junit"))
        }
        (Format::Json | Format::Jsonl, View::Diff) => Err(RenderError::Conflict("--diff", "--format json or jsonl")),
        (Format::Json | Format::Jsonl, View::Fields) => {
            Err(RenderError::Conflict("--fields", "--format json or jsonl"))
        }
        (Format::Human, View::Stream) if options.quiet => Err(RenderError::Conflict("--stream", "--quiet")),
        _ => Ok(()),
    }
}
