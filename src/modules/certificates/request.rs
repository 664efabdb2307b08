//! What a certificate signing request holds, for openssl to make and as openssl says it.
//!
//! Pure: arguments and text in, words and values out.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::modules::{Args, ModuleError};

/// The parts of a subject that have arguments of their own, in order.
const PARTS: [(&str, &str); 7] = [
    ("country_name", "C"),
    ("state_or_province_name", "ST"),
    ("locality_name", "L"),
    ("organization_name", "O"),
    ("organizational_unit_name", "OU"),
    ("common_name", "CN"),
    ("email_address", "emailAddress"),
];

/// Other names for the parts of a subject.
const LONG: [(&str, &str); 8] = [
    ("countryName", "C"),
    ("stateOrProvinceName", "ST"),
    ("localityName", "L"),
    ("organizationName", "O"),
    ("organizationalUnitName", "OU"),
    ("commonName", "CN"),
    ("E", "emailAddress"),
    ("Email", "emailAddress"),
];

/// Uses of keys: the names that openssl takes, and those that it says.
const USES: [(&str, &str); 17] = [
    ("digitalSignature", "Digital Signature"),
    ("nonRepudiation", "Non Repudiation"),
    ("keyEncipherment", "Key Encipherment"),
    ("dataEncipherment", "Data Encipherment"),
    ("keyAgreement", "Key Agreement"),
    ("keyCertSign", "Certificate Sign"),
    ("cRLSign", "CRL Sign"),
    ("encipherOnly", "Encipher Only"),
    ("decipherOnly", "Decipher Only"),
    ("serverAuth", "TLS Web Server Authentication"),
    ("clientAuth", "TLS Web Client Authentication"),
    ("codeSigning", "Code Signing"),
    ("emailProtection", "E-mail Protection"),
    ("timeStamping", "Time Stamping"),
    ("OCSPSigning", "OCSP Signing"),
    ("ipsecUser", "IPSec User"),
    ("anyExtendedKeyUsage", "Any Extended Key Usage"),
];

/// A request: its subject, and its extensions by the names that openssl says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    subject: Vec<(String, String)>,
    extensions: BTreeMap<String, Extension>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Extension {
    critical: bool,
    values: BTreeSet<String>,
    /// What openssl is told; empty where it was openssl that said it.
    told: String,
}

impl Request {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When a subject is none.
    pub fn of(args: &Args) -> Result<Self, ModuleError> {
        let mut request = Self { subject: subject(args)?, ..Self::default() };
        let mut names = args.texts("subject_alt_name");
        if names.is_empty() && args.bool("use_common_name_for_san") {
            let common = request.subject.iter().find(|(part, _)| part == "CN");
            names.extend(common.map(|(_, name)| format!("DNS:{name}")));
        }
        let uses = |names: &str| args.texts(names).iter().map(|name| used(name)).collect::<Vec<_>>();
        let permitted = args.texts("name_constraints_permitted").into_iter().map(|name| format!("permitted;{name}"));
        let excluded = args.texts("name_constraints_excluded").into_iter().map(|name| format!("excluded;{name}"));
        let staple: Vec<String> =
            args.bool("ocsp_must_staple").then(|| "status_request".to_owned()).into_iter().collect();
        for (name, option, critical, values) in [
            ("X509v3 Subject Alternative Name", "subjectAltName", "subject_alt_name_critical", names),
            ("X509v3 Key Usage", "keyUsage", "key_usage_critical", uses("key_usage")),
            (
                "X509v3 Extended Key Usage",
                "extendedKeyUsage",
                "extended_key_usage_critical",
                uses("extended_key_usage"),
            ),
            (
                "X509v3 Basic Constraints",
                "basicConstraints",
                "basic_constraints_critical",
                args.texts("basic_constraints"),
            ),
            (
                "X509v3 Name Constraints",
                "nameConstraints",
                "name_constraints_critical",
                permitted.chain(excluded).collect(),
            ),
            ("TLS Feature", "tlsfeature", "ocsp_must_staple_critical", staple),
        ] {
            if values.is_empty() {
                continue;
            }
            let critical = args.bool(critical);
            let told = format!("{option}={}{}", if critical { "critical," } else { "" }, values.join(","));
            let values = values.iter().map(|value| as_said(value)).collect();
            request.extensions.insert(name.to_owned(), Extension { critical, values, told });
        }
        if args.bool("create_subject_key_identifier") {
            let told = "subjectKeyIdentifier=hash".to_owned();
            let extension = Extension { told, ..Extension::default() };
            request.extensions.insert("X509v3 Subject Key Identifier".to_owned(), extension);
        }
        Ok(request)
    }

    /// The words of openssl for it.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('/', "\\/").replace('+', "\\+");
        let subject = self.subject.iter().map(|(part, value)| format!("{part}={}", escaped(value)));
        let mut words = vec!["-subj".to_owned(), format!("/{}", subject.collect::<Vec<_>>().join("/"))];
        for extension in self.extensions.values() {
            words.extend(["-addext".to_owned(), extension.told.clone()]);
        }
        words
    }

    /// Whether openssl says the same of one that is there.
    #[must_use]
    pub fn is_said(&self, said: &str) -> bool {
        let found = Self::said(said);
        let same = |(name, one): (&String, &Extension)| {
            found.extensions.get(name).is_some_and(|other| {
                one.critical == other.critical && (one.values == other.values || name.ends_with("Key Identifier"))
            })
        };
        found.subject == self.subject
            && found.extensions.len() == self.extensions.len()
            && self.extensions.iter().all(same)
    }

    /// Reads what openssl says of a request.
    fn said(said: &str) -> Self {
        let mut request = Self::default();
        let mut lines = said.lines().peekable();
        while let Some(line) = lines.next() {
            let name = line.trim();
            if name == "Subject:" {
                while let Some((part, value)) = lines.peek().and_then(|line| line.trim().split_once('=')) {
                    request.subject.push((part.to_owned(), value.to_owned()));
                    lines.next();
                }
            } else if name.starts_with("X509v3 ") || name.starts_with("TLS Feature") {
                let (name, critical) = name.split_once(':').unwrap_or((name, ""));
                let indent = indent(line);
                let mut values = BTreeSet::new();
                while let Some(value) = lines.next_if(|next| self::indent(next) > indent) {
                    values.extend(value.trim().split(", ").map(as_said));
                }
                let critical = critical.trim() == "critical";
                request.extensions.insert(name.to_owned(), Extension { critical, values, told: String::new() });
            }
        }
        request
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn subject(args: &Args) -> Result<Vec<(String, String)>, ModuleError> {
    let mut subject: Vec<(String, String)> = PARTS
        .iter()
        .filter_map(|(argument, part)| Some(((*part).to_owned(), args.text(argument)?.to_owned())))
        .collect();
    let ordered = args.list("subject_ordered").iter().filter_map(crate::template::Value::as_dict);
    for (part, value) in args.dict("subject").into_iter().chain(ordered).flatten() {
        let part = part.to_string();
        let part = LONG.iter().find(|(long, _)| *long == part).map_or(part, |(_, part)| (*part).to_owned());
        for value in value.as_list().unwrap_or(std::slice::from_ref(value)) {
            subject.push((part.clone(), value.to_string()));
        }
    }
    match subject.iter().find(|(part, _)| part.is_empty() || part.contains(['/', '=', '+'])) {
        Some((part, _)) => Err(ModuleError::new(format!("`{part}` is no part of a subject"))),
        None => Ok(subject),
    }
}

/// A use of keys as openssl takes it.
fn used(name: &str) -> String {
    USES.iter().find(|(_, long)| *long == name).map_or(name, |(short, _)| short).to_owned()
}

/// A value as openssl says it, with addresses in one form.
fn as_said(value: &str) -> String {
    let value = value.trim();
    if let Some((_, long)) = USES.iter().find(|(short, _)| *short == value) {
        return (*long).to_owned();
    }
    let address = value.strip_prefix("IP Address:").or(value.strip_prefix("IP:"));
    match (address, value.strip_prefix("RID:")) {
        (Some(address), _) => {
            format!(
                "IP:{}",
                address.parse::<IpAddr>().map_or_else(|_| address.to_owned(), |address| address.to_string())
            )
        }
        (None, Some(number)) => format!("Registered ID:{number}"),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::testing::{Mode, task};

    fn request(args: &serde_json::Value) -> Request {
        let mut all = serde_json::json!({"path": "r", "privatekey_path": "k"});
        all.as_object_mut().unwrap().extend(args.as_object().unwrap().clone());
        Request::of(&task("openssl_csr", &all, Mode::default(), std::path::PathBuf::new()).1.args).unwrap()
    }

    /// What openssl 3.0 says.
    const SAID: &str = "Certificate Request:
    Data:
        Version: 1 (0x0)
        Subject:
            C=DE
            O=f/o,o
            CN=www.x.y
        Subject Public Key Info:
            Public Key Algorithm: rsaEncryption
                Public-Key: (2048 bit)
        Attributes:
            Requested Extensions:
                X509v3 Subject Alternative Name: 
                    DNS:a.b, IP Address:1.2.3.4, IP Address:FE80:0:0:0:0:0:0:1, email:a@b
                X509v3 Key Usage: critical
                    Digital Signature, Key Encipherment
                X509v3 Extended Key Usage: 
                    TLS Web Server Authentication
                X509v3 Basic Constraints: critical
                    CA:TRUE, pathlen:0
                TLS Feature: 
                    status_request
    Signature Algorithm: sha256WithRSAEncryption
";

    #[test]
    fn a_request_is_known_by_what_openssl_says_of_it() {
        let args = serde_json::json!({
            "C": "DE", "organization_name": "f/o,o", "common_name": "www.x.y", "ocsp_must_staple": true,
            "subject_alt_name": ["DNS:a.b", "IP:fe80::1", "IP:1.2.3.4", "email:a@b"], "key_usage_critical": true,
            "key_usage": ["digitalSignature", "Key Encipherment"], "extended_key_usage": ["serverAuth"],
            "basic_constraints": ["CA:TRUE", "pathlen:0"], "basic_constraints_critical": true,
        });
        let wanted = request(&args);
        assert!(wanted.is_said(SAID));
        assert!(!wanted.is_said(&SAID.replace("CN=www.x.y", "CN=www.x.z")));
        assert!(!wanted.is_said(&SAID.replace("DNS:a.b, ", "")));
        assert!(!wanted.is_said(&SAID.replace("Usage: critical", "Usage:")));
        assert!(!wanted.is_said(&SAID.replace("TLS Feature", "X509v3 Other")));
        let words = wanted.words();
        assert_eq!(words[..2], ["-subj", "/C=DE/O=f\\/o,o/CN=www.x.y"]);
        assert!(words.contains(&"keyUsage=critical,digitalSignature,keyEncipherment".to_owned()), "{words:?}");
    }

    #[test]
    fn the_rest_of_a_request_is_told_to_openssl() {
        let args = serde_json::json!({
            "subject_ordered": [{"commonName": "www.x.y"}, {"OU": ["a", "b"]}], "subject_alt_name_critical": true,
            "name_constraints_permitted": ["DNS:.x.y"], "name_constraints_excluded": ["DNS:.z"],
            "name_constraints_critical": true, "create_subject_key_identifier": true, "ocsp_must_staple": true,
            "ocsp_must_staple_critical": true, "extended_key_usage": ["1.2.3"], "extended_key_usage_critical": true,
        });
        assert_eq!(
            request(&args).words(),
            [
                "-subj",
                "/CN=www.x.y/OU=a/OU=b",
                "-addext",
                "tlsfeature=critical,status_request",
                "-addext",
                "extendedKeyUsage=critical,1.2.3",
                "-addext",
                "nameConstraints=critical,permitted;DNS:.x.y,excluded;DNS:.z",
                "-addext",
                "subjectAltName=critical,DNS:www.x.y",
                "-addext",
                "subjectKeyIdentifier=hash",
            ]
        );
        let bare = request(&serde_json::json!({"subject": {"CN": "a"}, "use_common_name_for_san": false}));
        assert_eq!(bare.words(), ["-subj", "/CN=a"]);
    }
}
