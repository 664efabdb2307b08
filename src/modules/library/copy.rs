//! `copy`: a file or a tree of the controller, a text, or a file of the host.

use crate::modules::files::copy::{self, Copy, Source};
use crate::modules::files::file_arguments;
use crate::modules::{Argument, BLANK, Kind, Module, ModuleError, Return, Spec, Step, TaskContext};

/// The module.
pub struct CopyModule;

/// The module.
pub static MODULE: CopyModule = CopyModule;

static SPEC: Spec = Spec {
    name: "copy",
    summary: "Copies files to a host.",
    arguments: file_arguments![
        Argument::text("src", "A file or directory of the controller; of the host with `remote_src`."),
        Argument::of("content", Kind::Raw, "What the file is to hold."),
        Argument::path("dest", "Where it goes.").required(),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::bool("force", true, "Replaces a file that differs."),
        Argument::text("validate", "The command that must accept the new file; `%s` stands for it."),
        Argument::of("directory_mode", Kind::Mode, "Permissions of directories that are made."),
        Argument::bool("remote_src", false, "Takes `src` from the host."),
        Argument::bool("local_follow", true, "Copies what symbolic links in `src` lead to."),
        Argument::bool("decrypt", true, "Decrypts vaulted files."),
        Argument::text("checksum", "The SHA-1 that the file must have."),
        Argument::bool("follow", false, "Writes to what a link at `dest` leads to."),
    ],
    returns: &[
        Return { name: "dest", about: "Where it went." },
        Return { name: "src", about: "Where it came from." },
        Return { name: "checksum", about: "Its SHA-1." },
        Return { name: "md5sum", about: "Its MD5, where it was written." },
        Return { name: "backup_file", about: "Where the old file was kept, if it was." },
    ],
    ..BLANK
};

impl Module for CopyModule {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    #[expect(clippy::similar_names, reason = "the pairs are what they are called")]
    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let copy = Copy::of(&context)?;
        match (args.text("src"), args.value("content")) {
            (None | Some(""), None) => Err(ModuleError::new("src (or content) is required")),
            (Some(_), Some(_)) => Err(ModuleError::new("src and content are mutually exclusive")),
            (None, Some(_)) if args.needed("dest").ends_with('/') => {
                Err(ModuleError::new("can not use content with a dir as dest"))
            }
            (_, Some(content)) => {
                let text = match content.as_str() {
                    Some(text) => text.to_owned(),
                    None if content.as_list().is_some() || content.as_dict().is_some() => copy::python_json(content),
                    None => content.to_string(),
                };
                copy.start(Source::text(text))
            }
            (Some(source), None) if args.bool("remote_src") => Ok(copy.remote(source)),
            (Some(source), None) => Ok(copy.local("files", source)),
        }
    }
}
