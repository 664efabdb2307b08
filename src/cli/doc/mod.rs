//! `opsctl doc`: what modules take, do and return.

mod json;
mod text;

use std::io::Write as _;

use anyhow::anyhow;
use clap::{Args, ValueEnum};

use super::stdout::{finish, terminal_width};
use super::{CliError, ExitCode};
use crate::modules::{MODULES, Spec, find};
use crate::render::{Palette, Table, Terminal, write_json_pretty};

/// Columns of text that leads to no terminal.
const WIDTH: u16 = 100;

/// How alike a name must be to be meant, 0 to 1.
const ALIKE: f64 = 0.7;

/// Shows what modules take, do in check mode, and return; without a name lists all of them
#[derive(Args, Debug)]
pub struct DocCommand {
    /// The modules, by their short or full names
    #[arg(value_name = "MODULE")]
    modules: Vec<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    format: DocFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum DocFormat {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
}

/// Runs the subcommand.
///
/// # Errors
/// When there is no such module.
pub fn run(args: &DocCommand) -> Result<ExitCode, CliError> {
    let specs = args.modules.iter().map(|name| spec(name)).collect::<Result<Vec<_>, _>>()?;
    let mut out = std::io::stdout().lock();
    let written = match (args.format, specs.is_empty()) {
        (DocFormat::Json, true) => write_json_pretty(&mut out, &json::list(&all()), "  "),
        (DocFormat::Json, false) => {
            write_json_pretty(&mut out, &specs.iter().map(|spec| json::module(spec)).collect::<Vec<_>>(), "  ")
        }
        (DocFormat::Text, true) => out.write_all(list(&all()).as_bytes()),
        (DocFormat::Text, false) => {
            let look = text::Look { width: terminal_width().unwrap_or(WIDTH).into(), palette: palette() };
            let texts: Vec<String> = specs.iter().map(|spec| text::module(spec, look)).collect();
            out.write_all(texts.join("\n").as_bytes())
        }
    };
    finish(written.and_then(|()| out.flush()))
}

fn palette() -> Palette {
    Terminal::of_stdout().palette(crate::render::Color::Auto)
}

fn all() -> Vec<&'static Spec> {
    let mut specs: Vec<&Spec> = MODULES.iter().map(|module| module.spec()).collect();
    specs.sort_by_key(|spec| spec.name);
    specs
}

fn spec(name: &str) -> Result<&'static Spec, CliError> {
    if let Some(module) = find(name) {
        return Ok(module.spec());
    }
    let error = CliError::usage(anyhow!("there is no module `{name}`"));
    let short = name.rsplit('.').next().unwrap_or(name);
    let names = all().into_iter().flat_map(|spec| std::iter::once(&spec.name).chain(spec.aliases));
    let near = names.map(|name| (strsim::jaro_winkler(name, short), *name)).max_by(|one, two| one.0.total_cmp(&two.0));
    Err(match near.filter(|(similarity, _)| *similarity > ALIKE) {
        Some((_, near)) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`opsctl doc` lists the modules there are"),
    })
}

fn list(specs: &[&Spec]) -> String {
    let mut table = Table::new(&["MODULE", "WHAT IT DOES"]);
    for spec in specs {
        let names: Vec<&str> = std::iter::once(spec.name).chain(spec.aliases.iter().copied()).collect();
        table.row([names.join(", "), spec.summary.to_owned()]);
    }
    table.render(terminal_width())
}
