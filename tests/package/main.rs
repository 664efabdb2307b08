//! The Debian package installs on a minimal Debian system, works there, and leaves nothing behind when removed.
//!
//! Needs root, debootstrap and cargo-deb (`tests/run` installs them). `OPSCTL_DEB` names a package to test; without it,
//! one is made from the binary of this build. The minimal system is made once and kept in `target/`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const BINARY: &str = env!("CARGO_BIN_EXE_opsctl");

#[test]
fn the_package_installs_works_and_leaves_nothing_behind() {
    assert!(rustix::process::geteuid().is_root(), "a chroot needs root; run: sudo tests/run");
    let scratch = tempfile::tempdir().unwrap();
    let package = package(scratch.path());
    let system = System::new(scratch.path());
    fs::copy(package, system.path("/opsctl.deb")).unwrap();

    system.run("dpkg --install /opsctl.deb");
    assert_eq!(system.run("opsctl --version"), concat!("opsctl ", env!("CARGO_PKG_VERSION"), "\n"));
    let demo = "/usr/share/doc/opsctl/examples/inventories/demo.yml";
    let answer = system.run(&format!("opsctl exec -i {demo} all -- 'echo hello from the package'"));
    assert!(answer.contains("hello from the package"), "{answer}");
    assert!(
        system.run("opsctl inventory list -i /usr/share/doc/opsctl/examples/inventories/cloud.sh").contains("cache1")
    );
    system.has_manual_pages();
    system.has_completions();
    system.has_documents();

    system.run("dpkg --purge opsctl");
    assert_eq!(
        system.run(
            "find / -xdev -name '*opsctl*' -not -path '/root/*' -not -path '/var/cache/man/*' -not -name opsctl.deb"
        ),
        ""
    );
}

/// A minimal Debian system that is thrown away.
struct System {
    root: PathBuf,
}

impl System {
    fn new(scratch: &Path) -> Self {
        let base = target_directory().join("base-system");
        if !base.exists() {
            succeed(Command::new(in_source("tests/package/base-system")).arg(&base));
        }
        let root = scratch.join("system");
        succeed(Command::new("cp").arg("--archive").arg(base).arg(&root));
        Self { root }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// Runs a shell line in the system and returns what it prints.
    fn run(&self, line: &str) -> String {
        let mut command = Command::new("chroot");
        command.arg(&self.root).args(["bash", "-c", line]).env_clear();
        command.envs([
            ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            ("HOME", "/root"),
            ("DEBIAN_FRONTEND", "noninteractive"),
        ]);
        String::from_utf8(succeed(&mut command).stdout).unwrap()
    }

    fn has_manual_pages(&self) {
        for page in ["opsctl", "opsctl-exec", "opsctl-inventory-list"] {
            let text = self.run(&format!("MANWIDTH=80 man --warnings --pager=cat {page} 2>&1"));
            assert!(text.contains("SYNOPSIS") && !text.contains("warning"), "{page}:\n{text}");
        }
        assert!(self.run("man --pager=cat opsctl | col -b").contains("EXIT STATUS"));
    }

    fn has_completions(&self) {
        let bash = self.run("source /usr/share/bash-completion/completions/opsctl && complete -p opsctl");
        assert!(bash.contains("opsctl"), "{bash}");
        for (shell, path) in [
            ("zsh", "/usr/share/zsh/vendor-completions/_opsctl"),
            ("fish", "/usr/share/fish/vendor_completions.d/opsctl.fish"),
        ] {
            let script = Command::new(BINARY).args(["completions", shell]).output().unwrap().stdout;
            assert!(fs::read(self.path(path)).unwrap() == script, "{path} is not what the binary prints");
        }
    }

    fn has_documents(&self) {
        for name in ["README.md", "changelog.gz", "copyright", "examples/inventories/staging/hosts.ini"] {
            let path = self.path("/usr/share/doc/opsctl").join(name);
            assert!(path.metadata().is_ok_and(|file| file.len() > 0), "{name} is missing or empty");
        }
    }
}

/// The package to test.
fn package(scratch: &Path) -> PathBuf {
    if let Some(path) = std::env::var_os("OPSCTL_DEB") {
        return path.into();
    }
    let release = scratch.join("release");
    fs::create_dir_all(&release).unwrap();
    succeed(Command::new("strip").arg("-o").arg(release.join("opsctl")).arg(BINARY));
    let output =
        succeed(Command::new(in_source(".ci/deb")).args(["--no-build", "--fast"]).env("CARGO_TARGET_DIR", scratch));
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}

/// Where cargo builds: two levels above the binary.
fn target_directory() -> PathBuf {
    Path::new(BINARY).ancestors().nth(2).unwrap().to_owned()
}

fn in_source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn succeed(command: &mut Command) -> Output {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; run tests/run, which installs it"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
