//! Tells whether Kerberos credentials may exist: without any, GSSAPI authentication changes nothing.

use std::fs;
use std::path::Path;

use super::caller::Caller;

/// Whether there may be credentials; any doubt is a yes.
pub(super) fn may_exist(caller: &Caller) -> bool {
    let variables = ["KRB5CCNAME", "KRB5_CONFIG", "KRB5_CLIENT_KTNAME", "GSS_USE_PROXY"];
    variables.iter().any(|name| caller.has(name))
        || has_cache(Path::new("/tmp"), caller.uid)
        || client_keytabs(caller.uid).iter().any(|path| Path::new(path).exists())
        || configured_elsewhere(Path::new("/etc"))
}

fn has_cache(directory: &Path, uid: u32) -> bool {
    let prefix = format!("krb5cc_{uid}");
    match fs::read_dir(directory) {
        Ok(entries) => entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)),
        Err(_) => true,
    }
}

/// Where MIT's library finds keys to log in with by itself.
fn client_keytabs(uid: u32) -> [String; 2] {
    [format!("/etc/krb5/user/{uid}/client.keytab"), format!("/var/kerberos/krb5/user/{uid}/client.keytab")]
}

/// Whether the configuration names another place for credentials, or files that may.
fn configured_elsewhere(directory: &Path) -> bool {
    let main = directory.join("krb5.conf");
    let more = directory.join("krb5.conf.d");
    let mut texts: Vec<String> = match fs::read(&main) {
        Ok(text) => vec![String::from_utf8_lossy(&text).into_owned()],
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return false,
        Err(_) => return true,
    };
    for entry in fs::read_dir(&more).into_iter().flatten().flatten() {
        match fs::read(entry.path()) {
            Ok(text) => texts.push(String::from_utf8_lossy(&text).into_owned()),
            Err(_) => return true,
        }
    }
    let known = more.display().to_string();
    texts.iter().flat_map(|text| text.lines()).map(str::trim).any(|line| match line.split_once(char::is_whitespace) {
        Some(("includedir", place)) => place.trim().trim_end_matches('/') != known,
        Some(("include" | "module", _)) => true,
        _ => line.contains("_ccache_name") || line.contains("client_keytab_name"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_of_the_user_is_found() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("krb5cc_1001_x"), "").unwrap();
        assert!(has_cache(directory.path(), 1001));
        assert!(!has_cache(directory.path(), 7));
        assert!(has_cache(&directory.path().join("none"), 7));
    }

    #[test]
    fn a_configured_cache_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let main = directory.path().join("krb5.conf");
        assert!(!configured_elsewhere(directory.path()));
        let more = directory.path().join("krb5.conf.d");
        fs::create_dir(&more).unwrap();
        for (text, expected) in [
            (format!("includedir {}/\n[libdefaults]\n default_realm = X\n", more.display()), false),
            ("[libdefaults]\n default_ccache_name = KEYRING:persistent:%{uid}\n".to_owned(), true),
            ("include /elsewhere\n".to_owned(), true),
            ("includedir /elsewhere\n".to_owned(), true),
        ] {
            fs::write(&main, &text).unwrap();
            assert_eq!(configured_elsewhere(directory.path()), expected, "{text}");
        }
        fs::write(&main, "").unwrap();
        fs::write(more.join("kcm"), "default_ccache_name = KCM:\n").unwrap();
        assert!(configured_elsewhere(directory.path()));
        assert!(may_exist(&Caller { environment: vec![("KRB5CCNAME".into(), "".into())], ..Caller::default() }));
    }
}
