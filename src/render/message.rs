//! Errors, warnings and hints for the user, in one form everywhere.

use std::io::{self, Write};

use super::sanitize::sanitize;
use super::style::Palette;

/// Writes `error: …` (the text may have several lines: place, source line, caret), then one `hint: …` a hint.
///
/// # Errors
/// Fails when `out` does.
pub fn error(out: &mut dyn Write, palette: Palette, text: &str, hints: &[String]) -> io::Result<()> {
    writeln!(out, "{} {}", palette.error("error:"), sanitize(text.trim_end().as_bytes()))?;
    hints.iter().try_for_each(|text| hint(out, palette, text))
}

/// Writes `warning: …`.
///
/// # Errors
/// Fails when `out` does.
pub fn warn(out: &mut dyn Write, palette: Palette, text: &str) -> io::Result<()> {
    writeln!(out, "{} {}", palette.warning("warning:"), sanitize(text.trim_end().as_bytes()))
}

/// Writes `hint: …`.
///
/// # Errors
/// Fails when `out` does.
pub fn hint(out: &mut dyn Write, palette: Palette, text: &str) -> io::Result<()> {
    writeln!(out, "{} {}", palette.hint("hint:"), sanitize(text.trim_end().as_bytes()))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn an_error_has_its_lines_then_its_hints() {
        let mut out = Vec::new();
        let text = "prod.yml:14:9: unknown group `wbe`\n  14 |     wbe:\n     |     ^^^\n";
        error(&mut out, Palette::PLAIN, text, &["did you mean `web`?".into()]).unwrap();
        warn(&mut out, Palette::PLAIN, "duplicate key `a\u{1b}`").unwrap();
        assert_snapshot!(String::from_utf8(out).unwrap(), @r"
        error: prod.yml:14:9: unknown group `wbe`
          14 |     wbe:
             |     ^^^
        hint: did you mean `web`?
        warning: duplicate key `a\x1b`
        ");
    }
}
