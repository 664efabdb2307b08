//! `template`: a template of the controller as a file of a host.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use sha1::{Digest as _, Sha1};

use crate::modules::files::copy::{Copy, Source, hex};
use crate::modules::files::file_arguments;
use crate::modules::{
    Args, Argument, BLANK, Content, LocalFile, LocalKind, LocalPath, LocalRead, LocalReply, Module, ModuleError, Return, Spec,
    Step, TaskContext,
};
use crate::template::{Origin, SearchPath, Templar, Text, TextOptions, Value};

/// The module.
pub struct Template;

/// The module.
pub static MODULE: Template = Template;

static SPEC: Spec = Spec {
    name: "template",
    summary: "Renders a template of the controller to a file of a host.",
    arguments: file_arguments![
        Argument::text("src", "The template: looked for in `templates/` of the role and of the playbook.").required(),
        Argument::path("dest", "Where it goes.").required(),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::bool("force", true, "Replaces a file that differs."),
        Argument::bool("follow", false, "Writes to what a link at `dest` leads to."),
        Argument::text("validate", "The command that must accept the new file; `%s` stands for it."),
        Argument::text("newline_sequence", "What ends a line.")
            .default("\n")
            .choices(&["\\n", "\\r", "\\r\\n", "\n", "\r", "\r\n"]),
        Argument::text("block_start_string", "What starts a block.").default("{%"),
        Argument::text("block_end_string", "What ends a block.").default("%}"),
        Argument::text("variable_start_string", "What starts an expression.").default("{{"),
        Argument::text("variable_end_string", "What ends an expression.").default("}}"),
        Argument::text("comment_start_string", "What starts a comment.").default("{#"),
        Argument::text("comment_end_string", "What ends a comment.").default("#}"),
        Argument::bool("trim_blocks", true, "Takes the first newline after a block away."),
        Argument::bool("lstrip_blocks", false, "Takes the blanks before a block away."),
        Argument::text("output_encoding", "Encoding of the file: UTF-8, Latin-1 or ASCII.").default("utf-8"),
    ],
    returns: &[
        Return { name: "dest", about: "Where it went." },
        Return { name: "src", about: "Where the template stands." },
        Return { name: "md5sum", about: "MD5 of the file, where it was written." },
        Return { name: "checksum", about: "SHA-1 of the file." },
        Return { name: "backup_file", about: "Where the old file was kept, if it was." },
    ],
    ..BLANK
};

impl Module for Template {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let copy = Copy::of(&context)?;
        let name = context.args.needed("src").to_owned();
        let next = move |reply: LocalReply| {
            let LocalReply::File(file) = reply else {
                return Err(ModuleError::new(format!("{} is no file", context.args.needed("src"))));
            };
            let path = LocalRead::Path(file.path.clone());
            let next = move |reply: LocalReply| {
                let LocalReply::Path(Some(path)) = reply else {
                    return Err(ModuleError::new(format!("{} is gone", file.path.display())));
                };
                copy.start(rendered(&context, &file, &path)?)
            };
            Ok(Step::Local(path, Box::new(next)))
        };
        Ok(Step::Local(LocalRead::File { kind: "templates", name }, Box::new(next)))
    }
}

/// The file that the template makes.
fn rendered(context: &TaskContext, file: &LocalFile, path: &LocalPath) -> Result<Source, ModuleError> {
    let shown = file.path.display();
    if file.kind == LocalKind::Directory {
        return Err(ModuleError::new(format!("{shown} is a directory; a template is a file")));
    }
    let Some(bytes) = &file.content else {
        return Err(ModuleError::new(format!("{shown} is larger than a template may be (1 MiB)")));
    };
    let text = std::str::from_utf8(bytes).map_err(|_| ModuleError::new(format!("{shown} is not UTF-8")))?;
    let args = &context.args;
    let templar = beside(&context.templar, &file.path);
    let origin = Origin { file: shown.to_string().into(), line: 1, column: 1 };
    let text = templar.render_text_with(text, &origin, &options(args), variables(context, path))?;
    let bytes: Arc<[u8]> = encoded(text, args.needed("output_encoding"))?.into();
    Ok(Source {
        name: Some(shown.to_string()),
        base: file.path.file_name().map(|name| name.to_string_lossy().into_owned()),
        content: Content::Bytes(bytes.clone()),
        sha1: hex(&Sha1::digest(&bytes)),
        bytes: Some(bytes),
        mode: file.mode,
    })
}

/// The same templar; includes are looked for beside the template as well.
fn beside(templar: &Templar, path: &Path) -> Templar {
    let mut search: SearchPath = (**templar.search()).clone();
    search.directories.extend(path.parent().map(Path::to_owned));
    Templar::new(Arc::clone(templar.environment()), Arc::clone(templar.scope()), Arc::new(search))
}

fn options(args: &Args) -> TextOptions {
    let pair =
        |start: &str, end: &str| (args.needed(start).to_owned(), args.needed(end).to_owned());
    TextOptions {
        trim_blocks: args.bool("trim_blocks"),
        lstrip_blocks: args.bool("lstrip_blocks"),
        newline: args.needed("newline_sequence").replace("\\r", "\r").replace("\\n", "\n"),
        variable: pair("variable_start_string", "variable_end_string"),
        block: pair("block_start_string", "block_end_string"),
        comment: pair("comment_start_string", "comment_end_string"),
        ..TextOptions::default()
    }
}

/// What a template knows of itself.
fn variables(context: &TaskContext, path: &LocalPath) -> HashMap<Arc<str>, Value> {
    let args = &context.args;
    let mut all: HashMap<Arc<str>, Value> = HashMap::new();
    let mut set = |name: &str, value: Value| all.insert(name.into(), value);
    set("template_path", args.needed("src").into());
    set("template_fullpath", path.file.path.display().to_string().into());
    set("template_destpath", args.needed("dest").into());
    set("template_host", rustix::system::uname().nodename().to_string_lossy().into_owned().into());
    set("template_uid", path.owner.as_str().into());
    let mut time = |name: &str, expression: &str| {
        let origin = Origin { file: name.into(), line: 1, column: 1 };
        if let Ok(time) = context.templar.evaluate(&Text::template(expression, origin)) {
            set(name, time);
        }
    };
    time("template_run_date", "now()");
    if let Ok(modified) = jiff::Timestamp::try_from(path.modified) {
        let local = jiff::tz::TimeZone::system().to_datetime(modified).strftime("%Y-%m-%d %H:%M:%S.%6f");
        time("template_mtime", &format!("'{local}' | to_datetime('%Y-%m-%d %H:%M:%S.%f')"));
    }
    if context.templar.scope().get("ansible_managed").is_none() {
        set("ansible_managed", "Ansible managed".into());
    }
    all
}

fn encoded(text: String, encoding: &str) -> Result<Vec<u8>, ModuleError> {
    let limit: u32 = match encoding.to_ascii_lowercase().replace('_', "-").as_str() {
        "" | "utf-8" | "utf8" => return Ok(text.into_bytes()),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => 0x100,
        "ascii" | "us-ascii" => 0x80,
        _ => {
            return Err(ModuleError::new(format!(
                "output_encoding: {encoding} is not known; utf-8, latin-1 and ascii are"
            )));
        }
    };
    let byte = |character: char| {
        u8::try_from(u32::from(character))
            .ok()
            .filter(|byte| u32::from(*byte) < limit)
            .ok_or_else(|| ModuleError::new(format!("'{character}' cannot be written in {encoding}")))
    };
    text.chars().map(byte).collect()
}
