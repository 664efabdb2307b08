//! The completion scripts in `completions/` are those of the binary.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_completion_scripts_are_those_of_the_binary() {
    for (shell, name) in [("bash", "opsctl.bash"), ("zsh", "_opsctl"), ("fish", "opsctl.fish")] {
        let output = Command::new(env!("CARGO_BIN_EXE_opsctl")).args(["completions", shell]).output();
        let output = output.expect("the binary was built for this test");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(name);
        let kept = fs::read(path).unwrap_or_default();
        let order = format!("cargo run -q -- completions {shell} >completions/{name}");
        assert!(
            output.status.success() && output.stdout == kept,
            "completions/{name} is out of date; run:\n    {order}"
        );
    }
}
