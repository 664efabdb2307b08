//! Checksums as hosts compute them.

use std::fmt::Write as _;
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

/// The algorithms that hosts have tools for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha256,
    /// The CRC of POSIX `cksum`, for hosts that have nothing better.
    Cksum,
}

impl Algorithm {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "sha256" => Some(Self::Sha256),
            "cksum" => Some(Self::Cksum),
            _ => None,
        }
    }
}

/// A content's checksums, in every algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) sha256: String,
    /// CRC and length, joined by a hyphen.
    pub(super) cksum: String,
}

impl Digest {
    pub(super) fn of(&self, algorithm: Algorithm) -> &str {
        match algorithm {
            Algorithm::Sha256 => &self.sha256,
            Algorithm::Cksum => &self.cksum,
        }
    }

    /// Reads to the end; returns the digest and the length in bytes.
    pub(super) fn read(reader: &mut impl Read) -> io::Result<(Self, u64)> {
        let mut hasher = Hasher::default();
        let mut buffer = vec![0u8; 64 * 1024];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok((hasher.finish(), hasher.length)),
                Ok(length) => hasher.update(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Computes a [`Digest`] piece by piece.
#[derive(Clone, Default)]
pub(super) struct Hasher {
    sha256: Sha256,
    crc: u32,
    length: u64,
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.crc = bytes.iter().fold(self.crc, |crc, byte| step(crc, *byte));
        self.length += bytes.len() as u64;
    }

    pub(super) fn finish(&self) -> Digest {
        let sha256 = self.sha256.clone().finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a String takes every write");
            text
        });
        // POSIX appends the length, least significant byte first, without leading zeros.
        let mut crc = self.crc;
        let mut left = self.length;
        while left > 0 {
            crc = step(crc, left.to_le_bytes()[0]);
            left >>= 8;
        }
        Digest { sha256, cksum: format!("{}-{}", !crc, self.length) }
    }
}

fn step(crc: u32, byte: u8) -> u32 {
    (crc << 8) ^ TABLE[usize::from(crc.to_be_bytes()[0] ^ byte)]
}

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0u32; 256];
    let mut index = 0;
    while index < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the index is below 256")]
        let mut crc = (index as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000_0000 == 0 { crc << 1 } else { (crc << 1) ^ 0x04c1_1db7 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_tools() {
        // Printed by `cksum` and `sha256sum` of GNU coreutils.
        for (content, cksum, sha256) in [
            ("", "4294967295-0", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("123456789", "930766865-9", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        ] {
            let (digest, length) = Digest::read(&mut content.as_bytes()).unwrap();
            assert_eq!((&*digest.cksum, &*digest.sha256, length), (cksum, sha256, content.len() as u64));
        }
    }
}
