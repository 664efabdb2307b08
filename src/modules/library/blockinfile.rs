//! `blockinfile`: a block of lines between two markers.

use crate::modules::files::edit::{Current, Edit, Edited};
use crate::modules::files::file_arguments;
use crate::modules::files::regex::{FileText, compile};
use crate::modules::{Args, Argument, BLANK, Module, ModuleError, Return, Rule, Spec, Step, TaskContext};

/// The module.
pub struct BlockInFile;

/// The module.
pub static MODULE: BlockInFile = BlockInFile;

static SPEC: Spec = Spec {
    name: "blockinfile",
    summary: "Sees that a block of lines between two markers is in a file, or is not.",
    arguments: file_arguments![
        Argument::path("path", "The file.").required().aliases(&["dest", "destfile", "name"]),
        Argument::text("state", "Whether the block is to be there.")
            .default("present")
            .choices(&["absent", "present"]),
        Argument::text("marker", "The line before and after the block; `{mark}` stands for which of them.")
            .default("# {mark} ANSIBLE MANAGED BLOCK"),
        Argument::text("block", "The lines; without any, the block is removed.").default("").aliases(&["content"]),
        Argument::text("insertafter", "A new block goes after the last line that matches; `EOF`."),
        Argument::text("insertbefore", "A new block goes before the last line that matches; `BOF`."),
        Argument::bool("create", false, "Makes the file when it is missing."),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::text("validate", "The command that must accept the new file; `%s` stands for it."),
        Argument::text("marker_begin", "What `{mark}` is before the block.").default("BEGIN"),
        Argument::text("marker_end", "What `{mark}` is after the block.").default("END"),
        Argument::bool("append_newline", false, "Puts an empty line after the block, where none is."),
        Argument::bool("prepend_newline", false, "Puts an empty line before the block, where none is."),
    ],
    rules: &[Rule::Exclusive(&["insertbefore", "insertafter"])],
    returns: &[Return { name: "backup_file", about: "Where the old file was kept, if it was." }],
    ..BLANK
};

impl Module for BlockInFile {
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
            if current.content.is_none() && !args.bool("create") {
                return Err(ModuleError::new(format!("Path {path} does not exist !")).field("rc", 257));
            }
            if current.content.is_none() && args.needed("state") == "absent" {
                let message = format!("File {path} not present");
                return Ok(Edited { message, end: true, ..Edited::default() });
            }
            edited(&args, current.content)
        };
        Ok(edit.start(&context, Box::new(compute)))
    }
}

fn edited(args: &Args, content: Option<&[u8]>) -> Result<Edited, ModuleError> {
    let text = FileText::of(content.unwrap_or_default());
    let present = args.needed("state") == "present";
    let marker = |which: &str| text.native(&(args.needed("marker").replace("{mark}", args.needed(which)) + "\n"));
    let (begin, end) = (marker("marker_begin"), marker("marker_end"));
    let mut block = text.native(args.needed("block"));
    let mut new = Vec::new();
    if present && !block.is_empty() {
        if !block.ends_with('\n') {
            block.push('\n');
        }
        new.push(begin.clone());
        new.extend(lines(&block));
        new.push(end.clone());
    }
    let mut all = lines(text.as_str());
    let mut place = take_out(args, &text, &mut all, &begin, &end)?;
    if let Some(before) = place.checked_sub(1).and_then(|before| all.get_mut(before)).filter(|line| !line.ends_with('\n')) {
        before.push('\n');
    }
    if args.bool("prepend_newline") && present && place > 0 && all[place - 1] != "\n" {
        all.insert(place, "\n".to_owned());
        place += 1;
    }
    let after = place + new.len();
    let empty = new.is_empty();
    all.splice(place..place, new);
    if args.bool("append_newline") && present && all.get(after).is_some_and(|line| line != "\n") {
        all.insert(after, "\n".to_owned());
    }
    let bytes = text.bytes(&all.concat());
    let message = match content {
        Some(old) if old == bytes => "",
        None => "File created",
        Some(_) if empty => "Block removed",
        Some(_) => "Block inserted",
    };
    Ok(Edited { content: Some(bytes), message: message.to_owned(), ..Edited::default() })
}

/// Takes the block that is there out; says where the new one goes.
fn take_out(
    args: &Args,
    text: &FileText,
    all: &mut Vec<String>,
    begin: &str,
    end: &str,
) -> Result<usize, ModuleError> {
    let last = |marker: &str| all.iter().rposition(|line| line == marker);
    if let (Some(begin), Some(end)) = (last(begin), last(end)) {
        let first = begin.min(end);
        all.drain(first..=begin.max(end));
        return Ok(first);
    }
    let (pattern, after) = match (args.text("insertafter"), args.text("insertbefore")) {
        (None, Some("BOF")) => return Ok(0),
        (None | Some("EOF"), None) => return Ok(all.len()),
        (Some(pattern), _) => (pattern, true),
        (None, Some(pattern)) => (pattern, false),
    };
    let multiline = pattern
        .strip_prefix("(?")
        .and_then(|rest| rest.split_once(')'))
        .is_some_and(|(flags, _)| flags.contains('m') && flags.chars().all(|flag| flag.is_ascii_lowercase()));
    let regex = compile(&text.native(pattern), if multiline { "(?am)" } else { "(?a)" })?;
    let found = if multiline {
        let found = regex.find(text.as_str()).ok().flatten();
        found.map(|found| {
            let until = if after { found.end() } else { found.start() };
            text.as_str()[..until].matches('\n').count().min(all.len().saturating_sub(1))
        })
    } else {
        all.iter().rposition(|line| regex.is_match(line).unwrap_or(false))
    };
    Ok(found.map_or(all.len(), |found| (found + usize::from(after)).min(all.len())))
}

/// Lines with their ends, as Python's `bytes.splitlines(True)` has them.
fn lines(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    for place in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        if bytes[place] == b'\r' && bytes.get(place + 1) == Some(&b'\n') {
            continue;
        }
        all.push(text[start..=place].to_owned());
        start = place + 1;
    }
    if start < text.len() {
        all.push(text[start..].to_owned());
    }
    all
}
