//! `known_hosts`: the first line is the name that is looked up, the rest is the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opsctl::transport::known_hosts_lines;
use opsctl_fuzz::within_memory;

fuzz_target!(|input: &[u8]| {
    let (name, file) = input.split_at(input.iter().position(|byte| *byte == b'\n').unwrap_or(0));
    let file = file.strip_prefix(b"\n").unwrap_or(file);
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let found = within_memory(64 * file.len() + (1 << 20), || known_hosts_lines(file, &name));
    assert!(found.is_sorted_by(|a, b| a < b), "lines {found:?} are not in their order");

    // No line changes what another one says.
    let lines = file.split(|byte| *byte == b'\n');
    let alone = lines.zip(1..).filter(|(line, _)| known_hosts_lines(line, &name) == [1]).map(|(_, number)| number);
    assert_eq!(found, alone.collect::<Vec<usize>>());
});
