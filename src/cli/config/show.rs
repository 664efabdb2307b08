//! `opsctl config`: the effective configuration, and what set each key.

use std::io::{self, Write};

use clap::Args;
use unicode_width::UnicodeWidthStr as _;

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
    let text = text(&config, terminal_width());
    finish(io::stdout().write_all(text.as_bytes()))
}

/// The variables go first where there is no room: they are named as the keys are.
fn text(config: &Config, width: Option<u16>) -> String {
    let whole = table(config, &["KEY", "VALUE", "FROM", "VARIABLE"]).render(None);
    match width {
        Some(width) if whole.lines().any(|line| line.width() > width.into()) => {
            table(config, &["KEY", "VALUE", "FROM"]).render(Some(width))
        }
        _ => whole,
    }
}

fn table(config: &Config, titles: &[&str]) -> Table {
    let mut table = Table::new(titles);
    for key in KEYS {
        let origin = config.origins.get(key.name).map_or_else(|| "default".to_owned(), ToString::to_string);
        table.row([key.name, &(key.show)(config), &origin, key.variable].into_iter().take(titles.len()));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::config::Origin;

    #[test]
    fn the_table_keeps_within_a_terminal_and_has_all_elsewhere() {
        let mut config = Config::default();
        config.origins.insert("forks", Origin::Variable("OPSCTL_FORKS"));
        let narrow = text(&config, Some(80));
        assert!(narrow.lines().all(|line| line.width() <= 80), "{narrow}");
        assert!(narrow.starts_with("KEY                   VALUE                       FROM\n"), "{narrow}");
        assert_eq!(narrow.lines().count(), KEYS.len() + 1, "nothing is broken: {narrow}");
        for wide in [text(&config, Some(100)), text(&config, None)] {
            assert!(wide.lines().next().unwrap().ends_with("VARIABLE"), "{wide}");
        }
    }
}
