//! `openssl_privatekey`: private keys.

use crate::modules::certificates::{Made, bits};
use crate::modules::files::file_arguments;
use crate::modules::flow;
use crate::modules::{Argument, Args, BLANK, Module, ModuleError, Return, Rule, Spec, Step, TaskContext, TaskResult, probes};
use crate::secret::Secret;

/// The module.
pub struct OpensslPrivatekey;

/// The module.
pub static MODULE: OpensslPrivatekey = OpensslPrivatekey;

static SPEC: Spec = Spec {
    name: "openssl_privatekey",
    collections: &["community.crypto", "community.general"],
    summary: "Makes private keys, on the host; they never leave it.",
    arguments: file_arguments![
        Argument::path("path", "The file.").required(),
        Argument::text("type", "The kind of key.").default("RSA").choices(&["RSA", "ECC", "Ed25519", "Ed448", "X25519", "X448"]),
        Argument::int("size", "Its size in bits, for RSA.").default("4096"),
        Argument::text("curve", "Its curve, for ECC: `secp256r1`, `secp384r1`, `secp521r1`, `secp256k1`, …"),
        Argument::text("passphrase", "What the file is locked with.").secret(),
        Argument::text("cipher", "How; `auto` for AES with 256 bits.").default("auto"),
        Argument::text("format", "How it is written: as openssl writes keys of its kind.").default("auto_ignore").choices(&[
            "auto", "auto_ignore", "pkcs8",
        ]),
        Argument::text("regenerate", "When it is made anew: whatever differs, only what is broken, never, …")
            .default("full_idempotence")
            .choices(&["never", "fail", "partial_idempotence", "full_idempotence", "always"]),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::bool("force", false, "Makes it anew."),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::text("select_crypto_backend", "No matter: the host's openssl makes it.").default("auto").choices(&["auto", "cryptography"]),
    ],
    rules: &[Rule::If("type", "ECC", &["curve"])],
    returns: &[
        Return { name: "type", about: "The kind of key." },
        Return { name: "size", about: "Its size in bits, for RSA." },
        Return { name: "curve", about: "Its curve, for ECC." },
        Return { name: "filename", about: "The file." },
        Return { name: "backup_file", about: "Where the old file is kept." },
    ],
    ..BLANK
};

/// Names of curves: of standards, and of openssl.
const CURVES: [(&str, &str); 3] = [("secp256r1", "prime256v1"), ("secp192r1", "prime192v1"), ("secp224r1", "secp224r1")];

impl Module for OpensslPrivatekey {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let path = args.needed("path").to_owned();
        let kind = args.needed("type").to_owned();
        let passphrase = args.text("passphrase");
        // Without one, a file that is locked must not make openssl ask.
        let secret = Secret::new(passphrase.unwrap_or_default().to_owned());
        let mut words = flow::words(["genpkey", "-algorithm"]);
        let mut result = TaskResult::ok().field("type", kind.as_str()).field("filename", path.as_str());
        match kind.as_str() {
            "RSA" => {
                let size = args.int("size").unwrap_or(4096);
                words.extend(["RSA".to_owned(), "-pkeyopt".to_owned(), format!("rsa_keygen_bits:{size}")]);
                result = result.field("size", size);
            }
            "ECC" => {
                let curve = format!("ec_paramgen_curve:{}", curve(&args));
                words.extend(["EC", "-pkeyopt", &curve, "-pkeyopt", "ec_param_enc:named_curve"].map(str::to_owned));
                result = result.field("curve", args.needed("curve"));
            }
            other => words.push(other.to_uppercase()),
        }
        if passphrase.is_some() {
            let cipher = match args.needed("cipher") {
                "auto" => "aes-256-cbc",
                cipher => cipher,
            };
            words.extend([format!("-{cipher}"), "-pass".to_owned(), "env:PASSPHRASE".to_owned()]);
        }
        let judge = args.clone();
        Made {
            probe: &probes::OPENSSL,
            asked: flow::words(["pkey", "-passin", "env:PASSPHRASE"]),
            words,
            secrets: vec![("PASSPHRASE".to_owned(), secret)],
            mode: "0600",
            fits: Box::new(move |said| said.map_or(Ok(false), |said| stays(&judge, said))),
            result,
            path,
        }
        .start(args)
    }
}

fn curve(args: &Args) -> &str {
    let wanted = args.needed("curve");
    CURVES.iter().find(|(name, _)| *name == wanted).map_or(wanted, |(_, name)| name)
}

/// Whether a key that is there stays.
fn stays(args: &Args, said: &str) -> Result<bool, ModuleError> {
    let readable = said.contains("Public-Key:") || said.contains("pub:");
    let kind = args.needed("type");
    let same = readable
        && match kind {
            "RSA" => said.contains("Modulus:") && bits(said) == args.int("size"),
            "ECC" => said.contains(&format!("ASN1 OID: {}", curve(args))),
            other => said.contains(&format!("{} Public-Key", other.to_uppercase())),
        };
    let refuse = |what: &str| Err(ModuleError::new(format!("Key {what}. Use the `regenerate` or `force` options to make it anew.")));
    match (args.needed("regenerate"), readable, same) {
        ("always", ..) => Ok(false),
        ("fail", _, false) => refuse("has wrong type and/or size"),
        ("never" | "partial_idempotence", false, _) => refuse("is not readable"),
        ("never", true, _) | (_, true, true) => Ok(true),
        _ => Ok(false),
    }
}
