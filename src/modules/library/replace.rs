//! `replace`: all matches of a pattern in a file.

use crate::modules::files::edit::{Current, Edit, Edited};
use crate::modules::files::file_arguments;
use crate::modules::files::regex::{FileText, compile};
use crate::modules::files::regex;
use crate::modules::{Args, Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext};

/// The module.
pub struct Replace;

/// The module.
pub static MODULE: Replace = Replace;

static SPEC: Spec = Spec {
    name: "replace",
    summary: "Replaces all matches of a pattern in a file.",
    arguments: file_arguments![
        Argument::path("path", "The file.").required().aliases(&["dest", "destfile", "name"]),
        Argument::text("regexp", "What is replaced: a Python pattern; `^` and `$` match at every line.").required(),
        Argument::text("replace", "What takes its place; may name groups.").default(""),
        Argument::text("after", "Replaces only behind this pattern; its `.` matches newlines."),
        Argument::text("before", "Replaces only in front of this pattern; its `.` matches newlines."),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::text("validate", "The command that must accept the new file; `%s` stands for it."),
        Argument::text("encoding", "Encoding of the file; UTF-8 or one that holds ASCII.").default("utf-8"),
    ],
    returns: &[
        Return { name: "backup_file", about: "Where the old file was kept, if it was." },
        Return { name: "rc", about: "Always 0." },
    ],
    ..BLANK
};

impl Module for Replace {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let edit = Edit { backup_field: ("backup_file", false), ..Edit::of(&args, "path")? };
        let compute = move |current: &Current<'_>| {
            let path = &current.state.name;
            if current.state.is_directory() {
                return Err(ModuleError::new(format!("Path {path} is a directory !")).field("rc", 256));
            }
            match current.content {
                None => Err(ModuleError::new(format!("Path {path} does not exist !")).field("rc", 257)),
                Some(bytes) => edited(&args, bytes),
            }
        };
        Ok(edit.start(&context, Box::new(compute)))
    }
}

fn edited(args: &Args, content: &[u8]) -> Result<Edited, ModuleError> {
    let text = FileText::of(content);
    let whole = text.as_str();
    let fields = vec![("rc", 0.into())];
    let given = |name: &str| args.text(name).filter(|pattern| !pattern.is_empty());
    let pattern = match (given("after"), given("before")) {
        (None, None) => None,
        (Some(after), Some(before)) => Some(format!("{after}(?P<subsection>.*?){before}")),
        (Some(after), None) => Some(format!("{after}(?P<subsection>.*)")),
        (None, Some(before)) => Some(format!("(?P<subsection>.*){before}")),
    };
    let (start, end) = match pattern {
        None => (0, whole.len()),
        Some(pattern) => {
            let regex = compile(&text.native(&pattern), "(?s)")?;
            let captures = regex.captures(whole).map_err(|error| too_hard(&error))?;
            let Some(part) = captures.and_then(|captures| captures.name("subsection")) else {
                let message = format!("Pattern for before/after params did not match the given file: {pattern}");
                return Ok(Edited { message, fields, end: true, ..Edited::default() });
            };
            (part.start(), part.end())
        }
    };
    let (section, count) = substitute(args, &text, &whole[start..end])?;
    if count == 0 || section == whole[start..end] {
        return Ok(Edited { fields, ..Edited::default() });
    }
    let new = [&whole[..start], &section, &whole[end..]].concat();
    let message = format!("{count} replacements made");
    Ok(Edited { content: Some(text.bytes(&new)), message, fields, end: false })
}

/// The section with all matches replaced, and their number.
fn substitute(args: &Args, text: &FileText, section: &str) -> Result<(String, usize), ModuleError> {
    let regex = compile(&text.native(args.needed("regexp")), "(?m)")?;
    let replacement = text.native(args.needed("replace"));
    regex::substitute(&regex, section, &replacement, usize::MAX)
        .map_err(|error| ModuleError::new(format!("Unable to process replace due to error: {error}")))
}

fn too_hard(error: &fancy_regex::Error) -> ModuleError {
    ModuleError::new(format!("the regular expression cannot be matched: {error}"))
}
