//! Servers of `MongoDB`, through the shell that the host has.

use serde_json::{Value as Json, json};

use crate::modules::{Answer, Args, Argument, Kind, ModuleError};
use crate::secret::Secret;
use crate::template::Value;

const SCRIPT: &str = include_str!("mongodb.js");

/// How to reach a server, as all modules of `MongoDB` take it.
pub const LOGIN: [Argument; 15] = [
    Argument::text("login_user", "The user to log in as."),
    Argument::text("login_password", "That user's password.").secret(),
    Argument::text("login_database", "The database that knows that user.").default("admin"),
    Argument::text("login_host", "The server.").default("localhost"),
    Argument::int("login_port", "Its port.").default("27017"),
    Argument::bool("strict_compatibility", true, "Without it only the first user may be made without a login."),
    Argument::bool("atlas_auth", false, "Has no meaning here: logs in as elsewhere."),
    Argument::bool("ssl", false, "Whether the connection is encrypted.").aliases(&["tls"]),
    Argument::text("ssl_cert_reqs", "Whether the server's certificate is checked.")
        .default("CERT_REQUIRED")
        .choices(&["CERT_NONE", "CERT_OPTIONAL", "CERT_REQUIRED"])
        .aliases(&["tlsAllowInvalidCertificates"]),
    Argument::text("ssl_ca_certs", "Certificates of authorities.").aliases(&["tlsCAFile"]),
    Argument::text("ssl_crlfile", "Certificates that are revoked."),
    Argument::text("ssl_certfile", "Certificate and key of the client.").aliases(&["tlsCertificateKeyFile"]),
    Argument::text("ssl_pem_passphrase", "What opens that key.").secret().aliases(&["tlsCertificateKeyFilePassword"]),
    Argument::text("auth_mechanism", "How the login is proven.").choices(&[
        "SCRAM-SHA-256",
        "SCRAM-SHA-1",
        "MONGODB-X509",
        "GSSAPI",
        "PLAIN",
    ]),
    Argument::of("connection_options", Kind::List(&Kind::Raw), "Further options: `name=value`, or dictionaries."),
];

/// The script that gives a server commands. It holds passwords.
///
/// # Errors
/// When the login makes no sense.
pub fn script(args: &Args, database: &str, commands: &[Json]) -> Result<Secret, ModuleError> {
    let given = json!({"address": address(args)?, "database": database, "commands": commands});
    Ok(Secret::new(format!("{}({given});", SCRIPT.trim_end())))
}

/// The address of the server, with the login.
fn address(args: &Args) -> Result<String, ModuleError> {
    let given = |name: &str| args.text(name).filter(|text| !text.is_empty());
    let login = match (given("login_user"), given("login_password")) {
        (Some(user), Some(password)) => format!("{}:{}@", percent_encoded(user), percent_encoded(password)),
        (None, None) => String::new(),
        _ if args.bool("ssl") => String::new(),
        _ => {
            return Err(ModuleError::new(
                "When supplying login arguments, both 'login_user' and 'login_password' must be provided",
            ));
        }
    };
    let mut options = vec![("authSource".to_owned(), args.needed("login_database").to_owned())];
    match given("replica_set") {
        Some(set) => options.push(("replicaSet".to_owned(), set.to_owned())),
        None => options.push(("directConnection".to_owned(), "true".to_owned())),
    }
    if args.bool("ssl") {
        options.push(("tls".to_owned(), "true".to_owned()));
        if args.text("ssl_cert_reqs") == Some("CERT_NONE") {
            options.push(("tlsAllowInvalidCertificates".to_owned(), "true".to_owned()));
        }
        for (name, option) in [
            ("ssl_ca_certs", "tlsCAFile"),
            ("ssl_crlfile", "tlsCRLFile"),
            ("ssl_certfile", "tlsCertificateKeyFile"),
            ("ssl_pem_passphrase", "tlsCertificateKeyFilePassword"),
            ("auth_mechanism", "authMechanism"),
        ] {
            options.extend(given(name).map(|value| (option.to_owned(), value.to_owned())));
        }
        options.extend(further(args)?);
    }
    let options: Vec<String> =
        options.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
    let port = args.int("login_port").unwrap_or(27017);
    Ok(format!("mongodb://{login}{}:{port}/?{}", args.needed("login_host"), options.join("&")))
}

/// A text within an address.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value)]);
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
        out
    })
}

/// Options that the task gives in their own words.
fn further(args: &Args) -> Result<Vec<(String, String)>, ModuleError> {
    let mut options = Vec::new();
    for item in args.list("connection_options") {
        match (item, item.as_str().and_then(|text| text.split_once('='))) {
            (_, Some((name, value))) => options.push((name.to_owned(), value.to_owned())),
            (Value::Dict(dict), _) => {
                options.extend(dict.iter().map(|(name, value)| (name.to_string(), value.to_string())));
            }
            _ => return Err(ModuleError::new(format!("Invalid value supplied in connection_options: {item} ."))),
        }
    }
    Ok(options)
}

/// A server's refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub message: String,
    /// Its number.
    pub code: i64,
}

/// What the server answered to the last command.
///
/// # Errors
/// When it cannot be reached, or the client is not there.
pub fn said(answer: &Answer) -> Result<Result<Json, Refusal>, ModuleError> {
    let unreachable = |why: &str| ModuleError::new(format!("Unable to connect to database: {}", why.trim()));
    let text = answer.text();
    let line = text.lines().find_map(|line| line.strip_prefix("@said "));
    let Some(said) = line.and_then(|line| serde_json::from_str::<Json>(line).ok()) else {
        return Err(if answer.rc == 127 {
            ModuleError::new(answer.errors().trim())
        } else {
            let errors = answer.errors();
            unreachable(if errors.trim().is_empty() { &text } else { &errors })
        });
    };
    let Some(last) = said.as_array().and_then(|answers| answers.last()) else {
        return Err(unreachable(said["errmsg"].as_str().unwrap_or_default()));
    };
    let is_ok = last["ok"].as_f64().is_some_and(|ok| ok != 0.0);
    Ok(if is_ok {
        Ok(last.clone())
    } else {
        let message = last["errmsg"].as_str().unwrap_or_default().to_owned();
        Err(Refusal { message, code: last["code"].as_i64().unwrap_or_default() })
    })
}
