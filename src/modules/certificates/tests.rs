//! Keys and parameters, made by a command that stands in for openssl.

use serde_json::json;

use crate::modules::testing::TestHost;
use crate::testing::write_program;

/// Writes what it is asked for into the file, and says of a file what openssl 3 says of such a one.
const OPENSSL: &str = r#"#!/bin/sh
case "$1" in
genpkey)
    [ "$3" != broken ] || { echo "no such algorithm" >&2; exit 1; }
    echo "$*" "$PASSPHRASE"
    ;;
pkey)
    [ "$4" != -pubout ] || { cat "$3"; exit; }
    case " $* " in *" -text "*) echo "the key itself is asked for" >&2; exit 1 ;; esac
    text=$(cat "$3")
    case $text in
    *"$PASSPHRASE") ;;
    *) echo "Could not read key from $3" >&2; exit 1 ;;
    esac
    case $text in
    *RSA*) bits=${text#*rsa_keygen_bits:}; echo "Public-Key: (${bits%% *} bit)"; echo Modulus: ;;
    *EC*) curve=${text#*ec_paramgen_curve:}; echo "Public-Key: (256 bit)"; echo "ASN1 OID: ${curve%% *}" ;;
    *) set -- $text; echo "$3 Public-Key:" ;;
    esac
    ;;
req | x509)
    verb=$1 file= text=
    for word; do
        [ "$previous" != -in ] || file=$word
        case $word in -pubkey) text=key ;; -text) text=text ;; -subject) text=subject ;; esac
        previous=$word
    done
    case $text in
    '') echo "$*" "$PASSPHRASE$CA_PASSPHRASE" ;;
    text) printf '    Subject:\n        CN=%s\n    Subject Public Key Info:\n' "$(sed -n 's|.*-subj /CN=\([^ ]*\).*|\1|p' "$file")" ;;
    esac
    [ "$text" != key ] || echo public
    ;;
verify) grep -q -e "-CA ${5#./}" "$6" ;;
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
    write_program(folder.path().join("openssl"), OPENSSL);
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

#[test]
fn requests_are_made_once() {
    with_openssl(|host| {
        host.write("key", "public\n");
        let args = json!({
            "path": "~/r.pem", "privatekey_path": "key", "privatekey_passphrase": "pass", "common_name": "www.x.y",
            "use_common_name_for_san": false, "digest": "sha512", "version": 1, "select_crypto_backend": "auto",
        });
        let _ = host.run_thrice("openssl_csr", &args);
        let made = "req -new -batch -utf8 -key key -passin env:PASSPHRASE -sha512 -subj /CN=www.x.y pass\n";
        assert_eq!(host.read("r.pem"), made);
        let args = json!({
            "path": "r.pem", "privatekey_path": "key", "common_name": "other", "use_common_name_for_san": false,
            "backup": true, "mode": "0640",
        });
        let ran = host.run_thrice("openssl_csr", &args);
        assert!(ran.field("backup_file").as_str().is_some_and(|kept| kept.starts_with("r.pem.")), "{ran:?}");
        let message = host.fail("openssl_csr", &json!({"path": "r.pem", "privatekey_path": "nope"}));
        assert_eq!(message, "The private key file nope does not exist");
        let _ = host.run_thrice("openssl_csr", &json!({"path": "r.pem", "privatekey_path": "key", "state": "absent"}));
    });
}

#[test]
fn certificates_are_signed_by_their_key_or_an_authority() {
    with_openssl(|host| {
        for file in ["key", "request", "ca.pem", "ca.key"] {
            host.write(file, "public\n");
        }
        let args = json!({
            "path": "c.pem", "provider": "selfsigned", "privatekey_path": "key", "privatekey_passphrase": "pass",
            "selfsigned_not_after": "+1w1d", "selfsigned_digest": "sha512",
        });
        let _ = host.run_thrice("x509_certificate", &args);
        let made = "req -x509 -batch -key key -passin env:PASSPHRASE -days 8 -sha512 -subj / pass\n";
        assert_eq!(host.read("c.pem"), made);
        let args = json!({
            "path": "d.pem", "provider": "ownca", "csr_path": "request", "ownca_path": "ca.pem",
            "ownca_privatekey_path": "ca.key", "ownca_privatekey_passphrase": "pass", "ownca_not_after": "+10d",
            "ownca_digest": "sha384", "ignore_timestamps": true,
        });
        let _ = host.run_thrice("x509_certificate", &args);
        let made = "x509 -req -in request -CA ca.pem -CAkey ca.key -passin env:CA_PASSPHRASE -days 10 -sha384 \
                    -copy_extensions copyall pass\n";
        assert_eq!(host.read("d.pem"), made);
        let args = json!({"path": "e.pem", "provider": "selfsigned", "privatekey_path": "key", "csr_path": "request"});
        let _ = host.run_thrice("x509_certificate", &args);
        let _ = host.run_thrice("x509_certificate", &json!({"path": "d.pem", "state": "absent"}));
    });
}
