//! `opsctl completions`: what a shell needs to complete opsctl's arguments.

use std::io::{self, Write};

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::aot::{Bash, Fish, Generator, Zsh, generate};

use super::stdout::finish;
use super::{Cli, CliError, ExitCode};

/// Prints a shell's completion script
#[derive(Args, Debug)]
pub struct CompletionsCommand {
    /// The shell
    shell: Shell,
}

/// A shell that can complete.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    /// For `/usr/share/bash-completion/completions/opsctl`
    Bash,
    /// For a file named `_opsctl` in a directory of `$fpath`
    Zsh,
    /// For `~/.config/fish/completions/opsctl.fish`
    Fish,
}

/// Runs the subcommand.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(command: &CompletionsCommand) -> Result<ExitCode, CliError> {
    let script = match command.shell {
        Shell::Bash => script(Bash),
        Shell::Zsh => script(Zsh),
        Shell::Fish => script(Fish),
    };
    finish(io::stdout().write_all(&script))
}

fn script(shell: impl Generator) -> Vec<u8> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "opsctl", &mut script);
    script
}
