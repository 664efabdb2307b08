//! Tests, as Ansible 2.19 and Jinja2 answer.
//!
//! A test is one function and one line in the table below.

#![expect(clippy::needless_pass_by_value, reason = "the signature of tests")]

mod compare;
mod files;
mod ip;
mod kinds;
mod outcome;
mod patterns;
mod version;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::call::Test;
use super::filters::parts;

macro_rules! tests {
    ($($collection:literal { $($($name:literal)|+ => $test:path,)* })*) => {
        /// The collection, the short name, the test.
        const TABLE: &[(&str, &str, Test)] = &[$($($(($collection, $name, $test),)+)*)*];
    };
}

tests! {
    "ansible.builtin" {
        "!=" | "ne" => compare::ne,
        "<" | "lt" | "lessthan" => compare::lt,
        "<=" | "le" => compare::le,
        "==" | "eq" | "equalto" => compare::eq,
        ">" | "gt" | "greaterthan" => compare::gt,
        ">=" | "ge" => compare::ge,
        "abs" | "is_abs" => files::abs,
        "all" => compare::all,
        "any" => compare::any,
        "boolean" => kinds::boolean,
        "callable" => kinds::callable,
        "changed" | "change" => outcome::changed,
        "contains" => compare::contains,
        "defined" => kinds::defined,
        "directory" | "is_dir" => files::directory,
        "divisibleby" => compare::divisibleby,
        "escaped" => kinds::escaped,
        "even" => compare::even,
        "exists" => files::exists,
        "failed" | "failure" => outcome::failed,
        "false" => kinds::is_false,
        "falsy" => kinds::falsy,
        "file" | "is_file" => files::file,
        "filter" => kinds::filter,
        "finished" => outcome::finished,
        "float" => kinds::float,
        "in" => compare::within,
        "integer" => kinds::integer,
        "iterable" => kinds::iterable,
        "link" | "is_link" => files::link,
        "link_exists" => files::link_exists,
        "lower" => kinds::lower,
        "mapping" => kinds::mapping,
        "match" => patterns::starts,
        "mount" | "is_mount" => files::mount,
        "nan" | "isnan" => kinds::nan,
        "none" => kinds::none,
        "number" => kinds::number,
        "odd" => compare::odd,
        "reachable" => outcome::reachable,
        "regex" => patterns::regex,
        "same_file" | "is_same_file" => files::same_file,
        "sameas" => compare::sameas,
        "search" => patterns::search,
        "sequence" => kinds::sequence,
        "skipped" | "skip" => outcome::skipped,
        "started" => outcome::started,
        "string" => kinds::string,
        "subset" | "issubset" => compare::subset,
        "succeeded" | "success" | "successful" => outcome::succeeded,
        "superset" | "issuperset" => compare::superset,
        "test" => kinds::test,
        "timedout" => outcome::timedout,
        "true" => kinds::is_true,
        "truthy" => kinds::truthy,
        "undefined" => kinds::undefined,
        "unreachable" => outcome::unreachable,
        "upper" => kinds::upper,
        "uri" => patterns::uri,
        "url" => patterns::url,
        "urn" => patterns::urn,
        "vault_encrypted" => kinds::vault_encrypted,
        "vaulted_file" => files::vaulted_file,
        "version" | "version_compare" => version::version,
    }
    "ansible.utils" {
        "in_any_network" => ip::in_any_network,
        "in_network" | "subnet_of" => ip::in_network,
        "ip" => ip::ip,
        "ip_address" => ip::ip_address,
        "ipv4" => ip::ipv4,
        "ipv4_address" => ip::ipv4_address,
        "ipv6" => ip::ipv6,
        "ipv6_address" => ip::ipv6_address,
        "loopback" => ip::loopback,
        "mac" => ip::mac,
        "multicast" => ip::multicast,
        "private" => ip::private,
        "public" => ip::public,
        "supernet_of" => ip::supernet_of,
        "unspecified" => ip::unspecified,
    }
}

/// The tests by collection and short name; without collection, the first of that name.
static TESTS: LazyLock<HashMap<(&str, &str), Test>> = LazyLock::new(|| {
    let mut tests = HashMap::new();
    for (collection, name, test) in TABLE {
        tests.insert((*collection, *name), *test);
        tests.entry(("", *name)).or_insert(*test);
    }
    tests
});

/// Finds a test by its short or full name.
#[must_use]
pub fn find(name: &str) -> Option<Test> {
    TESTS.get(&parts(name)).copied()
}

/// The names of all tests, for `did you mean`.
#[must_use]
pub fn names() -> Vec<&'static str> {
    TABLE.iter().map(|(_, name, _)| *name).collect()
}

/// Whether a test takes an undefined value.
#[must_use]
pub fn takes_undefined(name: &str) -> bool {
    matches!(parts(name).1, "defined" | "undefined")
}
