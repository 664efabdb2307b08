//! `opsctl fetch`: a file or tree of many hosts to a local directory.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::place::Place;
use super::run::{self, Request};
use super::run_args::RunArgs;
use super::{CliError, ExitCode, place};
use crate::engine::Work;
use crate::event::Verb;
use crate::remote::{Download, DownloadError, OutsideLinks};

/// Fetches a file or a tree from many hosts
///
/// `opsctl fetch web:/etc/hosts DIR` writes `DIR/hosts.web1`, `DIR/hosts.web2` and so on; a tree becomes
/// `DIR/NAME.HOST/`. A copy is old or new, never half; one that is the same already is left alone, and an earlier one
/// that differs is replaced whole. The nine permission bits are kept.
///
/// No name or symlink that a host sends leads out of DIR: a tree with a symlink to a place outside it, a device, a pipe,
/// or a name with control characters is refused for that host.
#[derive(Args, Debug)]
#[command(mut_args(place::hide_what_is_for_exec))]
pub struct FetchCommand {
    /// Which hosts, and what on them: `web:/etc/hosts`, `all:~/.profile`
    ///
    /// The path begins behind the first `:` that `/`, `./`, `../` or `~` follows, or else behind the last `:`. One that
    /// does not begin with `/` starts at the login directory; `~` is the home directory of the user on the host.
    #[arg(value_name = "PATTERN:SRC")]
    source: OsString,
    /// The directory here; made if it is missing
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Leave symlinks that lead out of a tree out of its copy, rather than refuse the host
    #[arg(long)]
    skip_links: bool,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the subcommand.
///
/// # Errors
/// Fails before any host is touched; what happens on hosts is in the exit code.
pub fn run(args: &FetchCommand) -> Result<ExitCode, CliError> {
    place::refuse_what_is_for_exec(&args.run.output)?;
    let place = Place::parse(&args.source, "opsctl fetch web:/etc/hosts copies/")?;
    let links = if args.skip_links { OutsideLinks::Skip } else { OutsideLinks::Refuse };
    let download = Download::new(&place.path, args.directory.clone(), links).map_err(|error| {
        let unnamed = matches!(error, DownloadError::NoName(_));
        let error = CliError::usage(error);
        if unnamed { error.hint("the local copy is named after the last part of the path") } else { error }
    })?;
    run::run(Request {
        verb: Verb::Fetch,
        pattern: &place.pattern,
        work: Box::new(move || Ok(Work::Fetch(download))),
        words: vec![place.path, args.directory.clone().into_os_string()],
        secrets: Vec::new(),
        ok_codes: vec![0],
        args: &args.run,
    })
}
