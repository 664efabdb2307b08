//! `x509_certificate`: certificates that the host signs itself.

use crate::modules::certificates::Made;
use crate::modules::files::file_arguments;
use crate::modules::flow;
use crate::modules::{Args, Argument, BLANK, Module, ModuleError, Return, Rule, Spec, Step, TaskContext, TaskResult, probes};
use crate::secret::Secret;

/// The module.
pub struct X509Certificate;

/// The module.
pub static MODULE: X509Certificate = X509Certificate;

static SPEC: Spec = Spec {
    name: "x509_certificate",
    collections: &["community.crypto", "community.general"],
    aliases: &["openssl_certificate"],
    summary: "Makes certificates, signed by their own key or by an authority's, with the host's openssl 3.",
    arguments: file_arguments![
        Argument::path("path", "The file.").required(),
        Argument::text("provider", "Who signs it: its own key, or an authority's.").choices(&["selfsigned", "ownca"]),
        Argument::path("csr_path", "The request that it is made from, on the host."),
        Argument::path("privatekey_path", "Its private key, on the host."),
        Argument::text("privatekey_passphrase", "What that is locked with.").secret(),
        Argument::text("selfsigned_digest", "The digest that it is signed with.").default("sha256"),
        Argument::text("selfsigned_not_before", "From when it is valid: only from now.").default("+0s").choices(&["+0s"]).aliases(&["selfsigned_notBefore"]),
        Argument::text("selfsigned_not_after", "For how long: `+3650d`, `+10w`.").default("+3650d").aliases(&["selfsigned_notAfter"]),
        Argument::int("selfsigned_version", "No matter: there is only one.").default("3"),
        Argument::path("ownca_path", "The authority's certificate, on the host."),
        Argument::path("ownca_privatekey_path", "The authority's private key, on the host."),
        Argument::text("ownca_privatekey_passphrase", "What that is locked with.").secret(),
        Argument::text("ownca_digest", "The digest that the authority signs with.").default("sha256"),
        Argument::text("ownca_not_before", "From when it is valid: only from now.").default("+0s").choices(&["+0s"]),
        Argument::text("ownca_not_after", "For how long: `+3650d`, `+10w`.").default("+3650d"),
        Argument::int("ownca_version", "No matter: there is only one.").default("3"),
        Argument::bool("ignore_timestamps", true, "No matter: dates are not compared."),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::bool("force", false, "Makes it anew."),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::text("select_crypto_backend", "No matter: the host's openssl makes it.").default("auto").choices(&["auto", "cryptography"]),
    ],
    rules: &[
        Rule::If("state", "present", &["provider"]),
        Rule::If("provider", "selfsigned", &["privatekey_path"]),
        Rule::If("provider", "ownca", &["csr_path", "ownca_path", "ownca_privatekey_path"]),
    ],
    returns: &[
        Return { name: "filename", about: "The file." },
        Return { name: "privatekey", about: "Its private key, if that was given." },
        Return { name: "csr", about: "The request, if that was given." },
        Return { name: "backup_file", about: "Where the old file is kept." },
    ],
    ..BLANK
};

impl Module for X509Certificate {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let path = args.needed("path").to_owned();
        let own = args.text("provider") != Some("ownca");
        let absent = args.needed("state") == "absent";
        let words = if absent { Vec::new() } else { words(&args, own)? };
        let file = |name: &str| if absent { "" } else { args.needed(name) };
        let authority = if own { "" } else { file("ownca_path") };
        let asked = flow::words(["x509", file("privatekey_path"), file("csr_path"), authority]);
        let marks = [("=key", asked[1].clone()), ("=request", asked[2].clone()), ("=authority", authority.to_owned())];
        let wanted: Vec<&str> = marks.iter().filter(|(_, file)| !file.is_empty()).map(|(mark, _)| *mark).collect();
        let secret = |name: &str| Secret::new(args.text(name).unwrap_or_default().to_owned());
        let mut result = TaskResult::ok().field("filename", path.as_str());
        for (field, argument) in [("privatekey", "privatekey_path"), ("csr", "csr_path")] {
            if let Some(file) = args.text(argument) {
                result = result.field(field, file);
            }
        }
        Made {
            probe: &probes::OPENSSL_PAIR,
            asked,
            words,
            secrets: vec![
                ("PASSPHRASE".to_owned(), secret("privatekey_passphrase")),
                ("CA_PASSPHRASE".to_owned(), secret("ownca_privatekey_passphrase")),
            ],
            mode: "",
            fits: Box::new(move |said| {
                Ok(said.is_some_and(|said| wanted.iter().all(|mark| said.lines().any(|line| line == *mark))))
            }),
            result,
            path,
        }
        .start(args)
    }
}

fn words(args: &Args, own: bool) -> Result<Vec<String>, ModuleError> {
    let argument = if own { "selfsigned_not_after" } else { "ownca_not_after" };
    let days = days(args.needed(argument)).ok_or_else(|| {
        ModuleError::new(format!("{argument} must be a time from now in whole days or weeks: `+365d`, `+10w`"))
    })?;
    let days = days.to_string();
    if !own {
        let digest = format!("-{}", args.needed("ownca_digest"));
        return Ok(flow::words([
            "x509", "-req", "-in", args.needed("csr_path"), "-CA", args.needed("ownca_path"), "-CAkey",
            args.needed("ownca_privatekey_path"), "-passin", "env:CA_PASSPHRASE", "-days", &days, &digest,
            "-copy_extensions", "copyall",
        ]));
    }
    let digest = format!("-{}", args.needed("selfsigned_digest"));
    let mut words = flow::words([
        "req", "-x509", "-batch", "-key", args.needed("privatekey_path"), "-passin", "env:PASSPHRASE", "-days", &days,
        &digest,
    ]);
    words.extend(match args.text("csr_path") {
        Some(request) => flow::words(["-in", request, "-copy_extensions", "copyall"]),
        None => flow::words(["-subj", "/"]),
    });
    Ok(words)
}

/// A time from now in days: `+3650d`, `+10w`, `+1w2d`.
fn days(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix('+')?;
    let mut days: u64 = 0;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit())?;
        let number: u64 = rest[..end].parse().ok()?;
        let factor = match rest.as_bytes()[end] {
            b'd' => 1,
            b'w' => 7,
            _ => return None,
        };
        days = days.checked_add(number.checked_mul(factor)?)?;
        rest = &rest[end + 1..];
    }
    (days > 0).then_some(days)
}
