//! A module as text, folded to a width.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use crate::modules::{Argument, CheckMode, FreeForm, Kind, Rule, Spec};
use crate::render::Palette;

/// In which form.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Columns to keep within.
    pub width: usize,
    /// Colours.
    pub palette: Palette,
}

/// All there is to say of a module.
pub fn module(spec: &Spec, look: Look) -> String {
    let mut page = Page { text: String::new(), look };
    let names: Vec<String> = spec.collections.iter().map(|collection| format!("{collection}.{}", spec.name)).collect();
    page.line(0, &format!("{}  ({})", look.palette.hint(spec.name.to_uppercase()), names.join(", ")));
    page.fold(2, spec.summary);
    page.text.push('\n');
    if !spec.aliases.is_empty() {
        page.fold(2, &format!("Also called: {}", spec.aliases.join(", ")));
    }
    match spec.free_form {
        FreeForm::None => {}
        FreeForm::Command => page.fold(2, "Free form: a command, in which name=value arguments may stand"),
        FreeForm::Raw => page.fold(2, "Free form: all of the text is one argument"),
    }
    if !spec.hands_to.is_empty() {
        page.fold(2, &format!("Takes further arguments for one of: {}", spec.hands_to.join(", ")));
    } else if spec.open {
        page.fold(2, "Takes any further arguments: they are names of variables");
    }
    page.fold(
        2,
        match spec.check_mode {
            CheckMode::Full => "Check mode: says what it would do, and changes nothing",
            CheckMode::Skipped => "Check mode: is skipped",
        },
    );
    if !spec.arguments.is_empty() {
        page.title("ARGUMENTS");
        spec.arguments.iter().for_each(|argument| page.argument(2, argument));
    }
    if !spec.rules.is_empty() {
        page.title("RULES");
        spec.rules.iter().for_each(|one| page.fold(2, &rule(one)));
    }
    if !spec.returns.is_empty() {
        page.title("RETURNS");
        for field in spec.returns {
            page.line(2, &look.palette.hint(field.name));
            page.fold(6, field.about);
        }
    }
    page.text
}

struct Page {
    text: String,
    look: Look,
}

impl Page {
    fn title(&mut self, title: &str) {
        self.text.push('\n');
        self.line(0, &self.look.palette.warning(title));
    }

    fn line(&mut self, indent: usize, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{:indent$}{text}", "");
    }

    /// Text in lines that fit.
    fn fold(&mut self, indent: usize, text: &str) {
        let room = self.look.width.saturating_sub(indent).max(20);
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.width() + 1 + word.width() > room {
                self.line(indent, &line);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.line(indent, &line);
        }
    }

    fn argument(&mut self, indent: usize, argument: &Argument) {
        let mut notes = vec![kind(argument.kind)];
        if argument.required {
            notes.push("required".to_owned());
        }
        if argument.secret {
            notes.push("never shown".to_owned());
        }
        self.line(indent, &format!("{}  {}", self.look.palette.hint(argument.name), notes.join(", ")));
        let below = indent + 4;
        self.fold(below, argument.about);
        for (title, values) in [("also", argument.aliases), ("choices", argument.choices)] {
            if !values.is_empty() {
                self.fold(below, &format!("{title}: {}", values.join(", ")));
            }
        }
        if let Some(default) = argument.default {
            self.fold(below, &format!("default: {}", if default.is_empty() { "\"\"" } else { default }));
        }
        if let Kind::DictList(entries) | Kind::Entries(entries) = argument.kind {
            for entry in entries {
                self.argument(below, entry);
            }
        }
    }
}

/// The name of a type.
pub fn kind(kind: Kind) -> String {
    let name = match kind {
        Kind::Text => "text",
        Kind::Path => "path",
        Kind::Bool => "boolean",
        Kind::Int => "integer",
        Kind::Float => "number",
        Kind::Mode => "mode",
        Kind::Raw => "anything",
        Kind::List(of) => return format!("list of {}", self::kind(*of)),
        Kind::DictList(_) => "list of dictionaries",
        Kind::Dict | Kind::Entries(_) => "dictionary",
        Kind::Bytes => "bytes",
        Kind::Json => "JSON",
    };
    name.to_owned()
}

/// A rule as a sentence.
pub fn rule(rule: &Rule) -> String {
    let list = |names: &[&str]| names.join(", ");
    match rule {
        Rule::Exclusive(names) => format!("at most one of: {}", list(names)),
        Rule::OneOf(names) => format!("at least one of: {}", list(names)),
        Rule::Together(names) => format!("all of these or none: {}", list(names)),
        Rule::If(name, value, names) => format!("with {name}={value}, all of: {}", list(names)),
        Rule::IfOneOf(name, value, names) => format!("with {name}={value}, at least one of: {}", list(names)),
        Rule::By(name, names) => format!("with {name}, all of: {}", list(names)),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::modules::{Argument, BLANK, Return};

    static SPEC: Spec = Spec {
        name: "sample",
        aliases: &["example"],
        summary: "Shows all that a module may have, in a sentence that is too long for a line of forty columns.",
        arguments: &[
            Argument::path("dest", "Where to.").required().aliases(&["name"]),
            Argument::text("password", "What opens it.").secret(),
            Argument::text("state", "What shall be.").choices(&["present", "absent"]).default("present"),
            Argument::of("rows", Kind::DictList(&[Argument::int("size", "How long.")]), "Rows."),
        ],
        rules: &[Rule::If("state", "absent", &["dest"])],
        returns: &[Return { name: "dest", about: "Where it went." }],
        free_form: FreeForm::Raw,
        open: true,
        check_mode: CheckMode::Skipped,
        ..BLANK
    };

    #[test]
    fn a_module_is_told_in_full_within_the_width() {
        let text = module(&SPEC, Look { width: 40, palette: Palette::PLAIN });
        assert_snapshot!(text, @"
        SAMPLE  (ansible.builtin.sample, ansible.legacy.sample)
          Shows all that a module may have, in a
          sentence that is too long for a line
          of forty columns.

          Also called: example
          Free form: all of the text is one
          argument
          Takes any further arguments: they are
          names of variables
          Check mode: is skipped

        ARGUMENTS
          dest  path, required
              Where to.
              also: name
          password  text, never shown
              What opens it.
          state  text
              What shall be.
              choices: present, absent
              default: present
          rows  list of dictionaries
              Rows.
              size  integer
                  How long.

        RULES
          with state=absent, all of: dest

        RETURNS
          dest
              Where it went.
        ");
    }
}
