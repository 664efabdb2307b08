//! The modules about web servers, run for real against a server on the loopback. Expectations: ansible-core 2.19.

use std::fs;

use serde_json::json;

use super::{Mode, TestHost, on_each_shell};
use crate::http::testing::{Reply, Server};

/// SHA-256 and SHA-1 of `hello`.
const SHA256: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const SHA1: &str = "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d";

/// A host that asks with `client` alone.
fn with_client(client: &str) -> TestHost {
    let mut host = TestHost::new(&["dash"]);
    host.without = vec!["curl", "wget"];
    let folder = host.controller().join("bin");
    fs::create_dir(&folder).unwrap();
    match client {
        "busybox" => std::os::unix::fs::symlink("/usr/bin/busybox", folder.join("wget")).unwrap(),
        "" => {}
        name => std::os::unix::fs::symlink(format!("/usr/bin/{name}"), folder.join(name)).unwrap(),
    }
    host.commands = vec![folder];
    host
}

#[test]
fn files_come_from_servers_once() {
    on_each_shell(|host| {
        let server = Server::start();
        server.put("/f", Reply::text("hello").unmodified());
        let args = json!({"url": server.url("/f"), "dest": host.path("f"), "mode": "0600"});
        let ran = host.run_thrice("get_url", &args);
        assert_eq!(host.read("f"), "hello");
        assert_eq!((ran.field("mode"), ran.field("checksum_src")), (json!("0600"), json!(SHA1)));
        assert_eq!(ran.field("msg"), "OK (5 bytes)");
        assert_eq!((ran.field("status_code"), ran.field("dest")), (json!(200), json!(host.path("f"))));
        let left: Vec<_> = fs::read_dir(host.home()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing is left behind: {left:?}");
        server.put("/f", Reply::text("other"));
        let ran = host
            .run("get_url", &json!({"url": server.url("/f"), "dest": host.path("f"), "backup": true, "force": true}));
        assert!(ran.changed() && host.mode("f") == 0o600);
        assert_eq!(fs::read_to_string(ran.field("backup_file").as_str().unwrap()).unwrap(), "hello");
        assert!(server.seen().last().unwrap().contains("Cache-Control: no-cache"));
        let ran = host.run("get_url", &json!({"url": server.url("/f"), "dest": host.path("f"), "force": true}));
        assert!(!ran.changed());
    });
}

#[test]
fn checksums_decide_what_is_got() {
    on_each_shell(|host| {
        let server = Server::start();
        server.put("/d/f.bin", Reply::text("hello"));
        server.put("/sums", Reply::text(&format!("0000  x\n{SHA256} *f.bin\n")));
        for checksum in [format!("sha256:{SHA256}"), format!("sha256:{}", server.url("/sums")), format!("sha1:{SHA1}")]
        {
            let args = json!({"url": server.url("/d/f.bin"), "dest": host.path("f"), "checksum": checksum, "tmp_dest": host.path("")});
            let _ = host.run_thrice("get_url", &args);
            fs::remove_file(host.home().join("f")).unwrap();
        }
        let args = json!({"url": server.url("/d/f.bin"), "dest": host.path("f"), "checksum": "sha256:abcd"});
        let message = host.fail("get_url", &args);
        assert!(message.contains(&format!("did not match abcd; it was {SHA256}.")), "{message}");
        assert!(!host.home().join("f").exists());
        let asked = server.seen().len();
        host.write("f", "hello");
        let args = json!({"url": server.url("/d/f.bin"), "dest": host.path("f"), "checksum": format!("sha256:{SHA256}"), "mode": "0640"});
        let ran = host.run("get_url", &args);
        assert!(ran.changed());
        assert_eq!(ran.field("msg"), "file already exists but file attributes changed");
        assert_eq!(server.seen().len(), asked, "the server was not asked");
        let args = json!({"url": server.url("/d/g"), "dest": host.path("g"), "checksum": format!("sha256:{}", server.url("/sums"))});
        assert!(host.fail("get_url", &args).starts_with("Unable to find a checksum for file 'g' in "));
    });
}

#[test]
fn a_directory_gets_the_name_that_the_server_says() {
    on_each_shell(|host| {
        let server = Server::start();
        fs::create_dir(host.home().join("d")).unwrap();
        server.put("/a.txt", Reply::text("a"));
        server.put("/get", Reply::text("named").header("Content-Disposition", "attachment; filename=\"../x y.txt\""));
        server.put("/moved", Reply::redirect(302, "/a.txt"));
        let args = |path: &str| json!({"url": server.url(path), "dest": host.path("d")});
        assert_eq!(host.run("get_url", &args("/a.txt")).field("dest"), host.path("d/a.txt"));
        assert_eq!(host.run("get_url", &args("/get")).field("dest"), host.path("d/x y.txt"));
        assert_eq!(host.read("d/x y.txt"), "named");
        let ran = host.run("get_url", &args("/moved"));
        assert_eq!((ran.field("dest"), ran.changed()), (json!(host.path("d/a.txt")), false));
        let missing = json!({"url": server.url("/a.txt"), "dest": host.path("no/f")});
        assert_eq!(host.fail("get_url", &missing), format!("Destination {} does not exist", host.path("no")));
    });
}

#[test]
fn what_cannot_be_got_says_why() {
    let server = Server::start();
    server.put("/in", Reply::login("me", "s3cret \"x\\y"));
    for client in ["curl", "wget"] {
        let host = with_client(client);
        let dest = host.path("f");
        let ran = host.run_as("get_url", &json!({"url": server.url("/no"), "dest": dest}), Mode::default());
        let error = ran.result.unwrap_err();
        assert_eq!(error.message, "Request failed", "{client}: {error:?}");
        assert_eq!(error.fields.get("status_code").map(ToString::to_string).as_deref(), Some("404"));
        assert_eq!(error.fields.get("response").map(ToString::to_string).as_deref(), Some("HTTP Error 404: Not Found"));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let message = host.fail("get_url", &json!({"url": format!("http://127.0.0.1:{port}/"), "dest": dest}));
        assert_eq!(message, "Request failed: <urlopen error [Errno 111] Connection refused>", "{client}");
        let login = json!({"url": server.url("/in"), "dest": dest, "url_username": "me", "url_password": "s3cret \"x\\y",
            "force_basic_auth": true, "headers": {"X-Token": "t \"q\""}, "timeout": 5, "http_agent": "me/1",
            "validate_certs": false, "use_proxy": false, "use_netrc": false, "decompress": false});
        let ran = host.run("get_url", &login);
        assert!(ran.changed(), "{client}: {ran:?}");
        assert!(!ran.trace.iter().any(|step| step.contains("s3cret") || step.contains("t \"q\"")), "{:?}", ran.trace);
        let seen = server.seen().last().unwrap().clone();
        assert!(seen.contains("X-Token: t \"q\"") && seen.contains("User-Agent: me/1"), "{client}: {seen}");
        let asked =
            json!({"url": server.url("/in"), "dest": host.path("g"), "username": "me", "password": "s3cret \"x\\y"});
        assert!(host.run("get_url", &asked).changed(), "{client}: told when asked");
        let check = host.run_as(
            "get_url",
            &json!({"url": server.url("/no"), "dest": host.path("h")}),
            Mode { check: true, diff: false },
        );
        assert_eq!(check.result.unwrap_err().message, "Request failed");
    }
}

#[test]
fn any_client_gets_plain_files_and_without_one_the_controller_does() {
    let server = Server::start();
    server.put("/f", Reply::text("hello").unmodified());
    let args = |host: &TestHost| json!({"url": server.url("/f"), "dest": host.path("f"), "mode": "0600"});
    for client in ["wget", "busybox"] {
        let host = with_client(client);
        let ran = host.run_thrice("get_url", &args(&host));
        assert_eq!((host.read("f").as_str(), ran.field("checksum_src")), ("hello", json!(SHA1)), "{client}");
    }
    let mut host = with_client("");
    let message = host.fail("get_url", &args(&host));
    assert!(message.contains("neither curl nor wget"), "{message}");
    host.servers = vec![("http://files.example".to_owned(), server.url(""))];
    server.put("/sums", Reply::text(SHA256));
    let args = json!({"url": "http://files.example/f", "dest": host.path("f"), "mode": "0600"});
    let ran = host.run("get_url", &args);
    assert!(ran.changed() && ran.field("md5sum") == "5d41402abc4b2a76b9719d911017c592", "{ran:?}");
    assert_eq!((host.read("f").as_str(), host.mode("f")), ("hello", 0o600));
    assert!(!host.run("get_url", &args).changed());
    let sums = json!({"url": "http://files.example/f", "dest": host.path("g"), "checksum": "sha256:http://files.example/sums"});
    assert!(host.run("get_url", &sums).changed());
    assert!(!host.run("get_url", &sums).changed());
    let wrong = json!({"url": "http://files.example/f", "dest": host.path("h"), "checksum": "md5:00"});
    assert!(host.fail("get_url", &wrong).contains("did not match 00; it was 5d41402abc4b2a76b9719d911017c592"));
    fs::create_dir(host.home().join("d")).unwrap();
    let ran = host.run("get_url", &json!({"url": "http://files.example/f", "dest": host.path("d")}));
    assert_eq!((ran.field("dest"), host.read("d/f").as_str()), (json!(host.path("d/f")), "hello"));
    let check = host.run_as(
        "get_url",
        &json!({"url": "http://files.example/no", "dest": host.path("x")}),
        Mode { check: true, diff: false },
    );
    assert_eq!(check.result.unwrap_err().message, "Request failed");
}

#[test]
fn files_of_the_host_itself_are_addresses_too() {
    on_each_shell(|host| {
        host.write("src", "hello");
        let args = json!({"url": format!("file://{}", host.path("src")), "dest": host.path("f")});
        let ran = host.run("get_url", &args);
        assert!(ran.changed() && host.read("f") == "hello");
        assert!(!host.run("get_url", &args).changed());
    });
}

#[test]
fn answers_are_told_in_full() {
    on_each_shell(|host| {
        let server = Server::start();
        let reply = Reply::text("{\"a\": [1, \"\u{e4}\"]}").header("X-Some-Thing", "1").header("X-Some-Thing", "2");
        server.put(
            "/j",
            reply.header("Content-Type", "application/problem+json; charset=utf-8").header("Set-Cookie", "k=v; Path=/"),
        );
        server.put("/from", Reply::redirect(302, "/j"));
        let ran = host.run("uri", &json!({"url": server.url("/from"), "return_content": true}));
        assert_eq!((ran.asked, ran.changes, ran.changed()), (1, 0, false));
        assert_eq!(ran.field("content"), "{\"a\": [1, \"\u{e4}\"]}");
        assert_eq!((ran.field("status"), ran.field("redirected")), (json!(200), json!(true)));
        assert_eq!((ran.field("url"), ran.field("msg")), (json!(server.url("/j")), json!("OK (16 bytes)")));
        assert_eq!((ran.field("x_some_thing"), ran.field("cookies")), (json!("1, 2"), json!({"k": "v"})));
        assert_eq!(ran.field("cookies_string"), "k=v");
        let ran = host
            .run("uri", &json!({"url": server.url("/from"), "follow_redirects": "none", "status_code": [302, 303]}));
        assert_eq!((ran.field("status"), ran.field("location")), (json!(302), json!(server.url("/j"))));
        assert_eq!(
            host.fail("uri", &json!({"url": server.url("/no"), "status_code": "200,201"})),
            "Status code was 404 and not [200, 201]: HTTP Error 404: Not Found"
        );
        let ran = host.run("uri", &json!({"url": server.url("/no"), "status_code": 404, "method": "HEAD"}));
        assert_eq!((ran.field("status"), ran.field("content")), (json!(404), json!(null)));
        assert!(host.fail("uri", &json!({"url": server.url("/"), "method": "get it"})).contains("single word"));
    });
}

#[test]
fn json_is_read_by_its_type() {
    let server = Server::start();
    for client in ["curl", "wget"] {
        let host = with_client(client);
        for (mime, wanted) in
            [("application/json", json!({"a": 1})), ("application/x+json", json!({"a": 1})), ("text/html", json!(null))]
        {
            server.put("/", Reply::bytes(b"{\"a\": 1}".to_vec()).header("Content-Type", mime));
            assert_eq!(host.run("uri", &json!({"url": server.url("/")})).field("json"), wanted, "{client} {mime}");
        }
        server.put("/l", Reply::bytes(vec![0xe4]).header("Content-Type", "text/plain; charset=ISO-8859-1"));
        assert_eq!(
            host.run("uri", &json!({"url": server.url("/l"), "return_content": true})).field("content"),
            "\u{e4}"
        );
    }
}

#[test]
fn bodies_are_sent_in_their_form() {
    let server = Server::start();
    server.put("/e", Reply::echo());
    server.put("/made", Reply::echo().status(201));
    for client in ["curl", "wget"] {
        let host = with_client(client);
        let send = |more: serde_json::Value| {
            let mut args = json!({"url": server.url("/e"), "method": "post", "return_content": true});
            args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let ran = host.run("uri", &args);
            assert_eq!((ran.asked, ran.changes, ran.changed()), (0, 1, false), "{client}");
            ran.field("content").as_str().unwrap().to_owned()
        };
        let header = |name: &str| {
            let seen = server.seen().last().unwrap().to_lowercase();
            seen.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned)).unwrap_or_default()
        };
        assert_eq!(send(json!({"body": {"a": [1, true]}, "body_format": "json"})), "{\"a\": [1, true]}");
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(send(json!({"body": {"a": "b c"}, "body_format": "form-urlencoded"})), "a=b+c");
        assert_eq!(send(json!({"body": "x\ny\n", "headers": {"Content-Type": "text/x"}})), "x\ny\n");
        assert_eq!(header("content-type"), "text/x");
        fs::write(host.controller().join("up.bin"), "from the controller").unwrap();
        host.write("up.host", "from the host");
        assert_eq!(send(json!({"src": "up.bin"})), "from the controller");
        assert_eq!(send(json!({"src": host.path("up.host"), "remote_src": true})), "from the host");
        let form = send(
            json!({"body_format": "form-multipart", "body": {"t": "v", "f": {"filename": "up.bin", "multipart_encoding": "7or8bit"}}}),
        );
        assert!(form.contains("name=\"f\"; filename=\"up.bin\"\r\n\r\nfrom the controller\r\n"), "{form}");
        assert!(header("content-type").starts_with("multipart/form-data; boundary="));
        let ran =
            host.run("uri", &json!({"url": server.url("/made"), "method": "PUT", "body": "x", "status_code": [201]}));
        assert_eq!(ran.field("status"), 201, "{client}");
        assert!(server.seen().last().unwrap().starts_with("PUT /made"));
    }
}

#[test]
fn answers_are_saved_and_conditions_hold() {
    on_each_shell(|host| {
        let server = Server::start();
        server.put("/f", Reply::text("hello").unmodified());
        let args = json!({"url": server.url("/f"), "dest": host.path("f"), "mode": "0600", "status_code": [200, 304]});
        let ran = host.run("uri", &args);
        assert!(ran.changed() && host.read("f") == "hello" && host.mode("f") == 0o600, "{ran:?}");
        assert_eq!((ran.field("path"), ran.field("mode")), (json!(host.path("f")), json!("0600")));
        let ran = host.run("uri", &args);
        assert_eq!((ran.changed(), ran.field("status")), (false, json!(304)));
        let args = json!({"url": server.url("/f"), "dest": host.path(""), "force": true, "return_content": true});
        let ran = host.run("uri", &args);
        assert_eq!((ran.changed(), ran.field("content")), (true, json!("hello")));
        let asked = server.seen().len();
        let ran = host.run("uri", &json!({"url": server.url("/f"), "creates": host.path("f")}));
        assert_eq!(ran.field("stdout"), format!("skipped, since '{}' exists", host.path("f")));
        let ran = host.run("uri", &json!({"url": server.url("/f"), "removes": host.path("no")}));
        assert_eq!(ran.field("stdout"), format!("skipped, since '{}' does not exist", host.path("no")));
        assert_eq!(server.seen().len(), asked);
        assert!(host.run("uri", &json!({"url": server.url("/f"), "creates": host.path("no")})).field("status") == 200);
    });
}

#[test]
fn without_a_client_the_controller_asks() {
    let server = Server::start();
    server.put("/e", Reply::echo());
    server.put("/f", Reply::text("hello"));
    let mut host = with_client("");
    host.without.push("bash");
    assert!(host.fail("uri", &json!({"url": server.url("/f")})).contains("neither curl nor wget"));
    host.servers = vec![("http://api.example".to_owned(), server.url(""))];
    let ran = host.run("uri", &json!({"url": "http://api.example/f", "return_content": true}));
    assert_eq!((ran.field("content"), ran.field("status")), (json!("hello"), json!(200)));
    let args = json!({"url": "http://api.example/e", "method": "POST", "body": {"a": 1}, "body_format": "json", "return_content": true});
    assert_eq!(host.run("uri", &args).field("content"), "{\"a\": 1}");
    let args = json!({"url": "http://api.example/f", "dest": host.path("f")});
    assert!(host.run("uri", &args).changed() && host.read("f") == "hello");
}

#[test]
fn bash_asks_what_only_the_host_reaches() {
    let server = Server::start();
    server.put("/f", Reply::text("hello"));
    server.put("/moved", Reply::redirect(302, "/f"));
    let host = with_client("");
    let ran = host.run("uri", &json!({"url": server.url("/f"), "return_content": true}));
    assert_eq!((ran.field("content"), ran.field("status"), ran.changed()), (json!("hello"), json!(200), false));
    assert_eq!(host.run("uri", &json!({"url": server.url("/f"), "method": "HEAD"})).field("status"), 200);
    assert!(host.fail("uri", &json!({"url": server.url("/no")})).starts_with("Status code was 404 and not [200]"));
    assert!(host.fail("uri", &json!({"url": server.url("/moved")})).contains("neither curl nor wget"));
    let nobody = host.fail("uri", &json!({"url": "http://127.0.0.1:9/"}));
    assert!(nobody.ends_with("<urlopen error [Errno 111] Connection refused>"), "{nobody}");
}

#[test]
fn archives_come_from_servers() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f"), "hello").unwrap();
    let archive = folder.path().join("a.tgz");
    let tar =
        std::process::Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(folder.path()).arg("f").status();
    assert!(tar.unwrap().success());
    server.put("/a.tgz", Reply::bytes(fs::read(&archive).unwrap()));
    for client in ["curl", "wget", "busybox", ""] {
        let mut host = with_client(client);
        host.servers = vec![("http://files.example".to_owned(), server.url(""))];
        let base = if client.is_empty() { "http://files.example".to_owned() } else { server.url("") };
        let args =
            json!({"src": format!("{base}/a.tgz"), "dest": host.path(""), "remote_src": true, "validate_certs": true});
        let ran = host.run("unarchive", &args);
        assert!(ran.changed() && host.read("f") == "hello", "{client}: {ran:?}");
        assert_eq!(ran.field("handler"), "TgzArchive");
        assert!(!host.run("unarchive", &args).changed(), "{client}");
        let missing = json!({"src": format!("{base}/no"), "dest": host.path(""), "remote_src": true});
        assert!(host.fail("unarchive", &missing).starts_with("Failure downloading"), "{client}");
        let check = host.run_as("unarchive", &args, Mode { check: true, diff: false });
        assert_eq!(check.field("skipped"), true);
    }
}

#[test]
fn sockets_and_logins_are_asked_too() {
    let server = Server::start();
    server.put("/in", Reply::login("me", "s3cret"));
    let host = with_client("curl");
    let args = json!({"url": server.url("/in"), "user": "me", "password": "s3cret", "force_basic_auth": true});
    assert_eq!(host.run("uri", &args).field("status"), 200);
    let args = json!({"url": server.url("/in"), "url_username": "me", "url_password": "wrong"});
    assert_eq!(host.fail("uri", &args), "Status code was 401 and not [200]: HTTP Error 401: Unauthorized");
    let socket = host.path("socket");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let thread = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 512];
        let length = stream.read(&mut head).unwrap();
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nsock").unwrap();
        String::from_utf8_lossy(&head[..length]).into_owned()
    });
    let ran =
        host.run("uri", &json!({"url": "http://any/x", "unix_socket": socket, "return_content": true, "timeout": 5}));
    assert_eq!((ran.field("content"), ran.field("msg")), (json!("sock"), json!("OK (unknown bytes)")));
    assert!(thread.join().unwrap().starts_with("GET /x HTTP/1.1\r\nHost: any\r\n"));
}
