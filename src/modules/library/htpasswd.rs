//! `htpasswd`: users in files of passwords of web servers.

use crate::modules::files::edit::{Current, Edit, Edited};
use crate::modules::files::file_arguments;
use crate::modules::{Argument, BLANK, Module, ModuleError, Spec, Step, TaskContext};
use crate::template::filters::{hash_password, is_hash_of};

/// The module.
pub struct Htpasswd;

/// The module.
pub static MODULE: Htpasswd = Htpasswd;

static SPEC: Spec = Spec {
    name: "htpasswd",
    collections: &["community.general", "ansible.builtin"],
    summary: "Sets passwords of users in files of web servers, or takes users away.",
    arguments: file_arguments![
        Argument::path("path", "The file.").required().aliases(&["dest", "destfile"]),
        Argument::text("name", "The user.").required().aliases(&["username"]),
        Argument::text("password", "The password; needed unless the user goes.").secret(),
        Argument::text("hash_scheme", "How a new password is hashed; one that is there is not hashed anew.")
            .default("apr_md5_crypt")
            .aliases(&["crypt_scheme"])
            .choices(&[
                "apr_md5_crypt",
                "bcrypt",
                "ldap_sha1",
                "md5_crypt",
                "plaintext",
                "sha256_crypt",
                "sha512_crypt",
            ]),
        Argument::text("state", "Whether the user is there.").default("present").choices(&["present", "absent"]),
        Argument::bool("create", true, "Makes a file that is missing."),
    ],
    ..BLANK
};

impl Module for Htpasswd {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let (user, check) = (args.needed("name").to_owned(), context.check);
        if user.is_empty() || user.contains([':', '\n', '\r']) || user.len() > 255 {
            return Err(ModuleError::new("user must have 1 to 255 characters, and neither colons nor newlines"));
        }
        let edit = Edit::of(&args, "path")?;
        let compute = move |current: &Current<'_>| {
            let path = &current.state.name;
            if args.needed("state") == "absent" {
                let Some(bytes) = current.content else {
                    return Ok(Edited { message: format!("{user} not present"), end: true, ..Edited::default() });
                };
                let rest = without(bytes, &user);
                let message = if rest.is_some() { format!("Remove {user}") } else { format!("{user} not present") };
                return Ok(Edited { content: rest, message, ..Edited::default() });
            }
            if current.content.is_none() && !args.bool("create") {
                return Err(ModuleError::new(format!("Destination {path} does not exist")));
            }
            let password = args.text("password");
            let password = password.ok_or_else(|| ModuleError::new("secret must be unicode or bytes, not None"))?;
            if password.contains('\0') || args.needed("hash_scheme") == "plaintext" && password.contains(['\n', '\r']) {
                return Err(ModuleError::new("the password cannot hold NUL, nor newlines where it is not hashed"));
            }
            let message = match current.content {
                Some(bytes) if hash_of(bytes, &user).is_some_and(|hash| is_hash_of(&hash, password)) => {
                    return Ok(Edited { message: format!("{user} already present"), ..Edited::default() });
                }
                Some(_) => format!("Add/update {user}"),
                None if check => format!("Create {path}"),
                None => format!("Created {path} and added {user}"),
            };
            let hash = hash_password(args.needed("hash_scheme"), password)?.unwrap_or_default();
            let bytes = with(current.content.unwrap_or_default(), &user, &hash);
            Ok(Edited { content: Some(bytes), message, ..Edited::default() })
        };
        // A difference would show hashes, also those of others.
        let quiet = TaskContext { diff: false, ..context };
        let edit = Edit { backup_field: ("backup_file", false), ..edit };
        Ok(edit.start(&quiet, Box::new(compute)))
    }
}

/// Lines that hold something.
fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty())
}

/// What stands behind the name, if the line is the user's.
fn of_user<'a>(line: &'a [u8], user: &str) -> Option<&'a [u8]> {
    line.strip_prefix(user.as_bytes())?.strip_prefix(b":")
}

fn hash_of(content: &[u8], user: &str) -> Option<String> {
    let hash = lines(content).find_map(|line| of_user(line, user))?;
    let hash = hash.split(|byte| *byte == b':').next()?;
    Some(String::from_utf8_lossy(hash.trim_ascii_end()).into_owned())
}

/// The content with another hash; a user who is not there comes at its end.
fn with(content: &[u8], user: &str, hash: &str) -> Vec<u8> {
    let mut all = Vec::new();
    let mut found = false;
    let line = format!("{user}:{hash}\n");
    for old in lines(content) {
        if of_user(old, user).is_none() {
            all.extend(old);
            all.push(b'\n');
        } else if !std::mem::replace(&mut found, true) {
            all.extend(line.as_bytes());
        }
    }
    if !found {
        all.extend(line.as_bytes());
    }
    all
}

/// The content without the user; none where the user is not there.
fn without(content: &[u8], user: &str) -> Option<Vec<u8>> {
    let stays = |line: &&[u8]| of_user(line, user).is_none();
    let all: Vec<u8> = lines(content).filter(stays).flat_map(|line| [line, b"\n"].concat()).collect();
    lines(content).any(|line| !stays(&line)).then_some(all)
}
