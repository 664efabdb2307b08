//! `openssl_csr`: certificate signing requests.

use crate::modules::certificates::Made;
use crate::modules::certificates::request::Request;
use crate::modules::files::file_arguments;
use crate::modules::flow;
use crate::modules::{Argument, BLANK, Kind, Module, ModuleError, Return, Rule, Spec, Step, TaskContext, TaskResult, probes};
use crate::secret::Secret;

/// The module.
pub struct OpensslCsr;

/// The module.
pub static MODULE: OpensslCsr = OpensslCsr;

static SPEC: Spec = Spec {
    name: "openssl_csr",
    collections: &["community.crypto", "community.general"],
    summary: "Makes certificate signing requests, with the host's openssl.",
    arguments: file_arguments![
        Argument::path("path", "The file.").required(),
        Argument::path("privatekey_path", "The private key, on the host.").required(),
        Argument::text("privatekey_passphrase", "What that is locked with.").secret(),
        Argument::text("digest", "The digest that it is signed with.").default("sha256"),
        Argument::int("version", "No matter: there is only one.").default("1"),
        Argument::of("subject", Kind::Dict, "Parts of the subject."),
        Argument::of("subject_ordered", Kind::List(&Kind::Dict), "The same, in this order."),
        Argument::text("country_name", "Part of the subject.").aliases(&["C", "countryName"]),
        Argument::text("state_or_province_name", "Part of the subject.").aliases(&["ST", "stateOrProvinceName"]),
        Argument::text("locality_name", "Part of the subject.").aliases(&["L", "localityName"]),
        Argument::text("organization_name", "Part of the subject.").aliases(&["O", "organizationName"]),
        Argument::text("organizational_unit_name", "Part of the subject.").aliases(&["OU", "organizationalUnitName"]),
        Argument::text("common_name", "Part of the subject.").aliases(&["CN", "commonName"]),
        Argument::text("email_address", "Part of the subject.").aliases(&["E", "emailAddress"]),
        Argument::list("subject_alt_name", "Names: `DNS:www.example.org`, `IP:10.0.0.1`, …").aliases(&["subjectAltName"]),
        Argument::bool("subject_alt_name_critical", false, "Whether who does not know them must refuse.").aliases(&["subjectAltName_critical"]),
        Argument::bool("use_common_name_for_san", true, "Whether the common name is one, without others.").aliases(&["useCommonNameForSAN"]),
        Argument::list("key_usage", "What the key is for.").aliases(&["keyUsage"]),
        Argument::bool("key_usage_critical", false, "Whether who does not know that must refuse.").aliases(&["keyUsage_critical"]),
        Argument::list("extended_key_usage", "What else it is for: `serverAuth`, …").aliases(&["extKeyUsage", "extendedKeyUsage"]),
        Argument::bool("extended_key_usage_critical", false, "Whether who does not know that must refuse.")
            .aliases(&["extKeyUsage_critical", "extendedKeyUsage_critical"]),
        Argument::list("basic_constraints", "Whether it is an authority: `CA:TRUE`, `pathlen:0`.").aliases(&["basicConstraints"]),
        Argument::bool("basic_constraints_critical", false, "Whether who does not know that must refuse.").aliases(&["basicConstraints_critical"]),
        Argument::bool("ocsp_must_staple", false, "Whether servers must show that it is still valid.").aliases(&["ocspMustStaple"]),
        Argument::bool("ocsp_must_staple_critical", false, "Whether who does not know that must refuse.").aliases(&["ocspMustStaple_critical"]),
        Argument::list("name_constraints_permitted", "Names that an authority may sign: `DNS:.example.org`."),
        Argument::list("name_constraints_excluded", "Names that it may not sign."),
        Argument::bool("name_constraints_critical", false, "Whether who does not know them must refuse."),
        Argument::bool("create_subject_key_identifier", false, "Adds the key's own number."),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::bool("force", false, "Makes it anew."),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::text("select_crypto_backend", "No matter: the host's openssl makes it.").default("auto").choices(&["auto", "cryptography"]),
    ],
    rules: &[Rule::Exclusive(&["subject", "subject_ordered"])],
    returns: &[
        Return { name: "privatekey", about: "The private key." },
        Return { name: "filename", about: "The file." },
        Return { name: "backup_file", about: "Where the old file is kept." },
    ],
    ..BLANK
};

impl Module for OpensslCsr {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let request = Request::of(&args)?;
        let (path, key) = (args.needed("path").to_owned(), args.needed("privatekey_path"));
        let digest = format!("-{}", args.needed("digest"));
        let mut words = flow::words(["req", "-new", "-batch", "-utf8", "-key", key, "-passin", "env:PASSPHRASE", &digest]);
        words.extend(request.words());
        let passphrase = args.text("privatekey_passphrase").unwrap_or_default().to_owned();
        let asked_key = if args.needed("state") == "absent" { "" } else { key };
        Made {
            probe: &probes::OPENSSL_PAIR,
            asked: flow::words(["req", asked_key]),
            words,
            secrets: vec![("PASSPHRASE".to_owned(), Secret::new(passphrase))],
            mode: "",
            fits: Box::new(move |said| {
                Ok(said.is_some_and(|said| said.lines().any(|line| line == "=key") && request.is_said(said)))
            }),
            result: TaskResult::ok().field("privatekey", key).field("filename", path.as_str()),
            path,
        }
        .start(args)
    }
}
