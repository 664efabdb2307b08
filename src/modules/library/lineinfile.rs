//! `lineinfile`: one line of a file.

use fancy_regex::Regex;

use crate::modules::files::edit::{Current, Edit, Edited};
use crate::modules::files::regex::{FileText, compile, expand};
use crate::modules::files::file_arguments;
use crate::modules::{Args, Argument, BLANK, Module, ModuleError, Return, Rule, Spec, Step, TaskContext};

/// The module.
pub struct LineInFile;

/// The module.
pub static MODULE: LineInFile = LineInFile;

static SPEC: Spec = Spec {
    name: "lineinfile",
    summary: "Sees that a line is in a file, or is not.",
    arguments: file_arguments![
        Argument::path("path", "The file.").required().aliases(&["dest", "destfile", "name"]),
        Argument::text("state", "Whether the line is to be there.").default("present").choices(&["absent", "present"]),
        Argument::text("regexp", "The line that is replaced, or removed: a Python pattern.").aliases(&["regex"]),
        Argument::text("search_string", "The line that is replaced, or removed: a text that stands in it."),
        Argument::text("line", "The line.").aliases(&["value"]),
        Argument::text("insertafter", "A new line goes after the last line that matches; `EOF`."),
        Argument::text("insertbefore", "A new line goes before the last line that matches; `BOF`."),
        Argument::bool("backrefs", false, "Expands groups of `regexp` in `line`; adds nothing where it does not match."),
        Argument::bool("create", false, "Makes the file when it is missing."),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::bool("firstmatch", false, "Takes the first line that matches, not the last."),
        Argument::text("validate", "The command that must accept the new file; `%s` stands for it."),
    ],
    rules: &[
        Rule::Exclusive(&["insertbefore", "insertafter"]),
        Rule::Exclusive(&["regexp", "search_string"]),
        Rule::Exclusive(&["backrefs", "search_string"]),
    ],
    returns: &[
        Return { name: "backup", about: "Where the old file was kept; empty when it was not." },
        Return { name: "found", about: "How many lines were removed, with `state: absent`." },
    ],
    ..BLANK
};

impl Module for LineInFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    #[expect(clippy::similar_names, reason = "the pairs are what they are called")]
    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let present = args.needed("state") == "present";
        if present && args.bool("backrefs") && args.text("regexp").is_none() {
            return Err(ModuleError::new("regexp is required with backrefs=true"));
        }
        if present && args.text("line").is_none() {
            return Err(ModuleError::new("line is required with state=present"));
        }
        if ["regexp", "search_string", "line"].iter().all(|name| args.text(name).is_none()) {
            return Err(ModuleError::new("one of line, search_string, or regexp is required with state=absent"));
        }
        let edit = Edit::of(&args, "path")?;
        let compute = move |current: &Current<'_>| {
            let path = &current.state.name;
            if current.state.is_directory() {
                return Err(ModuleError::new(format!("Path {path} is a directory !")).field("rc", 256));
            }
            match (current.content, present) {
                (None, false) => Ok(Edited { message: "file not present".to_owned(), end: true, ..Edited::default() }),
                (None, true) if !args.bool("create") => {
                    Err(ModuleError::new(format!("Destination {path} does not exist !")).field("rc", 257))
                }
                (content, true) => put(&args, content.unwrap_or_default()),
                (Some(content), false) => remove(&args, content),
            }
        };
        Ok(edit.start(&context, Box::new(compute)))
    }
}

/// Finds the line that is meant.
enum Finder {
    Pattern(Regex),
    Within(String),
    Whole(String),
}

impl Finder {
    fn of(args: &Args, text: &FileText) -> Result<Self, ModuleError> {
        Ok(match (args.text("regexp"), args.text("search_string")) {
            (Some(pattern), _) => Self::Pattern(compile(&text.native(pattern), "(?a)")?),
            (None, Some(part)) => Self::Within(text.native(part)),
            (None, None) => Self::Whole(text.native(args.needed("line"))),
        })
    }

    fn matches(&self, line: &str) -> bool {
        match self {
            Self::Pattern(regex) => regex.is_match(line).unwrap_or(false),
            Self::Within(part) => line.contains(part.as_str()),
            Self::Whole(whole) => bare(line) == whole,
        }
    }
}

/// A line without its end.
fn bare(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

fn remove(args: &Args, content: &[u8]) -> Result<Edited, ModuleError> {
    let text = FileText::of(content);
    let finder = Finder::of(args, &text)?;
    let lines: Vec<&str> = text.as_str().split_inclusive('\n').collect();
    let kept: Vec<&str> = lines.iter().copied().filter(|line| !finder.matches(line)).collect();
    let found = lines.len() - kept.len();
    let message = if found > 0 { format!("{found} line(s) removed") } else { String::new() };
    let content = (found > 0).then(|| text.bytes(&kept.concat()));
    Ok(Edited { content, message, fields: vec![("found", found.into())], end: false })
}

/// Where the line stands, and where it would go.
struct Places {
    found: Option<usize>,
    by_finder: bool,
    insert: Option<usize>,
}

fn put(args: &Args, content: &[u8]) -> Result<Edited, ModuleError> {
    let text = FileText::of(content);
    let line = text.native(args.needed("line"));
    let mut lines: Vec<String> = text.as_str().split_inclusive('\n').map(str::to_owned).collect();
    let places = places(args, &text, &line, &lines)?;
    let message = match places.found {
        Some(index) => {
            let mut new = line.clone();
            if args.bool("backrefs") && places.by_finder {
                let regex = compile(&text.native(args.needed("regexp")), "(?a)")?;
                if let Ok(Some(captures)) = regex.captures(lines[index].as_str()) {
                    new = expand(&regex, &captures, &line)?;
                }
            }
            if !new.ends_with('\n') {
                new.push('\n');
            }
            let differs = lines[index] != new;
            lines[index] = new;
            if differs { "line replaced" } else { "" }
        }
        None if args.bool("backrefs") => "",
        None => {
            if insert(args, &places, &line, &mut lines) {
                "line added"
            } else {
                ""
            }
        }
    };
    let content = (!message.is_empty()).then(|| text.bytes(&lines.concat()));
    Ok(Edited { content, message: message.to_owned(), ..Edited::default() })
}

fn places(args: &Args, text: &FileText, line: &str, lines: &[String]) -> Result<Places, ModuleError> {
    let first = args.bool("firstmatch");
    let pick = |matches: &dyn Fn(&str) -> bool| {
        if first {
            lines.iter().position(|line| matches(line))
        } else {
            lines.iter().rposition(|line| matches(line))
        }
    };
    if args.text("regexp").is_some() || args.text("search_string").is_some() {
        let finder = Finder::of(args, text)?;
        let found = pick(&|line| finder.matches(line));
        if found.is_some() {
            return Ok(Places { found, by_finder: true, insert: None });
        }
    }
    let (after, pattern) = match (args.text("insertafter"), args.text("insertbefore")) {
        (Some(pattern), _) => (true, Some(pattern).filter(|pattern| !["BOF", "EOF"].contains(pattern))),
        (None, before) => (false, before.filter(|pattern| *pattern != "BOF")),
    };
    let pattern = pattern.map(|pattern| compile(&text.native(pattern), "(?a)")).transpose()?;
    let mut places = Places { found: None, by_finder: false, insert: None };
    for (number, current) in lines.iter().enumerate() {
        if bare(current) == line {
            places.found = Some(number);
        } else if pattern.as_ref().is_some_and(|pattern| pattern.is_match(current).unwrap_or(false)) {
            places.insert = Some(number + usize::from(after));
            if first {
                break;
            }
        }
    }
    Ok(places)
}

/// Adds the line; false when it stands there already.
fn insert(args: &Args, places: &Places, line: &str, lines: &mut Vec<String>) -> bool {
    let new = format!("{line}\n");
    if args.text("insertbefore") == Some("BOF") || args.text("insertafter") == Some("BOF") {
        lines.insert(0, new);
        return true;
    }
    let Some(index) = places.insert else {
        end_last(lines);
        lines.push(new);
        return true;
    };
    if args.text("insertafter").is_some() {
        let there = if index == lines.len() { lines.get(index - 1) } else { lines.get(index) };
        if there.is_some_and(|there| bare(there) == line) {
            return false;
        }
    }
    if index == lines.len() {
        // Where the last line has no end, Ansible would join the two; nobody wants that.
        end_last(lines);
    }
    lines.insert(index, new);
    true
}

fn end_last(lines: &mut [String]) {
    if let Some(last) = lines.last_mut().filter(|last| !last.ends_with(['\n', '\r'])) {
        last.push('\n');
    }
}
