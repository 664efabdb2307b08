//! Keys and certificates that a server shows.

use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::packet::string;
use crate::common::{Home, require, run};

/// What a server proves itself by.
#[derive(Clone)]
pub struct HostKey {
    seed: [u8; 32],
    /// The algorithm as it is negotiated.
    pub algorithm: String,
    /// What the server shows: the public key or its certificate.
    pub blob: Vec<u8>,
}

impl HostKey {
    pub fn new() -> Self {
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).unwrap();
        let mut key = Self { seed, algorithm: "ssh-ed25519".to_owned(), blob: Vec::new() };
        key.blob = [string("ssh-ed25519"), string(key.pair().public_key())].concat();
        key
    }

    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&self.seed).unwrap()
    }

    /// Type and key, as `known_hosts` has them.
    pub fn line(&self) -> String {
        format!("{} {}", self.algorithm, BASE64_STANDARD.encode(&self.blob))
    }

    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        [string("ssh-ed25519"), string(self.pair().sign(bytes))].concat()
    }

    /// The same key with a certificate of the authority at `authority`; `options` are those of `ssh-keygen -s`, which
    /// makes one of a user without `-h`.
    pub fn certified(&self, home: &Home, authority: &str, options: &[&str]) -> Self {
        let path = home.write("certified.pub", self.line());
        let keygen = require("ssh-keygen", "openssh-client");
        run(Command::new(keygen).args(["-q", "-s", authority, "-I", "test"]).args(options).arg(path)).expect(0);
        let text = home.read("certified-cert.pub");
        let mut words = text.split_whitespace();
        let algorithm = words.next().unwrap().to_owned();
        Self { seed: self.seed, algorithm, blob: BASE64_STANDARD.decode(words.next().unwrap()).unwrap() }
    }
}

/// Makes an authority in the home; returns its path and its public key.
pub fn authority(home: &Home) -> (String, String) {
    let path = home.dir().join("authority").display().to_string();
    let keygen = require("ssh-keygen", "openssh-client");
    run(Command::new(keygen).args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", &path])).expect(0);
    (path, home.read("authority.pub").trim().to_owned())
}
