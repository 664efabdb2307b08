//! `--syntax-check`: playbooks, and roles alone, are read and nothing is run.

use std::io::{self, BufWriter, Write};

use serde_json::{Value as Json, json};

use super::DeployCommand;
use super::load::refused;
use crate::cli::stdout::finish;
use crate::cli::{CliError, ExitCode, warn_all};
use crate::playbook::{Census, Counted, Loader};
use crate::render::Format;
use crate::yaml::Diagnostic;

/// Version of the lines that `--format jsonl` writes.
const SCHEMA: u32 = 1;

/// Reads everything and says what is refused.
///
/// # Errors
/// When something is refused, or standard output could not be written.
pub fn check(args: &DeployCommand, loader: &Loader) -> Result<ExitCode, CliError> {
    let census = loader.census(&args.playbooks);
    if args.format != Format::Human {
        let mut out = BufWriter::new(io::stdout().lock());
        finish(write(&census, args.format, &mut out).and_then(|()| out.flush()))?;
        return Ok(if census.errors.is_empty() { ExitCode::Ok } else { ExitCode::Usage });
    }
    if !census.errors.is_empty() {
        return Err(refused(&census.errors));
    }
    if !args.quiet {
        warn_all(&census.warnings.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    Ok(ExitCode::Ok)
}

fn write(census: &Census, format: Format, out: &mut dyn Write) -> io::Result<()> {
    let kinds =
        [("play", &census.plays), ("role", &census.roles), ("task", &census.tasks), ("template", &census.templates)];
    if format == Format::Jsonl {
        for (kind, counted) in kinds {
            counted.iter().try_for_each(|counted| writeln!(out, "{}", entry(kind, counted)))?;
        }
        for (kind, messages) in [("refusal", &census.refusals), ("warning", &census.warnings)] {
            messages.iter().try_for_each(|message| writeln!(out, "{}", told(kind, message)))?;
        }
    }
    let mut summary = json!({ "schema": SCHEMA, "kind": "summary" });
    for (kind, counted) in kinds {
        let refused = counted.iter().filter(|counted| counted.is_refused).count();
        summary[format!("{kind}s")] = json!({ "all": counted.len(), "refused": refused });
    }
    if format != Format::Jsonl {
        summary["refusals"] = census.refusals.iter().map(|message| told("refusal", message)).collect();
    }
    writeln!(out, "{summary}")
}

fn entry(kind: &str, counted: &Counted) -> Json {
    let span = counted.place.span;
    json!({
        "schema": SCHEMA,
        "kind": kind,
        "file": &*counted.place.path,
        "line": span.map(|span| span.line),
        "column": span.map(|span| span.column),
        "refused": counted.is_refused,
    })
}

fn told(kind: &str, message: &Diagnostic) -> Json {
    let span = message.place.span;
    json!({
        "schema": SCHEMA,
        "kind": kind,
        "file": &*message.place.path,
        "line": span.map(|span| span.line),
        "column": span.map(|span| span.column),
        "message": message.message,
        "hint": message.hint,
    })
}
