//! Keys and certificates that a server shows.

use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::packet::string;
use crate::common::{Home, require, run};

const PLAIN: &str = "ssh-ed25519";

/// What a server proves itself by.
#[derive(Clone)]
pub struct HostKey {
    seed: [u8; 32],
    /// The public key as it is shown.
    pub blob: Vec<u8>,
    /// A certificate for it: its algorithm, and itself as it is shown.
    certificate: Option<(String, Vec<u8>)>,
}

impl HostKey {
    pub fn new() -> Self {
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).unwrap();
        let mut key = Self { seed, blob: Vec::new(), certificate: None };
        key.blob = [string(PLAIN), string(key.pair().public_key())].concat();
        key
    }

    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&self.seed).unwrap()
    }

    /// Type and key, as `known_hosts` has them.
    pub fn line(&self) -> String {
        format!("{PLAIN} {}", BASE64_STANDARD.encode(&self.blob))
    }

    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        [string(PLAIN), string(self.pair().sign(bytes))].concat()
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
        let certificate = Some((algorithm, BASE64_STANDARD.decode(words.next().unwrap()).unwrap()));
        Self { certificate, ..self.clone() }
    }

    /// The algorithms to offer.
    pub fn algorithms(&self) -> String {
        self.certificate.as_ref().map_or(PLAIN.to_owned(), |(algorithm, _)| format!("{algorithm},{PLAIN}"))
    }

    /// What to show to a client that wants these algorithms, the best first.
    pub fn shown(&self, wanted: &[u8]) -> Vec<u8> {
        let mut wanted = wanted.split(|byte| *byte == b',');
        match &self.certificate {
            Some((algorithm, certificate)) => {
                let first = wanted.find(|name| [PLAIN, algorithm].iter().any(|own| own.as_bytes() == *name));
                if first == Some(PLAIN.as_bytes()) { self.blob.clone() } else { certificate.clone() }
            }
            None => self.blob.clone(),
        }
    }
}

/// Makes an authority in the home; returns its path and its public key.
pub fn authority(home: &Home) -> (String, String) {
    let path = home.dir().join("authority").display().to_string();
    let keygen = require("ssh-keygen", "openssh-client");
    run(Command::new(keygen).args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", &path])).expect(0);
    (path, home.read("authority.pub").trim().to_owned())
}
