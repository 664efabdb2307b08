//! `openssl_dhparam`: parameters for Diffie and Hellman's exchange of keys.

use crate::modules::certificates::{Made, bits};
use crate::modules::files::file_arguments;
use crate::modules::flow;
use crate::modules::{Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult, probes};

/// The module.
pub struct OpensslDhparam;

/// The module.
pub static MODULE: OpensslDhparam = OpensslDhparam;

static SPEC: Spec = Spec {
    name: "openssl_dhparam",
    collections: &["community.crypto", "community.general"],
    summary: "Makes parameters for the exchange of keys, on the host.",
    arguments: file_arguments![
        Argument::path("path", "The file.").required(),
        Argument::int("size", "Their size in bits.").default("4096"),
        Argument::text("state", "Whether they are there.").default("present").choices(&["absent", "present"]),
        Argument::bool("force", false, "Makes them anew."),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::text("select_crypto_backend", "No matter: the host's openssl makes them.")
            .default("auto")
            .choices(&["auto", "cryptography", "openssl"]),
    ],
    returns: &[
        Return { name: "size", about: "Their size in bits." },
        Return { name: "filename", about: "The file." },
        Return { name: "backup_file", about: "Where the old file is kept." },
    ],
    ..BLANK
};

impl Module for OpensslDhparam {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let path = args.needed("path").to_owned();
        let size = args.int("size").unwrap_or(4096);
        Made {
            probe: &probes::OPENSSL,
            asked: flow::words(["dhparam", "-check"]),
            words: flow::words(["dhparam", &size.to_string()]),
            secrets: Vec::new(),
            mode: "",
            fits: Box::new(move |said| {
                Ok(said.is_some_and(|said| bits(said) == Some(size) && !said.contains("WARNING")))
            }),
            result: TaskResult::ok().field("size", size).field("filename", path.as_str()),
            path,
        }
        .start(args)
    }
}
