//! The files in `vectors/` were made by ansible-vault 2.19.14.

use super::*;

const VARS: &str = include_str!("vectors/vars.vault");
const BLOCK: &str = include_str!("vectors/block.vault");

fn password(id: &str, password: &str) -> VaultPassword {
    VaultPassword { id: id.to_owned(), password: Secret::new(password.to_owned()) }
}

fn vault(passwords: &[(&str, &str)]) -> Vault {
    Vault::new(passwords.iter().map(|(id, text)| password(id, text)).collect())
}

#[test]
fn texts_of_ansible_vault_are_opened() {
    let cases: [(&str, &str, &[u8]); 5] = [
        (VARS, "correct horse", b"db_password: hunter2\napi_key: \"abc def\"\n"),
        (include_str!("vectors/empty.vault"), "correct horse", b""),
        (include_str!("vectors/binary.vault"), "correct horse", b"\x00\xff\xfebinary\n"),
        (BLOCK, "prod-pass", b"0123456789abcdef"),
        (include_str!("vectors/umlaut.vault"), "\u{fc}ml\u{e4}ut", "gr\u{fc}\u{df}e\n".as_bytes()),
    ];
    for (envelope, text, expected) in cases {
        assert_eq!(vault(&[("default", text)]).open(envelope).unwrap(), expected);
    }
}

#[test]
fn blanks_around_the_lines_do_not_count() {
    let indented = VARS.replace('\n', "\r\n          ");
    assert!(vault(&[("default", "correct horse")]).open(&indented).is_ok());
}

#[test]
fn the_password_of_the_texts_id_is_tried_first_and_then_all() {
    let two = vault(&[("dev", "prod-pass"), ("prod", "prod-pass")]);
    let opened = two.open_with(BLOCK).unwrap();
    assert_eq!((opened.id.as_deref(), &*opened.password.id), (Some("prod"), "prod"));
    let other = vault(&[("prod", "wrong"), ("dev", "prod-pass")]);
    assert_eq!(other.open_with(BLOCK).unwrap().password.id, "dev");
}

#[test]
fn an_error_names_what_was_tried_and_no_secret() {
    let wrong = vault(&[("dev", "hunter2"), ("prod", "hunter3")]);
    let error = wrong.open(BLOCK).unwrap_err();
    assert_eq!(error.to_string(), "no vault password opens it (tried: prod, dev)");
    assert!(!format!("{error:?}{wrong:?}").contains("hunter"));
    assert_eq!(Vault::default().open(BLOCK), Err(VaultError::NoPassword));
}

#[test]
fn what_is_no_envelope_is_named() {
    let any = vault(&[("default", "x")]);
    let cases = [
        ("hello", "it does not begin with $ANSIBLE_VAULT"),
        ("$ANSIBLE_VAULT;1.1", "its header names no version and cipher"),
        ("$ANSIBLE_VAULT;1.0;AES256\n", "its version \"1.0\" is not 1.1 or 1.2"),
        ("$ANSIBLE_VAULT;1.1;AES\n", "its cipher \"AES\" is not AES256"),
        ("$ANSIBLE_VAULT;1.1;AES256\nzz", "its lines are not hexadecimal, or one was cut"),
        ("$ANSIBLE_VAULT;1.1;AES256\n616", "its lines are not hexadecimal, or one was cut"),
        ("$ANSIBLE_VAULT;1.1;AES256\n3631", "its authentication code is missing"),
    ];
    for (text, reason) in cases {
        assert_eq!(any.open(text), Err(VaultError::Malformed(reason.to_owned())), "{text}");
    }
}

#[test]
fn a_changed_text_is_not_opened() {
    let own = vault(&[("default", "x")]);
    let sealed = own.seal(b"text", None).unwrap();
    let mut envelope = Envelope::parse(&sealed).unwrap();
    envelope.encrypted[0] ^= 1;
    assert_eq!(own.open(&envelope.write()), Err(VaultError::WrongPassword(vec!["default".to_owned()])));
}

#[test]
fn a_text_is_sealed_once_and_with_a_known_id() {
    let two = vault(&[("dev", "a"), ("prod", "b")]);
    assert_eq!(two.seal(VARS.as_bytes(), Some("dev")), Err(VaultError::Encrypted));
    assert_eq!(two.seal(b"x", None), Err(VaultError::Ambiguous(vec!["dev".to_owned(), "prod".to_owned()])));
    let error = two.seal(b"x", Some("qa")).unwrap_err();
    assert_eq!(error.to_string(), "no vault password has the id `qa` (there are: dev, prod)");
    assert!(two.seal(b"x", Some("prod")).unwrap().starts_with("$ANSIBLE_VAULT;1.2;AES256;prod\n"));
    assert!(vault(&[("default", "a")]).seal(b"x", None).unwrap().starts_with("$ANSIBLE_VAULT;1.1;AES256\n"));
}

#[test]
fn a_key_is_derived_once() {
    let own = vault(&[("default", "correct horse")]);
    own.open(VARS).unwrap();
    own.clone().open(VARS).unwrap();
    assert_eq!(own.keys.0.lock().unwrap().len(), 1);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(24))]
    #[test]
    fn what_was_sealed_opens(plaintext in proptest::collection::vec(0u8.., 0..200), text in ".{1,20}") {
        let own = vault(&[("some", &text)]);
        let sealed = own.seal(&plaintext, None);
        proptest::prop_assume!(sealed != Err(VaultError::Encrypted));
        let sealed = sealed.unwrap();
        proptest::prop_assert!(sealed.lines().all(|line| line.len() <= 80));
        proptest::prop_assert_eq!(own.open(&sealed).unwrap(), plaintext);
    }

    #[test]
    fn nothing_panics_on_any_text(text in "(\\$ANSIBLE_VAULT;1\\.1;AES256\n)?[0-9a-f\n]{0,60}") {
        let _ = vault(&[("default", "x")]).open(&text);
    }
}
