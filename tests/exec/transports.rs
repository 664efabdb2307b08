//! Which transport a host takes: said before the first connection when asked for, on stderr alone.

use super::common::{Home, run};

#[test]
fn verbose_says_on_stderr_what_connects_to_whom_and_why() {
    let home = Home::new();
    home.write("hosts", "a ansible_connection=local\nweb[01:03] ansible_host=127.0.0.2 ansible_port=1\n");
    let fixed = ["all", "--transport", "openssh", "--retries", "0", "--format", "jsonl"];
    let ran = |verbose: &[&str]| run(&mut home.exec(&[&fixed, verbose, &["--", "true"]].concat())).expect(4);
    assert_eq!(ran(&[]).stderr, "");
    assert_eq!(ran(&["-v"]).stderr, "local: a\nopenssh: web[01-03] (it was asked for)\n");
    let each = ran(&["-vv"]);
    assert_eq!(
        each.stderr,
        "a: local\nweb01: openssh (it was asked for)\nweb02: openssh (it was asked for)\nweb03: openssh (it was asked for)\n"
    );
    assert_eq!(each.host("a")["status"], "ok", "stdout is data alone");
    let refused = run(&mut home.exec(&["a", "-v", "--quiet", "--", "true"])).expect(2);
    assert!(refused.stderr.contains("cannot be used with"), "{}", refused.stderr);
}

#[test]
fn copy_and_fetch_say_it_too() {
    let home = Home::new();
    home.local("a");
    let file = home.write("file", "x");
    let place = format!("a:{}", home.dir().join("copied").display());
    for arguments in [["copy", &file, &place], ["fetch", &place, "fetched"]] {
        let ran = run(home.opsctl().args(arguments).args(["-i", "hosts", "-v"])).expect(0);
        assert!(ran.stderr.starts_with("local: a\n"), "{}", ran.stderr);
    }
}
