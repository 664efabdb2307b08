//! Base 64, digests and identifiers made of text.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use sha1::Digest as _;
use uuid::Uuid;

use super::bind::{Answer, bind, none};
use super::python::{check, flag, text, words};
use crate::template::{Arguments, Calls, TemplateError, Value};

pub fn b64encode(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [encoding, urlsafe] = bind(arguments, "b64encode", ["encoding", "urlsafe"], 0)?;
    let bytes = encoded(&text(&value)?, &words(encoding.as_ref(), "utf-8")?)?;
    Ok(if flag(urlsafe.as_ref())? { URL_SAFE.encode(bytes) } else { STANDARD.encode(bytes) }.into())
}

fn encoded(text: &str, encoding: &str) -> Answer<Vec<u8>> {
    let unfit = || TemplateError::value(format!("'{encoding}' codec can't encode a character of the text"));
    Ok(match encoding.to_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" => text.as_bytes().to_vec(),
        "ascii" | "us-ascii" if text.is_ascii() => text.as_bytes().to_vec(),
        "ascii" | "us-ascii" => return Err(unfit()),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => {
            text.chars().map(|letter| u8::try_from(u32::from(letter)).map_err(|_| unfit())).collect::<Answer<_>>()?
        }
        "utf-16-le" | "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16-be" | "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "utf-16" | "utf16" => [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        _ => return Err(TemplateError::value(format!("unknown encoding: {encoding}"))),
    })
}

pub fn b64decode(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [encoding, urlsafe] = bind(arguments, "b64decode", ["encoding", "urlsafe"], 0)?;
    let mut text = text(&value)?;
    if flag(urlsafe.as_ref())? {
        text = text.replace('-', "+").replace('_', "/");
    }
    let bytes = bytes_of_base64(&text)?;
    decoded(&bytes, &words(encoding.as_ref(), "utf-8")?).map(Value::from)
}

/// Decodes as Python does: characters outside of the alphabet are passed over, what follows the padding too.
fn bytes_of_base64(text: &str) -> Answer<Vec<u8>> {
    let is_digit = |letter: char| letter.is_ascii_alphanumeric() || letter == '+' || letter == '/';
    let mut digits = String::new();
    let mut padding = 0;
    for letter in text.chars() {
        if letter == '=' && digits.len() % 4 >= 2 {
            padding += 1;
            if digits.len() % 4 + padding >= 4 {
                break;
            }
        } else if is_digit(letter) {
            padding = 0;
            digits.push(letter);
        }
    }
    let left = digits.len() % 4;
    if left == 1 {
        return Err(TemplateError::value(format!(
            "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
            digits.len()
        )));
    }
    if left != 0 && left + padding < 4 {
        return Err(TemplateError::value("Incorrect padding"));
    }
    let lenient = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new()
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone)
            .with_decode_allow_trailing_bits(true),
    );
    lenient.decode(&digits).map_err(|_| TemplateError::value("Incorrect padding"))
}

fn decoded(bytes: &[u8], encoding: &str) -> Answer<String> {
    let units = |from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| from([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units).trim_start_matches('\u{feff}').to_owned()
    };
    Ok(match encoding.to_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" | "ascii" | "us-ascii" => String::from_utf8_lossy(bytes).into_owned(),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => bytes.iter().map(|byte| char::from(*byte)).collect(),
        "utf-16-le" | "utf-16le" | "utf-16" | "utf16" => units(u16::from_le_bytes),
        "utf-16-be" | "utf-16be" => units(u16::from_be_bytes),
        _ => return Err(TemplateError::value(format!("unknown encoding: {encoding}"))),
    })
}

pub fn hash(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [kind] = bind(arguments, "get_hash", ["hashtype"], 0)?;
    digest(&text(&value)?, &words(kind.as_ref(), "sha1")?).map(Value::from)
}

pub fn md5(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "md5s")?;
    digest(&text(&value)?, "md5").map(Value::from)
}

pub fn sha1(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "secure_hash_s")?;
    digest(&text(&value)?, "sha1").map(Value::from)
}

fn digest(text: &str, kind: &str) -> Answer<String> {
    let bytes = text.as_bytes();
    Ok(match kind.to_lowercase().as_str() {
        "md5" => hex(&md5::Md5::digest(bytes)),
        "sha1" => hex(&sha1::Sha1::digest(bytes)),
        "sha224" => hex(&sha2::Sha224::digest(bytes)),
        "sha256" => hex(&sha2::Sha256::digest(bytes)),
        "sha384" => hex(&sha2::Sha384::digest(bytes)),
        "sha512" => hex(&sha2::Sha512::digest(bytes)),
        "sha512_256" | "sha512-256" => hex(&sha2::Sha512_256::digest(bytes)),
        "sha512_224" | "sha512-224" => hex(&sha2::Sha512_224::digest(bytes)),
        _ => {
            return Err(TemplateError::value(format!("unsupported hash type {kind}"))
                .hint("md5, sha1, sha224, sha256, sha384 and sha512 are supported"));
        }
    })
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(out, "{byte:02x}").expect("a String takes every write");
    }
    out
}

/// The namespace that Ansible's identifiers are made in.
const NAMESPACE: Uuid = Uuid::from_u128(0x361E_6D51_FAEC_444A_9079_3413_86DA_8E2E);

pub fn to_uuid(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [namespace] = bind(arguments, "to_uuid", ["namespace"], 0)?;
    let namespace = match namespace {
        None => NAMESPACE,
        Some(namespace) => {
            let given = text(&namespace)?;
            Uuid::parse_str(given.trim_start_matches("urn:uuid:")).map_err(|_| {
                TemplateError::value(format!(
                    "Invalid value '{given}' for 'namespace': badly formed hexadecimal UUID string"
                ))
            })?
        }
    };
    check(&value)?;
    // UUID version 5 (RFC 9562, 5.5): SHA-1 of the namespace and the name, of which the first sixteen bytes are kept.
    let mut sha1 = sha1::Sha1::new();
    sha1.update(namespace.as_bytes());
    sha1.update(text(&value)?.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha1.finalize()[..16]);
    Ok(uuid::Builder::from_sha1_bytes(bytes).into_uuid().to_string().into())
}

/// CRC-32 as `zlib` computes it, in hexadecimal.
pub fn crc32(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "crc32s")?;
    let Value::String(text) = &value else {
        check(&value)?;
        return Err(TemplateError::value(format!("You must pass a string value, but got {}", value.type_name())));
    };
    let mut crc = u32::MAX;
    for byte in text.as_str().bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    Ok(format!("{:x}", !crc).into())
}
