//! `ssh_config`: the input is a file, read for one host.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opsctl::transport::parse_ssh_config;
use opsctl_fuzz::within_memory;

fuzz_target!(|input: &[u8]| {
    within_memory(256 * input.len() + (1 << 20), || parse_ssh_config(input));
});
