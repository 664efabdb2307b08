//! Locks of package managers that somebody else holds.

use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use crate::modules::actions;
use crate::testing::write_program;

/// Runs the action `apt` with an `apt-get` that finds the lock held `times` times, and gives its code and its errors.
fn install(limit: &str, times: u32) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let lock = std::fs::File::create(folder.path().join("lock")).unwrap();
    rustix::fs::fcntl_lock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let apt = format!(
        "#!/bin/sh\necho x >>\"$HOME/calls\"\n[ \"$(wc -l <\"$HOME/calls\")\" -gt {times} ] && exit 0\n\
         echo 'E: Could not get lock /var/lib/dpkg/lock-frontend' >&2\nexit 100\n"
    );
    write_program(folder.path().join("apt-get"), apt);
    // apt's own locks belong to this machine; this test's stands for the first of them.
    write_program(folder.path().join("stat"), format!("#!/bin/sh\necho {}\n", lock.metadata().unwrap().ino()));
    let ran = Command::new("sh")
        .args(["-c", actions::APT, "sh", limit, "", "apt-get", "install", "x"])
        .env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()))
        .env("HOME", folder.path())
        .output()
        .unwrap();
    (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
}

#[test]
fn a_lock_of_apt_is_waited_for() {
    let (code, errors) = install("60", 1);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
}

#[test]
fn who_holds_a_lock_of_apt_for_too_long_is_named() {
    let (code, errors) = install("1", 9);
    let name = std::fs::read_to_string("/proc/self/comm").unwrap();
    let holder = format!("/var/lib/dpkg/lock-frontend is held by process {} ({})", std::process::id(), name.trim());
    assert!(code == Some(100) && errors.contains(&format!("waited 1 s for the lock of apt: {holder}")), "{errors}");
}
