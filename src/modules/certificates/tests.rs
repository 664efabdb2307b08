//! Keys and parameters, made by a command that stands in for openssl.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::modules::testing::TestHost;

/// Writes what it is asked for into the file, and says of a file what openssl 3 says of such a one.
const OPENSSL: &str = r#"#!/bin/sh
case "$1" in
genpkey)
    [ "$3" != broken ] || { echo "no such algorithm" >&2; exit 1; }
    echo "$*" "$PASSPHRASE"
    ;;
pkey)
    text=$(cat "$3")
    case $text in
    *"$PASSPHRASE") ;;
    *) echo "Could not read key from $3" >&2; exit 1 ;;
    esac
    case $text in
    *RSA*) bits=${text#*rsa_keygen_bits:}; echo "Private-Key: (${bits%% *} bit, 2 primes)"; echo prime1: ;;
    *EC*) curve=${text#*ec_paramgen_curve:}; echo "Private-Key: (256 bit)"; echo "ASN1 OID: ${curve%% *}" ;;
    *) set -- $text; echo "$3 Private-Key:" ;;
    esac
    ;;
dhparam)
    case $2 in
    -in) echo "    DH Parameters: ($(sed -n 's/dhparam //p' "$3") bit)" ;;
    *) echo "$*" ;;
    esac
    ;;
esac
"#;

fn with_openssl(test: impl Fn(&TestHost)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openssl");
    fs::write(&path, OPENSSL).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    for shell in [&["dash"][..], &["sh"]] {
        let mut host = TestHost::new(shell);
        host.commands.push(folder.path().to_owned());
        test(&host);
    }
}

#[test]
fn keys_are_made_once_and_for_their_owner() {
    with_openssl(|host| {
        let args = json!({"path": "~/a.pem", "size": 2048, "backup": true});
        let ran = host.run_thrice("openssl_privatekey", &args);
        assert_eq!((ran.field("size"), ran.field("type"), host.mode("a.pem")), (json!(2048), json!("RSA"), 0o600));
        let args =
            json!({"path": "a.pem", "size": 4096, "backup": true, "mode": "0640", "cipher": "auto", "format": "auto"});
        let ran = host.run_thrice("openssl_privatekey", &args);
        assert!(ran.field("backup_file").as_str().is_some_and(|kept| kept.starts_with("a.pem.")), "{ran:?}");
        assert_eq!(host.mode("a.pem"), 0o640);
        let ran = host.run("openssl_privatekey", &json!({"path": "a.pem", "mode": "0600"}));
        assert!(ran.changed() && host.mode("a.pem") == 0o600);
        assert!(host.run("openssl_privatekey", &json!({"path": "a.pem", "force": true})).changed());
        let _ = host.run_thrice("openssl_privatekey", &json!({"path": "a.pem", "state": "absent"}));
    });
}

#[test]
fn kinds_and_curves_are_told_apart() {
    with_openssl(|host| {
        let ec = json!({"path": "k", "type": "ECC", "curve": "secp256r1", "select_crypto_backend": "auto"});
        let ran = host.run_thrice("openssl_privatekey", &ec);
        assert_eq!(ran.field("curve"), "secp256r1");
        assert!(host.read("k").contains("ec_paramgen_curve:prime256v1"), "{}", host.read("k"));
        assert!(host.run("openssl_privatekey", &json!({"path": "k", "type": "ECC", "curve": "secp384r1"})).changed());
        let _ = host.run_thrice("openssl_privatekey", &json!({"path": "k", "type": "Ed25519"}));
    });
}

#[test]
fn locked_keys_are_made_anew_only_where_that_is_wanted() {
    with_openssl(|host| {
        let locked = json!({"path": "k", "passphrase": "s3cret"});
        let ran = host.run_thrice("openssl_privatekey", &locked);
        assert!(!format!("{ran:?}").contains("s3cret"), "{ran:?}");
        let other = |way: &str| json!({"path": "k", "passphrase": "other", "regenerate": way});
        for way in ["never", "fail", "partial_idempotence"] {
            assert!(host.fail("openssl_privatekey", &other(way)).starts_with("Key "), "{way}");
        }
        assert!(host.run("openssl_privatekey", &other("full_idempotence")).changed());
        assert!(host.run("openssl_privatekey", &other("always")).changed());
        assert!(
            host.fail("openssl_privatekey", &json!({"path": "no/k"})).starts_with("The directory no does not exist")
        );
    });
}

#[test]
fn parameters_are_made_once() {
    with_openssl(|host| {
        let args = json!({"path": "dh.pem", "size": 512, "mode": "0644", "select_crypto_backend": "openssl"});
        let ran = host.run_thrice("openssl_dhparam", &args);
        assert_eq!((ran.field("size"), ran.field("filename")), (json!(512), json!("dh.pem")));
        let ran = host.run("openssl_dhparam", &json!({"path": "dh.pem", "size": 1024, "backup": true, "force": false}));
        assert!(ran.changed() && ran.field("backup_file") != json!(null), "{ran:?}");
        let _ = host.run_thrice("openssl_dhparam", &json!({"path": "dh.pem", "state": "absent"}));
    });
}

#[test]
fn bits_are_read() {
    assert_eq!(super::bits("Private-Key: (4096 bit, 2 primes)\nmodulus"), Some(4096));
    assert_eq!(super::bits("    DH Parameters: (2048 bit)"), Some(2048));
    assert_eq!(super::bits("ED25519 Private-Key:"), None);
}
