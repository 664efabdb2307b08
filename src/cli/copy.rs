//! `opsctl copy`: a local file or tree to many hosts.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use super::place::Place;
use super::run::{self, Request};
use super::run_args::RunArgs;
use super::{CliError, ExitCode, place};
use crate::engine::Work;
use crate::event::Verb;
use crate::remote::{Source, Upload};

/// Copies a file or a tree to many hosts
///
/// A destination is old or new, never half: content arrives under a private name beside it, is compared with its
/// checksum, and is then moved into place. What is the same already is left alone. The nine permission bits are
/// kept, symlinks inside a tree stay symlinks, and a file that is replaced keeps its owner where the user may give files
/// away.
///
/// A file goes inside a DEST that is a directory or ends in `/`, under its own name. A tree goes inside a DEST that ends
/// in `/`; otherwise DEST names the tree itself. An existing tree is merged into: what SRC does not have stays, and
/// directories that exist keep their modes. A new tree appears at once; in an existing one, each file does.
#[derive(Args, Debug)]
#[command(mut_args(place::hide_what_is_for_exec))]
pub struct CopyCommand {
    /// The file or directory here
    #[arg(value_name = "SRC")]
    source: PathBuf,
    /// Which hosts, and where on them: `web:/etc/app.conf`, `all:~/`, `db,!db3:./conf/`
    ///
    /// The path begins behind the first `:` that `/`, `./`, `../` or `~` follows, or else behind the last `:`. One that
    /// does not begin with `/` starts at the login directory; `~` is the home directory of the user on the host.
    #[arg(value_name = "PATTERN:DEST")]
    destination: OsString,
    /// Make missing directories that lead to DEST
    #[arg(short, long)]
    parents: bool,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the subcommand.
///
/// # Errors
/// Fails before any host is touched; what happens on hosts is in the exit code.
pub fn run(args: &CopyCommand) -> Result<ExitCode, CliError> {
    place::refuse_what_is_for_exec(&args.run.output)?;
    if looks_remote(&args.source) {
        return Err(CliError::usage(anyhow!("{}: no such file here", args.source.display()))
            .hint("opsctl copy sends from here to hosts; opsctl fetch brings files from hosts"));
    }
    let place = Place::parse(&args.destination, "opsctl copy app.conf web:/etc/app.conf")?;
    let destination = place.path.clone();
    let work = move || {
        let source = Source::read(&args.source).map_err(CliError::usage)?;
        Ok(Work::Copy(Upload::new(source, destination, args.parents)))
    };
    run::run(Request {
        verb: Verb::Copy,
        pattern: &place.pattern,
        work: Box::new(work),
        words: vec![args.source.clone().into_os_string(), place.path],
        secrets: Vec::new(),
        ok_codes: vec![0],
        args: &args.run,
    })
}

/// Whether somebody gave the two arguments in `fetch`'s order.
fn looks_remote(source: &std::path::Path) -> bool {
    !source.exists() && OsStr::new(source).as_bytes().contains(&b':')
}
