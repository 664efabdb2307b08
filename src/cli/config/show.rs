//! `opsctl config`: the effective configuration, and what set each key.

use std::io::{self, Write};

use clap::Args;

use super::Config;
use super::key::KEYS;
use crate::cli::stdout::{finish, terminal_width};
use crate::cli::{CliError, ExitCode};
use crate::render::Table;

/// Shows the effective configuration, and what set each key
///
/// A flag beats a variable of the environment, which beats `./opsctl.yml` (or the file that `OPSCTL_CONFIG` names),
/// which beats `$XDG_CONFIG_HOME/opsctl/config.yml`, which beats `/etc/opsctl/config.yml`.
#[derive(Args, Debug)]
pub struct ConfigCommand {}

/// Runs the subcommand.
///
/// # Errors
/// When the configuration is wrong.
pub fn run(_command: &ConfigCommand) -> Result<ExitCode, CliError> {
    let config = Config::load()?;
    let text = table(&config).render(terminal_width());
    finish(io::stdout().write_all(text.as_bytes()))
}

fn table(config: &Config) -> Table {
    let mut table = Table::new(&["KEY", "VALUE", "FROM", "VARIABLE"]);
    for key in KEYS {
        let origin = config.origins.get(key.name).map_or_else(|| "default".to_owned(), ToString::to_string);
        table.row([key.name, &(key.show)(config), &origin, key.variable]);
    }
    table
}
