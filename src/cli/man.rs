//! `opsctl man`: the manual pages, from the same source as the help.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::stdout::finish;
use super::{Cli, CliError, ExitCode};

/// Prints the manual page, or writes a page for every subcommand
#[derive(Args, Debug)]
pub struct ManCommand {
    /// Directory to write the pages to; made when missing. Without it, the main page goes to standard output
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// Exit codes and their meaning.
const EXIT_CODES: &[(&str, &str)] = &[
    ("0", "Every selected host ok."),
    ("1", "Internal error."),
    ("2", "Usage, configuration or inventory error; nothing was touched."),
    ("3", "At least one host failed."),
    ("4", "At least one host unreachable (connection, authentication, host key), none failed."),
    ("5", "No host matched."),
    ("6", "A lock is held."),
    ("7", "Stopped by --fail-fast or --max-fail."),
    ("11", "Declined, or a confirmation was needed and there was no terminal."),
    ("12", "The journal's chain is broken."),
    ("124", "The deadline of the run passed."),
    ("129, 130, 143", "Ended by SIGHUP, SIGINT or SIGTERM, after cleaning up."),
];

const FILES: &[(&str, &str)] = &[
    ("./opsctl.yml", "Configuration of a project; refused in a directory that everybody can write to."),
    ("$XDG_CONFIG_HOME/opsctl/config.yml", "Configuration of a user; ~/.config when the variable is not set."),
    ("/etc/opsctl/config.yml", "Configuration of the system."),
    ("$XDG_STATE_HOME/opsctl", "The journal; ~/.local/state when the variable is not set."),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    ("OPSCTL_CONFIG", "Configuration file in the place of ./opsctl.yml."),
    ("OPSCTL_INVENTORY, OPSCTL_FORKS, ...", "One for each key of the configuration; opsctl config lists them."),
    ("ANSIBLE_INVENTORY", "Inventory, when nothing else names one."),
    ("NO_COLOR", "No colour when set."),
];

/// Runs the subcommand.
///
/// # Errors
/// When the pages cannot be written.
pub fn run(command: &ManCommand) -> Result<ExitCode, CliError> {
    let pages = pages()?;
    match &command.directory {
        Some(directory) => write_all(directory, &pages),
        None => finish(io::stdout().write_all(&pages[0].text)),
    }
}

/// A manual page.
struct Page {
    file_name: String,
    text: Vec<u8>,
}

fn write_all(directory: &Path, pages: &[Page]) -> Result<ExitCode, CliError> {
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot make the directory {}", directory.display()))
        .map_err(CliError::usage)?;
    for page in pages {
        let path = directory.join(&page.file_name);
        fs::write(&path, &page.text)
            .map_err(|error| CliError::usage(anyhow!(error).context(format!("cannot write {}", path.display()))))?;
    }
    Ok(ExitCode::Ok)
}

/// The pages of the program, the main one first, and of every subcommand.
fn pages() -> Result<Vec<Page>, CliError> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let mut pages = Vec::new();
    add_pages(&program, &mut pages).context("cannot render the manual pages")?;
    Ok(pages)
}

fn add_pages(command: &Command, pages: &mut Vec<Page>) -> io::Result<()> {
    pages.push(page(command)?);
    command.get_subcommands().filter(|inner| !inner.is_hide_set()).try_for_each(|inner| add_pages(inner, pages))
}

fn page(command: &Command) -> io::Result<Page> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .source(format!("opsctl {}", env!("CARGO_PKG_VERSION")))
        .date(" ") // an empty one would be left out, and the others move up
        .manual("User Commands");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let is_program = name == "opsctl";
    if is_program {
        section(&mut text, "EXIT STATUS", EXIT_CODES)?;
        section(&mut text, "FILES", FILES)?;
        section(&mut text, "ENVIRONMENT", ENVIRONMENT)?;
    }
    writeln!(text, ".SH SEE ALSO\n{}", if is_program { "ssh(1), ssh_config(5)" } else { "opsctl(1)" })?;
    Ok(Page { file_name: man.get_filename(), text })
}

fn section(out: &mut Vec<u8>, title: &str, rows: &[(&str, &str)]) -> io::Result<()> {
    writeln!(out, ".SH \"{title}\"")?;
    rows.iter().try_for_each(|(term, meaning)| writeln!(out, ".TP\n\\fB{}\\fR\n{}", roff(term), roff(meaning)))
}

/// Text as roff shows it: nothing in it is taken for a request.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<(String, String)> {
        let pages = pages().unwrap();
        pages.into_iter().map(|page| (page.file_name, String::from_utf8(page.text).unwrap())).collect()
    }

    #[test]
    fn every_subcommand_has_a_page() {
        let texts = texts();
        let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[0], "opsctl.1");
        for name in ["opsctl-inventory.1", "opsctl-inventory-list.1", "opsctl-config.1", "opsctl-man.1"] {
            assert!(names.contains(&name), "{name} is not among {names:?}");
        }
        assert!(!names.iter().any(|name| name.contains("-help")), "{names:?}");
    }

    #[test]
    fn the_main_page_names_every_exit_code() {
        let (_, page) = &texts()[0];
        for code in [
            ExitCode::Ok,
            ExitCode::Internal,
            ExitCode::Usage,
            ExitCode::Failed,
            ExitCode::Unreachable,
            ExitCode::NoHosts,
            ExitCode::Locked,
            ExitCode::Stopped,
            ExitCode::Declined,
            ExitCode::ChainBroken,
            ExitCode::Deadline,
            ExitCode::Hangup,
            ExitCode::Interrupt,
            ExitCode::Terminate,
        ] {
            let number = code.number().to_string();
            let terms = EXIT_CODES.iter().flat_map(|(term, _)| term.split(", "));
            assert!(terms.clone().any(|term| term == number), "{number} is missing");
            assert!(page.contains(&number));
        }
    }

    #[test]
    fn roff_takes_no_text_for_a_request() {
        assert_eq!(roff("./opsctl.yml"), "\\&./opsctl.yml");
        assert_eq!(roff("a\\b --c"), "a\\eb \\-\\-c");
    }
}
