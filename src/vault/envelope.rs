//! The text that an encrypted text travels in: a header, then hexadecimal lines of 80 columns.

use std::fmt::Write as _;

use super::VaultError;

/// How every envelope begins.
pub const HEADER: &str = "$ANSIBLE_VAULT";

/// The id of a password, and of a text, for which none was given.
pub const DEFAULT_ID: &str = "default";

const CIPHER: &str = "AES256";
const COLUMNS: usize = 80;

/// What an envelope holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The id of the password; none in version 1.1.
    pub id: Option<String>,
    /// The salt of the keys.
    pub salt: Vec<u8>,
    /// The authentication code.
    pub code: Vec<u8>,
    /// The encrypted bytes.
    pub encrypted: Vec<u8>,
}

impl Envelope {
    /// Reads an envelope. Blanks around its lines do not count.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let mut lines = text.trim().lines().map(str::trim);
        let id = header(lines.next().unwrap_or_default())?;
        let body = unhex(lines.collect::<String>().as_bytes())?;
        let mut parts = body.splitn(3, |byte| *byte == b'\n');
        let mut part = |what: &str| match parts.next() {
            Some(part) => unhex(part),
            None => Err(VaultError::Malformed(format!("its {what} is missing"))),
        };
        Ok(Self { id, salt: part("salt")?, code: part("authentication code")?, encrypted: part("content")? })
    }

    /// Writes an envelope.
    pub fn write(&self) -> String {
        let body = [&self.salt, &self.code, &self.encrypted].map(|part| hex(part)).join("\n");
        let body = hex(body.as_bytes());
        let mut text = match &self.id {
            Some(id) => format!("{HEADER};1.2;{CIPHER};{id}\n"),
            None => format!("{HEADER};1.1;{CIPHER}\n"),
        };
        for line in body.as_bytes().chunks(COLUMNS) {
            text.extend(line.iter().map(|byte| char::from(*byte)));
            text.push('\n');
        }
        text
    }
}

/// The id that a header names, if any.
fn header(line: &str) -> Result<Option<String>, VaultError> {
    let mut fields = line.split(';').map(str::trim);
    if fields.next() != Some(HEADER) {
        return Err(VaultError::Malformed(format!("it does not begin with {HEADER}")));
    }
    let (Some(version), Some(cipher)) = (fields.next(), fields.next()) else {
        return Err(VaultError::Malformed("its header names no version and cipher".to_owned()));
    };
    if !matches!(version, "1.1" | "1.2") {
        return Err(VaultError::Malformed(format!("its version {version:?} is not 1.1 or 1.2")));
    }
    if cipher != CIPHER {
        return Err(VaultError::Malformed(format!("its cipher {cipher:?} is not {CIPHER}")));
    }
    Ok(fields.next().filter(|id| !id.is_empty()).map(str::to_owned))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    })
}

fn unhex(text: &[u8]) -> Result<Vec<u8>, VaultError> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = text.chunks(2).map(byte).collect();
    bytes.ok_or_else(|| VaultError::Malformed("its lines are not hexadecimal, or one was cut".to_owned()))
}
