//! The cipher `AES256` of Ansible Vault: AES-256 in counter mode, HMAC-SHA256 over the encrypted bytes, all keys from one
//! PBKDF2-HMAC-SHA256.

use aes::Aes256;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Rounds of the key derivation, fixed by the format.
const ROUNDS: u32 = 10_000;
const KEY: usize = 32;
const COUNTER: usize = 16;
const BLOCK: usize = 16;

/// The keys that a password and a salt make.
#[derive(Clone)]
pub struct Keys(Zeroizing<[u8; 2 * KEY + COUNTER]>);

impl Keys {
    /// Derives them; takes some milliseconds.
    pub fn derive(password: &[u8], salt: &[u8]) -> Self {
        let mut bytes = Zeroizing::new([0; 2 * KEY + COUNTER]);
        pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, ROUNDS, &mut *bytes);
        Self(bytes)
    }

    fn mac(&self, encrypted: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0[KEY..2 * KEY]).expect("HMAC takes keys of every length");
        mac.update(encrypted);
        mac
    }

    fn apply(&self, bytes: &mut [u8]) {
        let (key, counter) = (&self.0[..KEY], &self.0[2 * KEY..]);
        let mut cipher =
            ctr::Ctr128BE::<Aes256>::new_from_slices(key, counter).expect("key and counter have the cipher's lengths");
        cipher.apply_keystream(bytes);
    }
}

/// The encrypted bytes of a text, and their authentication code.
pub fn encrypt(keys: &Keys, plaintext: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let padding = BLOCK - plaintext.len() % BLOCK;
    let mut bytes = Vec::with_capacity(plaintext.len() + padding);
    bytes.extend(plaintext);
    bytes.resize(plaintext.len() + padding, u8::try_from(padding).expect("a block is shorter than 256 bytes"));
    keys.apply(&mut bytes);
    let code = keys.mac(&bytes).finalize().into_bytes().to_vec();
    (bytes, code)
}

/// The text of encrypted bytes; none when the authentication code does not fit, compared in constant time.
pub fn decrypt(keys: &Keys, encrypted: &[u8], code: &[u8]) -> Option<Vec<u8>> {
    keys.mac(encrypted).verify_slice(code).ok()?;
    let mut bytes = encrypted.to_vec();
    keys.apply(&mut bytes);
    let padding = usize::from(*bytes.last()?);
    let length = bytes.len().checked_sub(padding).filter(|_| (1..=BLOCK).contains(&padding))?;
    let is_padded = bytes[length..].iter().all(|byte| usize::from(*byte) == padding);
    is_padded.then(|| {
        bytes.truncate(length);
        bytes
    })
}
