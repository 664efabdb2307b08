//! The module `assemble`, run for real. Expectations are those of ansible-core 2.19.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use super::on_each_shell;

#[test]
fn files_are_put_together() {
    on_each_shell(|host| {
        fs::create_dir(host.home().join("parts")).unwrap();
        for (name, text) in [("10-b", "b\n"), ("05 a", "a"), (".hid", "h\n"), ("20.bak", "c\n")] {
            host.write(&format!("parts/{name}"), text);
        }
        fs::create_dir(host.home().join("parts/sub")).unwrap();
        let args = json!({"src": "~/parts", "dest": host.path("out"), "mode": "0640"});
        let ran = host.run_thrice("assemble", &args);
        assert_eq!(host.read("out"), "h\na\nb\nc\n");
        assert_eq!((ran.field("msg"), host.mode("out")), (json!("OK"), 0o640));
        assert_eq!(ran.field("checksum"), "232e87759c964b6f5fa495381029a1fdd54bd491");
        assert_eq!(ran.field("md5sum"), "d212b9e297432fd9f9c7e57906d5b63a");
        let args = json!({"src": "parts", "dest": "out", "regexp": "^[0-9]+(-| )", "delimiter": "--\\n",
            "ignore_hidden": true, "backup": true, "validate": "test -s %s"});
        let ran = host.run_thrice("assemble", &args);
        assert_eq!(host.read("out"), "a\n--\nb\n");
        assert_eq!(
            fs::read_to_string(host.home().join(ran.field("backup_file").as_str().unwrap())).unwrap(),
            "h\na\nb\nc\n"
        );
        symlink("out", host.home().join("link")).unwrap();
        let local = host.controller().join("files/local");
        fs::create_dir_all(&local).unwrap();
        fs::write(local.join("1"), "one").unwrap();
        fs::write(local.join("2"), "two\n").unwrap();
        let args = json!({"src": "local", "dest": host.path("link"), "remote_src": false, "delimiter": "#",
            "follow": true, "decrypt": false});
        let _ = host.run_thrice("assemble", &args);
        assert_eq!(host.read("out"), "one\n#\ntwo\n");
        assert!(host.home().join("link").is_symlink());
        for (args, message) in [
            (json!({"src": "/no/where", "dest": "x"}), "Source (/no/where) does not exist"),
            (json!({"src": "out", "dest": "x"}), "Source (out) is not a directory"),
        ] {
            assert_eq!(host.fail("assemble", &args), message);
        }
        let refused = host.fail("assemble", &json!({"src": "parts", "dest": "out", "validate": "false %s"}));
        assert!(refused.starts_with("failed to validate: rc:1"), "{refused}");
    });
}
