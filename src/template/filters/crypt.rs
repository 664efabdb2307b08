//! Hashes of passwords as `/etc/shadow` holds them: SHA-crypt, MD5-crypt and bcrypt.
//!
//! SHA-crypt follows Ulrich Drepper's specification (`SHA-crypt.txt`, 2007), MD5-crypt Poul-Henning Kamp's.

use sha1::Digest;

use super::bind::{Answer, bind};
use super::python::{check, integer, size, text, words};
use crate::template::{Arguments, Calls, TemplateError, Value};

/// Digits of these hashes.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Digits of bcrypt.
const BCRYPT_DIGITS: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn failed() -> TemplateError {
    TemplateError::value("Could not hash the secret.")
}

pub fn password_hash(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let names = ["hashtype", "salt", "salt_size", "rounds", "ident"];
    let [kind, salt, salt_size, rounds, ident] = bind(arguments, "get_encrypted_password", names, 0)?;
    let Value::String(secret) = &value else {
        check(&value)?;
        let kind = value.type_name();
        return Err(TemplateError::value(format!("secret must be unicode or bytes, not {kind}")));
    };
    let secret = secret.as_str().as_bytes();
    if secret.contains(&0) {
        return Err(failed());
    }
    let kind = words(kind.as_ref(), "sha512")?;
    let salt = salt.filter(Value::is_true).map(|salt| text(&salt)).transpose()?;
    let salt_size = integer(salt_size.as_ref(), 0)?;
    let rounds = integer(rounds.as_ref(), 0)?;
    let salted = |most: usize| match &salt {
        Some(salt) if salt.len() <= most && salt.bytes().all(|byte| DIGITS.contains(&byte)) => Ok(salt.clone()),
        Some(_) => {
            Err(failed().hint("the salt is too long or holds other characters than letters, digits, `.` and `/`"))
        }
        None => random_salt(if salt_size == 0 { most } else { size(salt_size).min(most) }, DIGITS),
    };
    let hash = match kind.as_str() {
        "sha512" | "sha512_crypt" => sha_crypt::<sha2::Sha512>(secret, &salted(16)?, turns(rounds, 656_000)?, &SHA512),
        "sha256" | "sha256_crypt" => sha_crypt::<sha2::Sha256>(secret, &salted(16)?, turns(rounds, 535_000)?, &SHA256),
        "md5" | "md5_crypt" => md5_crypt(secret, salted(8)?.as_bytes(), "1"),
        "blowfish" | "bcrypt" => bcrypt(secret, salt, rounds, &words(ident.as_ref(), "2b")?)?,
        _ => {
            return Err(TemplateError::value(format!(
                "{kind} is not in the list of supported passlib algorithms: md5, blowfish, sha256, sha512"
            )));
        }
    };
    Ok(hash.into())
}

/// A new hash of a password, as files of passwords of web servers hold them. `scheme` is passlib's name of it; none for
/// schemes that are not known here.
///
/// # Errors
/// When there are no random numbers, or the password cannot be hashed.
pub fn hash_password(scheme: &str, secret: &str) -> Answer<Option<String>> {
    let bytes = secret.as_bytes();
    Ok(Some(match scheme {
        "apr_md5_crypt" => md5_crypt(bytes, random_salt(8, DIGITS)?.as_bytes(), "apr1"),
        "md5_crypt" => md5_crypt(bytes, random_salt(8, DIGITS)?.as_bytes(), "1"),
        "sha256_crypt" => sha_crypt::<sha2::Sha256>(bytes, &random_salt(16, DIGITS)?, 535_000, &SHA256),
        "sha512_crypt" => sha_crypt::<sha2::Sha512>(bytes, &random_salt(16, DIGITS)?, 656_000, &SHA512),
        "bcrypt" => bcrypt(bytes, None, 0, "2y")?,
        "ldap_sha1" => ldap_sha1(bytes),
        "plaintext" => secret.to_owned(),
        _ => return Ok(None),
    }))
}

/// Whether a hash as files of passwords of web servers hold them is one of the password. Hashes that would take longer
/// than seconds are taken for others.
#[must_use]
pub fn is_hash_of(hash: &str, secret: &str) -> bool {
    /// More than anybody uses.
    const MOST: u32 = 5_000_000;
    let bytes = secret.as_bytes();
    if bytes.contains(&0) {
        return false;
    }
    let parts: Vec<&str> = hash.split('$').collect();
    match parts.as_slice() {
        ["", magic @ ("1" | "apr1"), salt, _] => md5_crypt(bytes, salt.as_bytes(), magic) == hash,
        ["", kind @ ("5" | "6"), rest @ ..] => {
            let rounds = rest.first().and_then(|first| first.strip_prefix("rounds="));
            let (rounds, rest) = rounds.map_or((5000, rest), |rounds| (rounds.parse().unwrap_or(MOST), &rest[1..]));
            let [salt, digest] = rest else { return false };
            let again = match *kind {
                _ if rounds >= MOST => return false,
                "5" => sha_crypt::<sha2::Sha256>(bytes, salt, rounds, &SHA256),
                _ => sha_crypt::<sha2::Sha512>(bytes, salt, rounds, &SHA512),
            };
            again.rsplit('$').next() == Some(digest)
        }
        ["", "2a" | "2b" | "2y", cost, _] => {
            cost.parse::<u32>().is_ok_and(|cost| cost <= 16) && ::bcrypt::verify(bytes, hash).unwrap_or(false)
        }
        _ if hash.starts_with("{SHA}") => ldap_sha1(bytes) == hash,
        _ => hash == secret,
    }
}

fn ldap_sha1(secret: &[u8]) -> String {
    use base64::Engine as _;
    format!("{{SHA}}{}", base64::engine::general_purpose::STANDARD.encode(sha1::Sha1::digest(secret)))
}

fn turns(rounds: i64, default: u32) -> Answer<u32> {
    match rounds {
        0 => Ok(default),
        1000..=999_999_999 => u32::try_from(rounds).map_err(|_| failed()),
        _ => Err(failed().hint("rounds are between 1000 and 999999999")),
    }
}

fn random_salt(length: usize, digits: &[u8; 64]) -> Answer<String> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|error| TemplateError::value(format!("no random numbers: {error}")))?;
    Ok(bytes.iter().map(|byte| char::from(digits[usize::from(byte & 63)])).collect())
}

/// How the bytes of a digest are written.
struct Layout {
    name: &'static str,
    order: &'static [[u8; 3]],
    tail: &'static [u8],
}

const SHA512: Layout = Layout {
    name: "6",
    order: &[
        [0, 21, 42],
        [22, 43, 1],
        [44, 2, 23],
        [3, 24, 45],
        [25, 46, 4],
        [47, 5, 26],
        [6, 27, 48],
        [28, 49, 7],
        [50, 8, 29],
        [9, 30, 51],
        [31, 52, 10],
        [53, 11, 32],
        [12, 33, 54],
        [34, 55, 13],
        [56, 14, 35],
        [15, 36, 57],
        [37, 58, 16],
        [59, 17, 38],
        [18, 39, 60],
        [40, 61, 19],
        [62, 20, 41],
    ],
    tail: &[63],
};

const SHA256: Layout = Layout {
    name: "5",
    order: &[
        [0, 10, 20],
        [21, 1, 11],
        [12, 22, 2],
        [3, 13, 23],
        [24, 4, 14],
        [15, 25, 5],
        [6, 16, 26],
        [27, 7, 17],
        [18, 28, 8],
        [9, 19, 29],
    ],
    tail: &[31, 30],
};

const MD5: Layout =
    Layout { name: "1", order: &[[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]], tail: &[11] };

impl Layout {
    fn encode(&self, digest: &[u8]) -> String {
        let mut out = String::new();
        let byte = |place: u8| u32::from(digest[usize::from(place)]);
        for [high, middle, low] in self.order {
            digits(&mut out, byte(*high) << 16 | byte(*middle) << 8 | byte(*low), 4);
        }
        let tail = self.tail.iter().fold(0, |value, place| value << 8 | byte(*place));
        digits(&mut out, tail, self.tail.len() + 1);
        out
    }
}

fn digits(out: &mut String, mut value: u32, count: usize) {
    for _ in 0..count {
        out.push(char::from(DIGITS[(value & 63) as usize]));
        value >>= 6;
    }
}

/// The first `length` bytes of a digest that is repeated.
fn stretched(digest: &[u8], length: usize) -> Vec<u8> {
    digest.iter().copied().cycle().take(length).collect()
}

fn sha_crypt<D: Digest>(secret: &[u8], salt: &str, rounds: u32, layout: &Layout) -> String {
    let digest = |parts: &[&[u8]]| {
        let mut hasher = D::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().to_vec()
    };
    let salt_bytes = salt.as_bytes();
    let other = digest(&[secret, salt_bytes, secret]);
    let mut hasher = D::new();
    hasher.update(secret);
    hasher.update(salt_bytes);
    hasher.update(stretched(&other, secret.len()));
    let mut length = secret.len();
    while length > 0 {
        hasher.update(if length & 1 == 1 { &other } else { secret });
        length >>= 1;
    }
    let mut current = hasher.finalize().to_vec();
    let long = digest(&vec![secret; secret.len()]);
    let secrets = stretched(&long, secret.len());
    let salts = digest(&vec![salt_bytes; 16 + usize::from(current[0])]);
    let salts = stretched(&salts, salt.len());
    for round in 0..rounds {
        let mut hasher = D::new();
        hasher.update(if round % 2 == 1 { &secrets } else { &current });
        if round % 3 != 0 {
            hasher.update(&salts);
        }
        if round % 7 != 0 {
            hasher.update(&secrets);
        }
        hasher.update(if round % 2 == 1 { &current } else { &secrets });
        current = hasher.finalize().to_vec();
    }
    let turns = if rounds == 5000 { String::new() } else { format!("rounds={rounds}$") };
    format!("${}${turns}{salt}${}", layout.name, layout.encode(&current))
}

/// MD5-crypt; `magic` is `1`, or `apr1` for Apache's.
fn md5_crypt(secret: &[u8], salt: &[u8], magic: &str) -> String {
    let mut other = md5::Md5::new();
    for part in [secret, salt, secret] {
        other.update(part);
    }
    let other = other.finalize();
    let mut hasher = md5::Md5::new();
    let start = format!("${magic}$");
    for part in [secret, start.as_bytes(), salt] {
        hasher.update(part);
    }
    hasher.update(stretched(&other, secret.len()));
    let mut length = secret.len();
    while length > 0 {
        hasher.update(if length & 1 == 1 { b"\0" } else { &secret[..1] });
        length >>= 1;
    }
    let mut current = hasher.finalize().to_vec();
    for round in 0..1000 {
        let mut hasher = md5::Md5::new();
        hasher.update(if round % 2 == 1 { secret } else { &current });
        if round % 3 != 0 {
            hasher.update(salt);
        }
        if round % 7 != 0 {
            hasher.update(secret);
        }
        hasher.update(if round % 2 == 1 { &current } else { secret });
        current = hasher.finalize().to_vec();
    }
    format!("{start}{}${}", String::from_utf8_lossy(salt), MD5.encode(&current))
}

fn bcrypt(secret: &[u8], salt: Option<String>, rounds: i64, ident: &str) -> Answer<String> {
    let cost = match rounds {
        0 => 12,
        4..=31 => u32::try_from(rounds).map_err(|_| failed())?,
        _ => return Err(failed().hint("rounds of bcrypt are between 4 and 31")),
    };
    let version = match ident {
        "2a" | "$2a$" => bcrypt::Version::TwoA,
        "2b" | "$2b$" => bcrypt::Version::TwoB,
        "2y" | "$2y$" => bcrypt::Version::TwoY,
        _ => return Err(failed().hint("`ident` is 2a, 2b or 2y")),
    };
    let salt = salt.map_or_else(|| random_salt(22, BCRYPT_DIGITS), Ok)?;
    let bytes =
        salt_bytes(&salt).ok_or_else(|| failed().hint("the salt of bcrypt has 22 letters, digits, `.` and `/`"))?;
    let hash = bcrypt::hash_with_salt(secret, cost, bytes).map_err(|_| failed())?;
    Ok(hash.format_for_version(version))
}

fn salt_bytes(salt: &str) -> Option<[u8; 16]> {
    let mut bits = 0u128;
    let digits: Vec<u8> = salt.bytes().collect();
    if digits.len() != 22 {
        return None;
    }
    for (place, digit) in digits.iter().enumerate() {
        let value = BCRYPT_DIGITS.iter().position(|known| known == digit)? as u128;
        // The last digit holds two bits of the salt; the rest is unused.
        bits = if place == 21 { bits << 2 | value >> 4 } else { bits << 6 | value };
    }
    Some(bits.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes that openssl 3.0 and glibc's crypt made.
    #[test]
    fn hashes_of_web_servers_are_told() {
        for hash in [
            "$apr1$aVbqKp9x$RrANnlhMuEl0ehQI99Zof/",
            "$1$abcdefgh$G//4keteveJp0qb8z2DxG/",
            "$5$abcdefgh$ZLdkj8mkc2XVSrPVjskDAgZPGjtj1VGVaa1aUkrMTU/",
            "$6$abcdefgh$yVfUwsw5T.JApa8POvClA1pQ5peiq97DUNyXCZN5IrF.BMSkiaLQ5kvpuEm/VQ1Tvh/KV2TcaWh8qinoW5dhA1",
            "$2b$04$Af9edl3x9FW189HsVhuvi.MZ7IDUtjf3GeznvIWihslWHyj35WcxK",
            "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
            "password",
        ] {
            assert!(is_hash_of(hash, "password") && !is_hash_of(hash, "Password"), "{hash}");
        }
    }

    #[test]
    fn new_hashes_are_their_own() {
        for scheme in ["apr_md5_crypt", "md5_crypt", "sha256_crypt", "sha512_crypt", "ldap_sha1", "plaintext"] {
            let hash = hash_password(scheme, "pass").expect("random numbers").expect("a known scheme");
            assert!(is_hash_of(&hash, "pass") && !is_hash_of(&hash, "Pass"), "{hash}");
        }
        assert_eq!(hash_password("md4", "pass").expect("no numbers are needed"), None);
        assert!(!is_hash_of("$6$rounds=999999999$aa$bb", "pass") && !is_hash_of("$2y$31$aa", "pass"));
    }
}
