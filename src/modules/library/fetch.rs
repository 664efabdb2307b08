//! `fetch`: a file of a host as a file of the controller.

use std::path::{Component, Path, PathBuf};

use crate::modules::files::edit::EDIT_LIMIT;
use crate::modules::files::{Look, LookCall, copy::hex, diff, paths};
use crate::modules::{
    Action, Answer, Argument, BLANK, Change, Content, LocalKind, LocalRead, LocalReply, Module, ModuleError, Return,
    Spec, Step, TaskContext, TaskResult,
};
use crate::template::Value;
use md5::Md5;
use sha1::{Digest as _, Sha1};

/// The module.
pub struct Fetch;

/// The module.
pub static MODULE: Fetch = Fetch;

static SPEC: Spec = Spec {
    name: "fetch",
    summary: "Copies a file of a host to the controller.",
    arguments: &[
        Argument::path("src", "The file.").required(),
        Argument::text("dest", "A directory; below it the file stands under the host's name and its own path.")
            .required(),
        Argument::bool("flat", false, "Takes `dest` as the file itself, or with `/` at its end as its directory."),
        Argument::bool("fail_on_missing", true, "Fails where the file is missing."),
        Argument::bool("validate_checksum", true, "Compares checksums afterwards."),
    ],
    returns: &[
        Return { name: "dest", about: "Where it went." },
        Return { name: "checksum", about: "Its SHA-1." },
        Return { name: "remote_checksum", about: "Its SHA-1 on the host." },
        Return { name: "md5sum", about: "Its MD5." },
        Return { name: "remote_md5sum", about: "Null, as Ansible has it." },
        Return { name: "file", about: "The file, where nothing was copied." },
    ],
    ..BLANK
};

impl Module for Fetch {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        if context.check {
            let mut result = TaskResult::ok().message("check mode not (yet) supported for this module");
            result.skipped = true;
            return Ok(Step::Done(result));
        }
        let call = LookCall::at([context.args.needed("src")]).sha1().content(EDIT_LIMIT);
        let question = call.question();
        let next = move |answers: Vec<Answer>| {
            let look = Look::read(&call, answers.first().unwrap_or(&Answer::default()))?;
            fetched(&context, &look)
        };
        Ok(Step::Ask(vec![question], Box::new(next)))
    }
}

fn fetched(context: &TaskContext, look: &Look) -> Result<Step, ModuleError> {
    let args = &context.args;
    let state = look.paths[0].follow();
    let name = look.paths[0].name.as_str();
    let Some(bytes) = look.content.clone() else {
        let size = state.stat.as_ref().map_or(0, |stat| stat.size);
        let message = if !state.exists() {
            "the remote file does not exist".to_owned()
        } else if state.is_directory() {
            "remote file is a directory, fetch cannot work on directories".to_owned()
        } else if size > EDIT_LIMIT as u64 {
            return Err(ModuleError::new(format!("{name} is larger than {EDIT_LIMIT} bytes")).field("file", name));
        } else {
            "the remote file is not readable".to_owned()
        };
        let message = format!("{message}, not transferring, ignored");
        if args.bool("fail_on_missing") {
            return Err(ModuleError::new(message));
        }
        return Ok(Step::Done(TaskResult::ok().message(message).field("file", name)));
    };
    let dest = place(context, name);
    let sha1 = hex(&Sha1::digest(&bytes));
    if args.bool("validate_checksum") && !state.checksum.is_empty() && state.checksum != sha1 {
        let message = "checksum mismatch".to_owned();
        return Err(ModuleError::new(message).field("checksum", sha1).field("remote_checksum", state.checksum));
    }
    let md5 = hex(&Md5::digest(&bytes));
    let result = |changed: bool| {
        let result = TaskResult::with_changed(changed).field("dest", dest.display().to_string());
        result.field("checksum", sha1.as_str()).field("remote_checksum", sha1.as_str())
    };
    let fetched = Fetched {
        name: name.to_owned(),
        flat: args.bool("flat").then(|| args.needed("dest").ends_with('/')),
        diff: context.diff,
        same: result(false).field("md5sum", md5.as_str()).field("file", name),
        done: result(true).field("md5sum", md5).field("remote_md5sum", Value::Null),
        sha1,
        bytes,
        dest: dest.clone(),
    };
    Ok(Step::Local(LocalRead::Path(dest), Box::new(move |reply| fetched.save(reply))))
}

/// A file of the host, and where it is to go.
struct Fetched {
    name: String,
    bytes: Vec<u8>,
    sha1: String,
    dest: PathBuf,
    /// Where `dest` is not the folder of all hosts: whether it is a directory, by its slash.
    flat: Option<bool>,
    diff: bool,
    same: TaskResult,
    done: TaskResult,
}

impl Fetched {
    fn save(self, reply: LocalReply) -> Result<Step, ModuleError> {
        let LocalReply::Path(there) = reply else { return Err(ModuleError::new("the controller did not answer")) };
        let there = there.map(|path| path.file);
        if there.as_ref().is_some_and(|file| file.kind == LocalKind::Directory) {
            return Err(ModuleError::new(match self.flat {
                Some(false) => "dest is an existing directory, use a trailing slash if you want to fetch src into that \
                                directory"
                    .to_owned(),
                _ => format!(
                    "calculated dest '{}' is an existing directory, use another path that does not point to an \
                     existing directory",
                    self.dest.display()
                ),
            }));
        }
        if there.as_ref().is_some_and(|file| file.sha1.as_ref() == Some(&self.sha1)) {
            return Ok(Step::Done(self.same));
        }
        let shown = self.dest.display().to_string();
        let before = match &there {
            None => &b""[..],
            // What is too large to be read is only named.
            Some(file) => file.content.as_deref().unwrap_or(b"\0"),
        };
        let diff = if self.diff {
            vec![diff::contents((&shown, &self.name), before, &self.bytes)]
        } else {
            Vec::new()
        };
        let action = Action::SaveLocal { path: self.dest, content: Content::Bytes(self.bytes.into()) };
        let done = self.done;
        let next = move |answer: Option<Answer>| match answer {
            Some(answer) if answer.rc != 0 => Err(ModuleError::new(answer.errors().trim().to_owned())),
            _ => Ok(Step::Done(done)),
        };
        Ok(Step::Change(Change { diff, action }, Box::new(next)))
    }
}

/// Where the file goes. What the host says of its name leads nowhere above `dest`.
fn place(context: &TaskContext, name: &str) -> PathBuf {
    let dest = context.args.needed("dest");
    let root = context.templar.search().playbook.join(dest);
    if !context.args.bool("flat") {
        let below = Path::new(name).components().filter(|part| matches!(part, Component::Normal(_)));
        return below.fold(root.join(&*context.host), |path, part| path.join(part));
    }
    if dest.ends_with('/') { root.join(paths::base(context.args.needed("src"))) } else { root }
}
