//! Verdicts on host keys, with keys and certificates made by `ssh-keygen`.

mod certificates;
mod fixture;
mod lookups;
mod offers;
mod recording;
mod verdicts;
