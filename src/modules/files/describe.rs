//! What results say of a file: the numbers that `stat` and `find` have in common.

use super::look::Stat;
use super::mode;
use crate::template::{Dict, Value};

/// Adds mode, type, owner's numbers, times and permissions, under Ansible's names.
pub fn numbers(stat: &Stat, all: &mut Dict) {
    let mut set = |name: &str, value: Value| all.insert(name.into(), value);
    set("mode", format!("{:04o}", stat.permissions()).into());
    for (name, kind) in [
        ("isdir", 0o040_000),
        ("ischr", 0o020_000),
        ("isblk", 0o060_000),
        ("isreg", 0o100_000),
        ("isfifo", 0o010_000),
        ("islnk", 0o120_000),
        ("issock", 0o140_000),
    ] {
        set(name, (stat.kind() == kind).into());
    }
    for (name, number) in [
        ("uid", u64::from(stat.uid)),
        ("gid", u64::from(stat.gid)),
        ("size", stat.size),
        ("inode", stat.inode),
        ("dev", stat.dev),
        ("nlink", stat.nlink),
    ] {
        set(name, integer(number));
    }
    for (name, time) in ["atime", "mtime", "ctime"].into_iter().zip(stat.times) {
        set(name, seconds(time).into());
    }
    for (place, name) in ["xoth", "woth", "roth", "xgrp", "wgrp", "rgrp", "xusr", "wusr", "rusr"].iter().enumerate() {
        set(name, (stat.bits >> place & 1 == 1).into());
    }
    set("isuid", (stat.bits & 0o4000 != 0).into());
    set("isgid", (stat.bits & 0o2000 != 0).into());
    debug_assert!(mode::show(stat.permissions()).starts_with('0'));
}

/// A number as results have it.
#[must_use]
pub fn integer(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

/// A time as Python has it: seconds since 1970.
#[must_use]
pub fn seconds((seconds, fraction): (i64, u32)) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "as Python gives times")]
    let seconds = seconds as f64;
    seconds + f64::from(fraction) / 1e9
}
