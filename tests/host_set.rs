//! What is shown of a set of hosts selects them again.

use std::io::Write;

use opsctl::inventory::{HostPattern, Inventory, LoadOptions};
use opsctl::render::host_set;
use proptest::prelude::*;
use proptest::sample::subsequence;

/// Names of many forms, and groups whose names are the beginnings of their hosts' names.
const INVENTORY: &str = "\
web: {hosts: {'web[01:30]': }}
db: {hosts: {'db[1:12].example.com': , db: }}
rack: {hosts: {'r1-n[1:9]': , 'r2-n[1:9]': , 'n[08:11]x': , 'n[8:11]': }}
address: {hosts: {'10.0.0.[1:20]': , '10.0.1.7': }}
";

fn inventory() -> Inventory {
    let mut file = tempfile::Builder::new().suffix(".yml").tempfile().expect("a temporary directory");
    file.write_all(INVENTORY.as_bytes()).expect("room for a small file");
    let source = file.path().to_str().expect("a path in UTF-8").to_owned();
    Inventory::load(&[source], &LoadOptions::default()).expect("the inventory above is well-formed").inventory
}

proptest! {
    #[test]
    fn a_shown_set_selects_exactly_its_hosts(chosen in subsequence((0..85).collect::<Vec<usize>>(), 1..85)) {
        let inventory = inventory();
        let all: Vec<String> = inventory.hosts().map(|host| host.name().to_string()).collect();
        // A group goes before a host of the same name.
        let names = chosen.iter().filter_map(|index| all.get(*index)).filter(|name| *name != "db");
        let mut names: Vec<&str> = names.map(String::as_str).collect();
        prop_assume!(!names.is_empty());
        let pattern = HostPattern::parse(&host_set(&names)).unwrap();
        let selection = inventory.select(&pattern, None);
        let mut selected: Vec<&str> = selection.hosts.iter().map(AsRef::as_ref).collect();
        names.sort_unstable();
        selected.sort_unstable();
        prop_assert_eq!(selected, names);
        prop_assert!(selection.warnings.is_empty());
    }
}
