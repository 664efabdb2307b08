//! Colours by meaning, and whether to use them.

use std::fmt::Display;
use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};

use crate::event::Outcome;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// At a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise; always when `CLICOLOR_FORCE` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What is known of the place that an output stream leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Whether it is a terminal at all.
    pub is_terminal: bool,
    /// Whether [`Color::Auto`] means colour there.
    pub color: bool,
    /// Whether a line can be drawn over: a terminal that is not dumb.
    pub redraws: bool,
}

impl Terminal {
    /// Looks at the process's standard output.
    #[must_use]
    pub fn of_stdout() -> Self {
        let stdout = std::io::stdout();
        Self::new(stdout.is_terminal(), anstream::AutoStream::choice(&stdout))
    }

    /// Looks at the process's standard error.
    #[must_use]
    pub fn of_stderr() -> Self {
        let stderr = std::io::stderr();
        Self::new(stderr.is_terminal(), anstream::AutoStream::choice(&stderr))
    }

    fn new(is_terminal: bool, choice: anstream::ColorChoice) -> Self {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        Self { is_terminal, color: choice != anstream::ColorChoice::Never, redraws: is_terminal && !dumb }
    }

    /// The colours to use there.
    #[must_use]
    pub fn palette(self, color: Color) -> Palette {
        match color {
            Color::Always => Palette::COLORED,
            Color::Auto if self.color => Palette::COLORED,
            Color::Auto | Color::Never => Palette::PLAIN,
        }
    }
}

/// Styles text, or leaves it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    colored: bool,
}

impl Palette {
    /// Writes escape sequences.
    pub const COLORED: Self = Self { colored: true };
    /// Writes none.
    pub const PLAIN: Self = Self { colored: false };

    /// Styles something that is wrong.
    #[must_use]
    pub fn error(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// Styles something to be careful of.
    #[must_use]
    pub fn warning(self, text: impl Display) -> String {
        self.paint(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// Styles what to do about it.
    #[must_use]
    pub fn hint(self, text: impl Display) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    /// Styles what matters less.
    #[must_use]
    pub fn faint(self, text: impl Display) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// Styles a line that was added.
    #[must_use]
    pub fn added(self, text: impl Display) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// Styles a line that was removed.
    #[must_use]
    pub fn removed(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    /// Styles text that belongs to hosts with `outcome`.
    #[must_use]
    pub fn outcome(self, outcome: Outcome, text: impl Display) -> String {
        let color = match outcome {
            Outcome::Ok => AnsiColor::Green,
            Outcome::Changed | Outcome::Cancelled => AnsiColor::Yellow,
            Outcome::Failed | Outcome::TimedOut => AnsiColor::Red,
            Outcome::Unreachable => AnsiColor::Magenta,
            Outcome::Skipped | Outcome::NotStarted => AnsiColor::Cyan,
        };
        self.paint(color.on_default().bold(), text)
    }

    /// Styles the name of one host among many; the same name always looks the same.
    #[must_use]
    pub fn host(self, name: &str, text: impl Display) -> String {
        const COLORS: [AnsiColor; 6] = [
            AnsiColor::Cyan,
            AnsiColor::Green,
            AnsiColor::Blue,
            AnsiColor::Magenta,
            AnsiColor::Yellow,
            AnsiColor::BrightCyan,
        ];
        let sum = name.bytes().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        self.paint(COLORS[sum % COLORS.len()].on_default(), text)
    }

    fn paint(self, style: Style, text: impl Display) -> String {
        if self.colored { format!("{style}{text}{style:#}") } else { text.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn always_and_never_override_what_the_terminal_says() {
        let terminal = Terminal { is_terminal: true, color: true, redraws: true };
        assert_eq!(terminal.palette(Color::Never), Palette::PLAIN);
        assert_eq!(Terminal::default().palette(Color::Always), Palette::COLORED);
        assert_eq!(Terminal::default().palette(Color::Auto), Palette::PLAIN);
    }

    #[test]
    fn colour_begins_and_ends_with_the_text() {
        assert_eq!(Palette::COLORED.added("+x"), "\u{1b}[32m+x\u{1b}[0m");
        assert_eq!(Palette::PLAIN.added("+x"), "+x");
    }
}
