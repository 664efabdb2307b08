//! Packets of SSH, plain and sealed (aes256-gcm), and the values within them.

use std::io::{Error, ErrorKind, Read, Result};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Builds the payload of one packet.
#[derive(Clone)]
pub struct Message(Vec<u8>);

impl Message {
    pub fn new(number: u8) -> Self {
        Self(vec![number])
    }

    pub fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    pub fn word(mut self, word: u32) -> Self {
        self.0.extend(word.to_be_bytes());
        self
    }

    pub fn text(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.extend(string(bytes));
        self
    }

    pub fn plain(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    pub fn payload(&self) -> &[u8] {
        &self.0
    }
}

/// A string as SSH writes it: its length, then its bytes.
pub fn string(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    [&length(bytes).to_be_bytes(), bytes].concat()
}

/// A number that is never negative as SSH writes it.
pub fn number(bytes: &[u8]) -> Vec<u8> {
    let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    let sign: &[u8] = if digits.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    string([sign, digits].concat())
}

pub fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap()
}

/// Reads the values of a payload, behind its number.
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub fn of(payload: &'a [u8]) -> Self {
        Self(&payload[1..])
    }

    pub fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    pub fn word(&mut self) -> u32 {
        u32::from_be_bytes(self.take(4).try_into().unwrap())
    }

    pub fn text(&mut self) -> &'a [u8] {
        let length = self.word() as usize;
        self.take(length)
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }
}

/// The key of one direction; none before the first exchange.
#[derive(Default)]
pub struct Cipher(Option<(LessSafeKey, [u8; 12])>);

impl Cipher {
    pub fn new(key: &[u8], nonce: &[u8]) -> Self {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
        Self(Some((key, nonce[..12].try_into().unwrap())))
    }

    /// The bytes of one packet.
    pub fn seal(&mut self, payload: &[u8]) -> Vec<u8> {
        let Some((key, nonce)) = &mut self.0 else { return padded(payload, 8, 4) };
        let mut packet = padded(payload, 16, 0);
        let (length, body) = packet.split_at_mut(4);
        let tag = key.seal_in_place_separate_tag(next(nonce), Aad::from(length), body).unwrap();
        packet.extend(tag.as_ref());
        packet
    }

    /// Reads one packet; returns its payload.
    pub fn open(&mut self, source: &mut impl Read) -> Result<Vec<u8>> {
        let mut length = [0; 4];
        source.read_exact(&mut length)?;
        let tag = if self.0.is_some() { 16 } else { 0 };
        let mut body = vec![0; u32::from_be_bytes(length) as usize + tag];
        source.read_exact(&mut body)?;
        if let Some((key, nonce)) = &mut self.0 {
            let opened = key.open_in_place(next(nonce), Aad::from(length), &mut body);
            let length = opened.map_err(|_| Error::from(ErrorKind::InvalidData))?.len();
            body.truncate(length);
        }
        let padding = body[0] as usize;
        Ok(body[1..body.len() - padding].to_vec())
    }
}

/// A packet in which length, padding and payload fill whole blocks; `counted` bytes of the length count.
fn padded(payload: &[u8], block: usize, counted: usize) -> Vec<u8> {
    let padding = block - (counted + 1 + payload.len()) % block;
    let padding = if padding < 4 { padding + block } else { padding };
    let head = u32::try_from(1 + payload.len() + padding).unwrap().to_be_bytes();
    [&head, &[u8::try_from(padding).unwrap()][..], payload, &vec![0; padding]].concat()
}

/// This packet's nonce; the next one's is one higher.
fn next(nonce: &mut [u8; 12]) -> Nonce {
    let now = *nonce;
    let counter = u64::from_be_bytes(nonce[4..].try_into().unwrap());
    nonce[4..].copy_from_slice(&counter.wrapping_add(1).to_be_bytes());
    Nonce::assume_unique_for_key(now)
}
