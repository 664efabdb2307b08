//! `mail`, with a server of the test's own behind `nc`. Expectations are those of community.general 13.

use serde_json::{Value as Json, json};

use super::settings::command;
use super::{TestHost, on_each_shell};

/// A server of SMTP on standard input and output; what it hears goes to a file.
fn server(log: &str, extension: &str) -> String {
    format!(
        "printf '220 mx ESMTP\\r\\n'\n\
         data=\n\
         while IFS= read -r line; do\n\
           line=${{line%?}}\n\
           printf '%s\\n' \"$line\" >>{log}\n\
           if [ \"$data\" ]; then [ \"$line\" = . ] || continue; data=; printf '250 queued\\r\\n'; continue; fi\n\
           case $line in\n\
           EHLO*) printf '250-mx\\r\\n{extension}250 8BITMIME\\r\\n';;\n\
           'RCPT TO:<no@x>') printf '550 no such user\\r\\n';;\n\
           'AUTH PLAIN AGFubgBzMyBjcmV0') printf '235 ok\\r\\n';;\n\
           AUTH*) printf '535 wrong\\r\\n';;\n\
           DATA) data=1; printf '354 go\\r\\n';;\n\
           QUIT) printf '221 bye\\r\\n'; exit;;\n\
           *) printf '250 ok\\r\\n';;\n\
           esac\ndone"
    )
}

fn with(more: &Json) -> Json {
    let mut all = json!({"subject": "Hello", "host": "mx", "ehlohost": "me.x", "secure": "never", "timeout": 20,
        "sender": "ann@x", "to": ["bob@x"]});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

#[test]
fn mail_is_sent() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let log = host.path("log");
        command(&mut host, "nc", &server(&log, "250-AUTH LOGIN PLAIN\\r\\n"));
        host.write("a file", "attached\n");
        let ran =
            host.run("mail", &with(&json!({"body": "Grüße", "attach": ["~/a file"], "to": ["no@x", "Bob <bob@x>"]})));
        assert_eq!(ran.field("result"), json!({"no@x": [550, "no such user"]}), "{ran:?}");
        assert_eq!(ran.warnings.len(), 1);
        let heard = host.read("log");
        assert!(
            heard.starts_with("EHLO me.x\nMAIL FROM:<ann@x>\nRCPT TO:<no@x>\nRCPT TO:<bob@x>\nDATA\nDate: "),
            "{heard}"
        );
        for line in [
            "Message-ID: <",
            "Subject: Hello\n",
            "To: no@x,\n Bob <bob@x>\n",
            "\nR3LDvMOfZQoK\n",
            "\nYXR0YWNoZWQK\n",
            "\n.\nQUIT\n",
        ] {
            assert!(heard.contains(line), "{line:?} in {heard}");
        }
        let login = host.run("mail", &with(&json!({"username": "ann", "password": "s3 cret"})));
        assert_eq!(login.warnings, ["Username and Password was sent without encryption"]);
        assert!(!login.trace.iter().any(|step| step.contains("s3")), "{login:?}");
        let wrong = host.fail("mail", &with(&json!({"username": "ann", "password": "no"})));
        assert_eq!(wrong, "Authentication to mx:25 failed, please check your username and/or password");
        let missing = host.fail("mail", &with(&json!({"attach": [host.path("none")]})));
        assert_eq!(missing, format!("Failed to send community.general.mail: can't attach file {}", host.path("none")));
        let nobody = host.fail("mail", &with(&json!({"to": "no@x"})));
        assert_eq!(nobody, "Failed to send mail to 'no@x': all receivers were refused");
        let closed = host.fail("mail", &with(&json!({"secure": "starttls"})));
        assert_eq!(closed, "StartTLS is not offered on server mx:25");
    });
}

#[test]
fn mail_is_encrypted_where_it_can_be() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (plain, secret) = (host.path("plain"), host.path("secret"));
        command(&mut host, "nc", &server(&plain, "250-STARTTLS\\r\\n"));
        let inner = server(&secret, "250-AUTH PLAIN\\r\\n").replacen("printf '220 mx ESMTP\\r\\n'\n", "", 1);
        command(
            &mut host,
            "openssl",
            &format!("case $* in *-starttls*) ;; *) echo wrong version >&2; exit 1;; esac\n{inner}"),
        );
        let args = with(&json!({"secure": "try", "username": "ann", "password": "s3 cret"}));
        let ran = host.run("mail", &args);
        assert_eq!((ran.field("msg"), ran.warnings.len()), (json!("Mail sent successfully"), 0));
        assert_eq!(host.read("plain"), "EHLO me.x\nQUIT\n");
        assert!(host.read("secret").starts_with("EHLO me.x\nAUTH PLAIN "), "{}", host.read("secret"));
        let always = host.fail("mail", &with(&json!({"secure": "always"})));
        assert_eq!(always, "Unable to start an encrypted session to mx:25: wrong version");
    });
}
