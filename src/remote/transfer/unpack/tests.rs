use std::fs;

use super::*;

/// A raw entry: nothing that a tar program would refuse to write is beyond it.
fn entry(kind: u8, name: &[u8], target: &[u8], content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.as_mut_bytes()[157..157 + target.len()].copy_from_slice(target);
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_mode(0o6755);
    header.set_size(content.len() as u64);
    header.set_cksum();
    let mut blocks = [header.as_bytes(), content].concat();
    blocks.resize(blocks.len().next_multiple_of(512), 0);
    blocks
}

fn file(name: &str) -> Vec<u8> {
    entry(b'0', name.as_bytes(), b"", b"evil")
}

fn directory(name: &str) -> Vec<u8> {
    entry(b'5', name.as_bytes(), b"", b"")
}

fn symlink(name: &str, target: &str) -> Vec<u8> {
    entry(b'2', name.as_bytes(), target.as_bytes(), b"")
}

fn hard_link(name: &str, target: &str) -> Vec<u8> {
    entry(b'1', name.as_bytes(), target.as_bytes(), b"")
}

fn pax(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    let length = (rest.len()..rest.len() + 8).find(|length| length.to_string().len() + rest.len() == *length).unwrap();
    entry(b'x', b"pax", b"", format!("{length}{rest}").as_bytes())
}

/// Unpacks into a directory beside a file that must stay as it is.
fn unpacked(parts: &[Vec<u8>], links: OutsideLinks) -> (tempfile::TempDir, Result<Unpacked, UnpackError>) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("outside"), "safe").unwrap();
    fs::create_dir(place.path().join("root")).unwrap();
    let root = fs::File::open(place.path().join("root")).unwrap();
    let stream = [parts.concat(), vec![0; 1024]].concat();
    let result = unpack(root.as_fd(), stream.as_slice(), links);
    let mut names: Vec<_> = fs::read_dir(place.path()).unwrap().map(|item| item.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["outside", "root"]);
    assert_eq!(fs::read_to_string(place.path().join("outside")).unwrap(), "safe");
    (place, result)
}

#[test]
fn whatever_leads_elsewhere_is_refused() {
    let long = "x/".repeat(3000);
    let cases: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("is an absolute path", vec![file("/tmp/evil")]),
        ("leads out of the tree", vec![file("../outside")]),
        ("leads out of the tree", vec![directory("a"), file("a/../../outside")]),
        ("leads out of the tree", vec![directory("a"), file("./a/../b")]),
        ("leads out of the tree", vec![directory("..")]),
        ("leads out of the tree", vec![entry(b'L', b"x", b"", b"../outside\0"), file("short")]),
        ("leads out of the tree", vec![pax("path", "../outside"), file("short")]),
        ("is too long a path", vec![entry(b'L', b"x", b"", long.as_bytes()), file("short")]),
        ("is no name", vec![file("")]),
        ("would take the place of the tree itself", vec![file(".")]),
        ("would take the place of the tree itself", vec![symlink("./", "outside")]),
        ("has control characters", vec![file("new\nline")]),
        ("has control characters", vec![file("\u{1b}[2J")]),
        ("has control characters", vec![file("c1\u{9b}2J")]),
        ("is a symlink to an absolute path", vec![symlink("l", "/etc")]),
        ("is a symlink that leads out", vec![symlink("l", "..")]),
        ("is a symlink that leads out", vec![symlink("l", "../outside")]),
        ("is a symlink that leads out", vec![directory("a"), symlink("a/l", "../../outside")]),
        ("is a symlink that leads out", vec![directory("a"), symlink("a/up", ".."), symlink("l", "a/up/../outside")]),
        ("is a symlink that leads out", vec![pax("linkpath", "../outside"), symlink("l", "fine")]),
        ("is a symlink that leads out", vec![entry(b'K', b"x", b"", b"../outside\0"), symlink("l", "fine")]),
        ("empty or unprintable", vec![symlink("l", "")]),
        ("empty or unprintable", vec![symlink("l", "a\nb")]),
        ("leads through something", vec![directory("d"), symlink("l", "d"), file("l/evil")]),
        ("leads through something", vec![directory("d"), symlink("l", "d"), directory("l/evil")]),
        ("leads through something", vec![file("f"), file("f/evil")]),
        ("is a link that leads out", vec![hard_link("h", "../outside")]),
        ("is a link that leads out", vec![hard_link("h", "/etc/passwd")]),
        ("is a link to something that did not come before", vec![hard_link("h", "missing")]),
        ("is a link to something that is no file", vec![symlink("l", "x"), hard_link("h", "l")]),
        ("is a link to something that is no file", vec![directory("d"), hard_link("h", "d")]),
        (
            "is a link to something that did not",
            vec![directory("d"), symlink("l", "d"), file("d/f"), hard_link("h", "l/f")],
        ),
        ("came twice", vec![file("f"), file("f")]),
        ("came twice", vec![file("f"), file("./f")]),
        ("came twice", vec![symlink("f", "x"), file("f")]),
        ("came twice", vec![file("f"), symlink("f", "x")]),
        ("came twice", vec![file("f"), file("g"), hard_link("g", "f")]),
        ("came twice", vec![directory("d"), directory("d/")]),
        ("in a directory that did not come before", vec![file("no/such")]),
        ("is a device, pipe or socket", vec![entry(b'3', b"null", b"", b"")]),
        ("is a device, pipe or socket", vec![entry(b'4', b"disk", b"", b"")]),
        ("is a device, pipe or socket", vec![entry(b'6', b"pipe", b"", b"")]),
        ("is a device, pipe or socket", vec![entry(b'Z', b"thing", b"", b"")]),
    ];
    for (number, (expected, parts)) in cases.iter().enumerate() {
        let (_place, result) = unpacked(parts, OutsideLinks::Refuse);
        let error = result.unwrap_err();
        let is_refusal = matches!(error, UnpackError::Refused { .. } | UnpackError::OutsideLink { .. });
        assert!(is_refusal, "case {number}, {expected}: {error}");
        assert!(error.to_string().contains(expected), "case {number}: {error}");
    }
}

#[test]
fn what_is_no_archive_is_an_error() {
    let mut flipped = file("f");
    flipped[0] ^= 1;
    let mut huge = entry(b'L', b"x", b"", b"");
    huge[124..136].copy_from_slice(b"77777777777\0");
    let header: &mut tar::Header = &mut tar::Header::from_byte_slice(&huge).clone();
    header.set_cksum();
    let cases: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("checksum is wrong", vec![flipped]),
        ("checksum is wrong", vec![vec![b'x'; 512]]),
        ("extended header is too long", vec![header.as_bytes().to_vec()]),
        ("ends early", vec![entry(b'0', b"f", b"", &[1; 4096])[..1024].to_vec()]),
        ("sparse files are not supported", vec![pax("GNU.sparse.major", "1"), file("f")]),
        ("size is no number", vec![pax("size", "-1"), file("f")]),
    ];
    for (expected, parts) in cases {
        let (_place, result) = unpacked(&parts, OutsideLinks::Refuse);
        let error = result.unwrap_err().to_string();
        assert!(error.contains(expected) || error.contains("numeric field"), "{expected}: {error}");
    }
}

#[test]
fn what_stays_inside_is_unpacked() {
    let parts = vec![
        directory("./"),
        directory("./a/"),
        directory("a/b"),
        entry(b'0', b"a/b/f", b"", b"content"),
        symlink("a/b/up", "../../top"),
        symlink("a/down", "b/./f"),
        symlink("dots", "a/..name"),
        hard_link("a/hard", "./a/b/f"),
        entry(b'g', b"global", b"", b"11 path=x\n"),
        pax("path", "long by pax"),
        file("short"),
        entry(b'L', b"x", b"", b"long by gnu\0"),
        file("short"),
        entry(0, b"v7/", b"", b""),
        file("v7/f"),
    ];
    let (place, result) = unpacked(&parts, OutsideLinks::Refuse);
    assert_eq!(result.unwrap().mode, 0o755);
    let root = place.path().join("root");
    assert_eq!(fs::read_to_string(root.join("a/hard")).unwrap(), "content");
    assert_eq!(fs::read_link(root.join("a/b/up")).unwrap(), std::path::Path::new("../../top"));
    for name in ["long by pax", "long by gnu", "v7/f"] {
        assert_eq!(fs::read_to_string(root.join(name)).unwrap(), "evil");
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(root.join("a/b/f")).unwrap().permissions());
    assert_eq!(mode & 0o7777, 0o755);
}

#[test]
fn symlinks_that_lead_elsewhere_are_left_out_when_asked_for_and_said() {
    let parts = vec![symlink("l", "/etc"), symlink("m", "../\u{1b}"), file("f"), symlink("inside", "f")];
    let (place, result) = unpacked(&parts, OutsideLinks::Skip);
    assert_eq!(result.unwrap().skipped, "skipped symlink l -> /etc\nskipped symlink m -> ../\\u{1b}\n");
    assert_eq!(fs::read_dir(place.path().join("root")).unwrap().count(), 2);
    let (_place, result) = unpacked(&[symlink("l", "/etc"), file("l/f")], OutsideLinks::Skip);
    assert!(result.unwrap_err().to_string().contains("in a directory that did not come before"));
}
