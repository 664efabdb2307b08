//! Files of repositories, written for real. Expectations are those of ansible-core 2.19.

use std::fs;

use serde_json::{Map, Value as Json, json};

use super::on_each_shell;

#[test]
fn repositories_of_yum_come_and_go() {
    on_each_shell(|host| {
        fs::create_dir(host.home().join("repos")).unwrap();
        let dir = host.path("repos");
        let epel = json!({"name": "epel", "description": "EPEL", "baseurl": ["http://a/", "http://b/"],
            "gpgcheck": true, "exclude": ["a", "b"], "reposdir": dir, "mode": "0640"});
        let ran = host.run_thrice("yum_repository", &epel);
        assert_eq!((ran.field("repo"), ran.field("state")), (json!("epel"), json!("present")));
        let section = "[epel]\nbaseurl = http://a/\n\thttp://b/\nexclude = a b\ngpgcheck = 1\nname = EPEL\n\n";
        assert_eq!(host.read("repos/epel.repo"), section);
        assert_eq!(host.mode("repos/epel.repo"), 0o640);
        let other = json!({"name": "other", "file": "epel", "description": "Other", "mirrorlist": "http://m",
            "enabled": false, "reposdir": dir});
        let _ = host.run_thrice("yum_repository", &other);
        let second = "[other]\nenabled = 0\nmirrorlist = http://m\nname = Other\n\n";
        assert_eq!(host.read("repos/epel.repo"), format!("{section}{second}"));
        let _ = host.run_thrice("yum_repository", &json!({"name": "epel", "state": "absent", "reposdir": dir}));
        assert_eq!(host.read("repos/epel.repo"), second);
        let gone = json!({"name": "other", "file": "epel", "state": "absent", "reposdir": dir});
        let _ = host.run_thrice("yum_repository", &gone);
        assert!(!host.home().join("repos/epel.repo").exists());
        let nowhere = json!({"name": "x", "state": "absent", "reposdir": "/no/where"});
        assert_eq!(host.fail("yum_repository", &nowhere), "Repo directory '/no/where' does not exist.");
    });
}

/// Values of arguments that stand in a repository's section as they are.
const PLAIN: [(&str, &str); 27] = [
    ("bandwidth", "1"),
    ("cost", "2"),
    ("deltarpm_metadata_percentage", "3"),
    ("deltarpm_percentage", "4"),
    ("failovermethod", "priority"),
    ("gpgcakey", "5"),
    ("http_caching", "none"),
    ("include", "6"),
    ("ip_resolve", "4"),
    ("keepcache", "0"),
    ("metadata_expire", "7"),
    ("metadata_expire_filter", "never"),
    ("metalink", "8"),
    ("mirrorlist", "9"),
    ("mirrorlist_expire", "10"),
    ("password", "11"),
    ("priority", "12"),
    ("proxy", "13"),
    ("proxy_password", "14"),
    ("proxy_username", "15"),
    ("retries", "16"),
    ("sslcacert", "17"),
    ("sslclientcert", "18"),
    ("sslclientkey", "19"),
    ("throttle", "20"),
    ("timeout", "21"),
    ("username", "22"),
];

const FLAGS: [&str; 14] = [
    "async",
    "countme",
    "enabled",
    "enablegroups",
    "gpgcheck",
    "keepalive",
    "module_hotfixes",
    "protect",
    "repo_gpgcheck",
    "s3_enabled",
    "skip_if_unavailable",
    "ssl_check_cert_permissions",
    "sslverify",
    "ui_repoid_vars",
];

#[test]
fn everything_of_a_repository_stands_in_its_section() {
    on_each_shell(|host| {
        let mut args: Map<String, Json> =
            PLAIN.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        args.extend(FLAGS.iter().map(|name| ((*name).to_owned(), json!(true))));
        args.insert("ui_repoid_vars".to_owned(), json!("1"));
        args.insert("includepkgs".to_owned(), json!(["a*", "b"]));
        args.insert("gpgkey".to_owned(), json!(["k1", "k2"]));
        args.extend([("name".to_owned(), json!("r")), ("description".to_owned(), json!("R"))]);
        args.insert("reposdir".to_owned(), json!(host.path("")));
        let _ = host.run_thrice("yum_repository", &Json::Object(args));
        let mut wanted: Vec<String> = PLAIN.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
        wanted.extend(FLAGS.iter().map(|name| format!("{name} = 1\n")));
        wanted.extend(["includepkgs = a* b\n", "gpgkey = k1\n\tk2\n", "name = R\n"].map(str::to_owned));
        wanted.sort();
        assert_eq!(host.read("r.repo"), format!("[r]\n{}\n", wanted.concat()));
    });
}
