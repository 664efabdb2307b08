//! Several users on one host share its connection.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use opsctl::engine::deploy::session::Trouble;
use opsctl::event::FailureKind;
use opsctl::inventory::PrivilegeMethod;
use opsctl::modules::Question;
use opsctl::modules::probes::Probe;
use opsctl::remote::Privilege;
use opsctl::transport::Target;

use crate::common::write_program;
use crate::fixture::{Host, With, block_on};

static WHO: Probe = Probe { name: "who", script: "printf '%s' \"${WHO-nobody}\"" };

fn fake(directory: &std::path::Path, name: &str, text: &str) -> Privilege {
    let path = directory.join(name);
    write_program(&path, format!("#!/bin/sh\n{text}\n"));
    Privilege {
        method: PrivilegeMethod::Sudo,
        user: name.into(),
        password: None,
        executable: Some(path.display().to_string()),
        flags: None,
    }
}

#[test]
fn another_users_shell_needs_no_other_connection() {
    let directory = tempfile::tempdir().unwrap();
    let raise = "while [ \"$1\" != /bin/sh ]; do shift; done; WHO=${0##*/}; export WHO; exec \"$@\"";
    let (ada, bob) = (fake(directory.path(), "ada", raise), fake(directory.path(), "bob", raise));
    let refused = fake(directory.path(), "eve", "echo 'eve may not run sudo' >&2; exit 1");
    let transport = Arc::new(With::new("/bin/sh", ""));
    block_on(async {
        let mut host = Host::over(transport.clone(), Target::default());
        let question = [Question::new(&WHO, [""; 0])];
        for _ in 0..2 {
            for (privilege, name) in [(None, "nobody"), (Some(&ada), "ada"), (Some(&bob), "bob")] {
                host.access.privilege = privilege.cloned();
                assert_eq!(host.ask(&question).await.unwrap()[0].text(), name);
            }
        }
        host.access.privilege = Some(refused);
        let trouble = host.ask(&question).await.unwrap_err();
        let expected = matches!(&trouble, Trouble::Failed(failure)
            if failure.kind == FailureKind::Become && failure.message.contains("eve may not"));
        assert!(expected, "{trouble:?}");
        host.access.privilege = Some(ada);
        assert_eq!(host.ask(&question).await.unwrap()[0].text(), "ada");
        assert_eq!(transport.connections.load(Ordering::Relaxed), 1);
        host.session.close().await;
    });
}
