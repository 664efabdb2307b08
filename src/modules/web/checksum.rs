//! Checksums of files: as arguments give them, in lists that servers keep, and computed here.

use std::fs::File;
use std::io;

use crate::http::{Received, Response, base, scheme};
use crate::modules::ModuleError;
use crate::modules::files::copy::hex;

/// A checksum as the argument gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// `sha256` and the like.
    pub algorithm: String,
    /// The checksum, or the address of a list of them.
    pub value: String,
}

impl Wanted {
    /// Reads `sha256:…`; none when the text is empty.
    ///
    /// # Errors
    /// When it is no checksum.
    pub fn parse(text: &str) -> Result<Option<Self>, ModuleError> {
        if text.is_empty() {
            return Ok(None);
        }
        let Some((algorithm, value)) = text.split_once(':') else {
            return Err(ModuleError::new("The checksum parameter has to be in format <algorithm>:<checksum>"));
        };
        if !["md5", "sha1", "sha224", "sha256", "sha384", "sha512"].contains(&algorithm) {
            return Err(ModuleError::new(format!("Could not hash file with algorithm '{algorithm}'")));
        }
        let wanted = Self { algorithm: algorithm.to_owned(), value: value.to_owned() };
        if wanted.is_address() { Ok(Some(wanted)) } else { wanted.with(value).map(Some) }
    }

    /// Whether the value is the address of a list.
    #[must_use]
    pub fn is_address(&self) -> bool {
        ["http", "https", "ftp", "file"].contains(&scheme(&self.value).as_str())
    }

    /// With another value, cleaned.
    ///
    /// # Errors
    /// When it is not hexadecimal.
    pub fn with(&self, value: &str) -> Result<Self, ModuleError> {
        let value: String = value.chars().filter(|one| one.is_alphanumeric() || *one == '_').collect();
        let value = value.to_lowercase();
        if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ModuleError::new("The checksum format is invalid"));
        }
        Ok(Self { algorithm: self.algorithm.clone(), value })
    }

    /// With the value that a list has for a file.
    ///
    /// # Errors
    /// When it has none.
    pub fn listed(&self, list: &str, url: &str) -> Result<Self, ModuleError> {
        let name = file_name(url);
        let found = find(list, name).ok_or_else(|| {
            let address = crate::http::masked(&self.value);
            ModuleError::new(format!("Unable to find a checksum for file '{name}' in '{address}'"))
        })?;
        self.with(&found)
    }
}

/// The name that an address gives a file.
#[must_use]
pub fn file_name(url: &str) -> &str {
    Some(base(url)).filter(|name| !name.is_empty()).unwrap_or("index.html")
}

/// The checksum of a file in a list: lines of `sha256sum`, of BSD's `sha256`, or the checksum alone.
fn find(list: &str, name: &str) -> Option<String> {
    let lines: Vec<&str> = list.lines().collect();
    if let [only] = lines[..]
        && only.split_whitespace().count() == 1
    {
        return Some(only.trim().to_owned());
    }
    lines.iter().find_map(|line| {
        let bsd =
            line.split_once('(').and_then(|(_, rest)| rest.rsplit_once(") = ").or_else(|| rest.rsplit_once(")= ")));
        if let Some((path, digest)) = bsd.filter(|(_, digest)| digest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        {
            return (path == name).then(|| digest.to_owned());
        }
        let (digest, path) = line.split_once(char::is_whitespace)?;
        let path = path.trim_start();
        let path = path.strip_prefix('*').unwrap_or(path).trim_start_matches(['.', '/']);
        (path == name).then(|| digest.to_owned())
    })
}

/// The checksum of what the controller got.
///
/// # Errors
/// When it cannot be read again.
pub fn of(algorithm: &str, response: &Response) -> Result<String, ModuleError> {
    match algorithm {
        "md5" => digest::<md5::Md5>(response),
        "sha1" => digest::<sha1::Sha1>(response),
        "sha224" => digest::<sha2::Sha224>(response),
        "sha384" => digest::<sha2::Sha384>(response),
        "sha512" => digest::<sha2::Sha512>(response),
        _ => digest::<sha2::Sha256>(response),
    }
}

fn digest<D: sha2::Digest>(response: &Response) -> Result<String, ModuleError> {
    struct Hashing<D>(D);
    impl<D: sha2::Digest> io::Write for Hashing<D> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut hashing = Hashing(D::new());
    match &response.body {
        Received::Bytes(bytes) => hashing.0.update(bytes),
        Received::File(download) => {
            let copied = File::open(download.path()).and_then(|mut file| io::copy(&mut file, &mut hashing));
            copied.map_err(|error| ModuleError::new(format!("{}: {error}", download.path().display())))?;
        }
    }
    Ok(hex(&hashing.0.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expectations from ansible-core 2.19 (`parse_digest_lines`).
    #[test]
    fn lists_of_checksums_are_read() {
        for (list, wanted) in [
            ("abc123\n", Some("abc123")),
            ("abc  x.tar\ndef  a.tar\n", Some("def")),
            ("abc *./a.tar\n", Some("abc")),
            ("SHA256 (x.tar) = 123\nSHA256 (a.tar) = 456\n", Some("456")),
            ("abc  x/a.tar\ndef b\n", None),
            ("", None),
        ] {
            assert_eq!(find(list, "a.tar").as_deref(), wanted, "{list}");
        }
    }

    #[test]
    fn checksums_are_cleaned_or_refused() {
        let wanted = Wanted::parse("sha256:AB CD\u{200b}").unwrap().unwrap();
        assert_eq!(wanted.value, "abcd");
        assert!(Wanted::parse("sha256:https://x/SUMS").unwrap().unwrap().is_address());
        assert_eq!(Wanted::parse(""), Ok(None));
        for bad in ["abc", "sha256:xyz", "crc:12", "sha1:"] {
            assert!(Wanted::parse(bad).is_err(), "{bad}");
        }
    }
}
