//! `assemble`: a file put together from the files of a directory.

use std::sync::Arc;

use md5::Md5;
use sha1::{Digest as _, Sha1};

use crate::modules::files::copy::{Copy, Source, hex};
use crate::modules::files::edit::{Edit, Edited};
use crate::modules::files::file_arguments;
use crate::modules::files::look::Fields;
use crate::modules::{
    Answer, Args, Argument, BLANK, Content, LocalKind, LocalRead, LocalReply, Module, ModuleError, Question, Return,
    Spec, Step, TaskContext, probes,
};
use crate::template::python::{self, Anchor, Flags};

/// The module.
pub struct Assemble;

/// The module.
pub static MODULE: Assemble = Assemble;

static SPEC: Spec = Spec {
    name: "assemble",
    summary: "Puts a file together from the files of a directory.",
    arguments: file_arguments![
        Argument::path("src", "The directory.").required(),
        Argument::path("dest", "The file.").required(),
        Argument::text("delimiter", "Stands between the parts."),
        Argument::text("regexp", "A regular expression; only names that it finds are taken."),
        Argument::bool("remote_src", true, "Whether the directory stands on the host."),
        Argument::bool("ignore_hidden", false, "Leaves out names that begin with a dot."),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::text("validate", "A command that must accept the file, which is `%s` in it."),
        Argument::bool("decrypt", true, "Decrypts vaulted parts of the controller."),
        Argument::bool("follow", false, "Follows a link at `dest`; with parts of the controller."),
    ],
    returns: &[
        Return { name: "src", about: "The directory." },
        Return { name: "dest", about: "The file." },
        Return { name: "checksum", about: "SHA-1 of the file." },
        Return { name: "md5sum", about: "MD5 of the file." },
        Return { name: "backup_file", about: "Where the old file was kept." },
    ],
    ..BLANK
};

/// The most that all parts may take, in bytes.
const PARTS: usize = 64 * 1024 * 1024;

impl Module for Assemble {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        if context.args.bool("remote_src") { of_host(&context) } else { of_controller(&context) }
    }
}

/// A part: its name and its content.
type Part = (String, Vec<u8>);

fn of_host(context: &TaskContext) -> Result<Step, ModuleError> {
    let args = Arc::clone(&context.args);
    let mut edit = Edit::of(&args, "dest")?;
    edit.attributes_message = "";
    edit.backup_field = ("backup_file", false);
    edit.follow = false;
    let mut question = Question::new(&probes::FRAGMENTS, [args.needed("src").to_owned()]);
    question.limit = PARTS;
    edit.questions.push(question);
    Ok(edit.start(
        context,
        Box::new(move |current| {
            let bytes = assembled(&args, parts(current.answers.first().unwrap_or(&Answer::default()))?)?;
            let text = |name: &str| args.needed(name).into();
            let fields = vec![
                ("src", text("src")),
                ("dest", text("dest")),
                ("checksum", hex(&Sha1::digest(&bytes)).into()),
                ("md5sum", hex(&Md5::digest(&bytes)).into()),
            ];
            let new = Some(bytes).filter(|bytes| current.content != Some(bytes.as_slice()));
            Ok(Edited { content: new, message: "OK".to_owned(), fields, end: false })
        }),
    ))
}

fn of_controller(context: &TaskContext) -> Result<Step, ModuleError> {
    let copy = Copy::of(context)?;
    let args = Arc::clone(&context.args);
    let read = LocalRead::Source {
        kind: "files",
        name: args.needed("src").to_owned(),
        follow: true,
        decrypt: args.bool("decrypt"),
    };
    let next = move |reply: LocalReply| {
        let LocalReply::Tree(files) = reply else {
            return Err(ModuleError::new(format!("Source ({}) is not a directory", args.needed("src"))));
        };
        let here = files.into_iter().filter(|file| file.kind == LocalKind::File && file.relative.components().count() == 1);
        let part = |file: crate::modules::LocalFile| {
            let name = file.relative.to_string_lossy().into_owned();
            match file.content {
                Some(bytes) => Ok((name, bytes.to_vec())),
                None => Err(ModuleError::new(format!("{} is larger than 1 MiB", file.path.display()))),
            }
        };
        let parts = here.map(part).collect::<Result<Vec<Part>, _>>()?;
        let bytes: Arc<[u8]> = assembled(&args, parts)?.into();
        copy.start(Source {
            name: Some(args.needed("src").to_owned()),
            base: None,
            content: Content::Bytes(bytes.clone()),
            sha1: hex(&Sha1::digest(&bytes)),
            bytes: Some(bytes),
            mode: 0o644,
        })
    };
    Ok(Step::Local(read, Box::new(next)))
}

/// Reads the answer of the probe.
fn parts(answer: &Answer) -> Result<Vec<Part>, ModuleError> {
    if answer.rc != 0 {
        return Err(ModuleError::new(answer.errors().trim()));
    }
    let mut all = Vec::new();
    let mut rest = answer.stdout.as_slice();
    while !rest.is_empty() {
        let mut fields = Fields::new(rest);
        let (name, size) = (fields.text()?, fields.text()?);
        let size = size.parse().unwrap_or(usize::MAX);
        let (content, after) = fields
            .rest()
            .split_at_checked(size)
            .ok_or_else(|| ModuleError::new("the parts are larger than 64 MiB, or were changed while they were read"))?;
        all.push((name, content.to_vec()));
        rest = after;
    }
    Ok(all)
}

/// Puts parts together as Ansible does.
fn assembled(args: &Args, mut parts: Vec<Part>) -> Result<Vec<u8>, ModuleError> {
    let regex = args.text("regexp").map(|regexp| python::compile(regexp, Flags::default(), Anchor::None)).transpose();
    let regex = regex.map_err(|error| {
        ModuleError::new(format!("Invalid Regexp ({error}) in \"{}\"", args.needed("regexp")))
    })?;
    let delimiter = unescaped(args.needed("delimiter"));
    let hidden = !args.bool("ignore_hidden");
    parts.sort();
    let wanted = parts.iter().filter(|(name, _)| {
        (hidden || !name.starts_with('.'))
            && regex.as_ref().is_none_or(|regex| regex.is_match(name).unwrap_or(false))
    });
    let mut all: Vec<u8> = Vec::new();
    let mut last: Option<&[u8]> = None;
    for (_, content) in wanted {
        if let Some(last) = last {
            if !last.ends_with(b"\n") {
                all.push(b'\n');
            }
            all.extend(&delimiter);
            if !delimiter.is_empty() && !delimiter.ends_with(b"\n") {
                all.push(b'\n');
            }
        }
        all.extend(content);
        last = Some(content);
    }
    Ok(all)
}

/// A text in which backslashes stand for characters, as in Python's literals of bytes.
fn unescaped(text: &str) -> Vec<u8> {
    let mut all = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let Some((&letter, after)) = rest.split_first().filter(|_| byte == b'\\') else {
            all.push(byte);
            continue;
        };
        let number = |digits: usize, radix: u32| {
            let end = after.iter().take(digits).take_while(|byte| char::from(**byte).is_digit(radix)).count();
            let text = std::str::from_utf8(&after[..end]).ok()?;
            Some((u32::from_str_radix(text, radix).ok()?.to_le_bytes()[0], end))
        };
        rest = after;
        match letter {
            b'n' => all.push(b'\n'),
            b't' => all.push(b'\t'),
            b'r' => all.push(b'\r'),
            b'a' => all.push(7),
            b'b' => all.push(8),
            b'f' => all.push(12),
            b'v' => all.push(11),
            b'\n' => {}
            b'\\' | b'\'' | b'"' => all.push(letter),
            b'x' => match number(2, 16) {
                Some((value, end)) => {
                    all.push(value);
                    rest = &after[end..];
                }
                None => all.extend(b"\\x"),
            },
            b'0'..=b'7' => all.push(letter - b'0'),
            _ => all.extend([b'\\', letter]),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    /// Expectations from Python's `codecs.escape_decode`.
    #[test]
    fn delimiters_may_be_escaped() {
        for (text, bytes) in
            [("--\\n", "--\n"), ("\\t\\\\n", "\t\\n"), ("\\x41\\q", "A\\q"), ("ü", "ü"), ("a\\", "a\\")]
        {
            assert_eq!(super::unescaped(text), bytes.as_bytes(), "{text}");
        }
    }
}
