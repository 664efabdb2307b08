use super::*;

fn fleet() -> Inventory {
    let text = "
[web]
web01
web02
web03
web[10:12]
[db]
db1.example
db2.example
[prod:children]
db
[prod]
web01
[odd]
fe80::1
";
    load("hosts.ini", text)
}

fn select(pattern: &str) -> String {
    let pattern = HostPattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    let selection = fleet().select(&pattern, None);
    let warnings = selection.warnings.iter().map(|warning| format!(" ({warning})"));
    warnings.fold(selection.hosts.join(" "), |text, warning| text + &warning)
}

#[test]
fn patterns_select_as_in_ansible() {
    let cases = [
        ("web01", "web01"),
        ("web", "web01 web02 web03 web10 web11 web12"),
        ("prod", "web01 db1.example db2.example"),
        ("db,web01", "db1.example db2.example web01"),
        ("db:web01", "db1.example db2.example web01"),
        ("db web01", "db1.example db2.example web01"),
        ("web:&prod", "web01"),
        ("prod:!web", "db1.example db2.example"),
        ("!web,prod", "db1.example db2.example"),
        ("all:!web:!db", "fe80::1"),
        ("!web:!db", "fe80::1"),
        ("&db", "db1.example db2.example"),
        ("web1*", "web10 web11 web12"),
        ("*.example", "db1.example db2.example"),
        ("web0?", "web01 web02 web03"),
        ("~web0[12]", "web01 web02"),
        ("~(web|db)0?1$", "web01"),
        ("~(web0|db)1", "web01 db1.example"),
        ("~web\\d{2}$:!~web1", "web01 web02 web03"),
        ("~web0{1,1}1", "web01"),
        ("~eb01", " (pattern `~eb01` matches no host and no group; did you mean `web01`?)"),
        ("web[0]", "web01"),
        ("web[-1]", "web12"),
        ("web[1:3]", "web02 web03 web10"),
        ("web[4:]", "web11 web12"),
        ("web*[0]", "web01"),
        ("web[9]", " (`web` has 6 hosts, the first is [0]; [9] is none of them)"),
        ("fe80::1", "fe80::1"),
        ("fe80::1,web01", "fe80::1 web01"),
        ("ungrouped", ""),
        ("localhost", "localhost"),
    ];
    for (pattern, expected) in cases {
        assert_eq!(select(pattern), expected, "{pattern}");
    }
}

#[test]
fn number_ranges_select_as_in_pdsh() {
    let cases = [
        ("web[01-03]", "web01 web02 web03"),
        ("web[01-02,10]", "web01 web02 web10"),
        ("web[01,03]:!web[02-03]", "web01"),
        ("web[01-04]", "web01 web02 web03 (not in the inventory: web04 (1))"),
        ("db[1-2].example", "db1.example db2.example"),
        ("web[01:03]", "web02 web03 web10"),
        ("web[10:11]", " (`web` has 6 hosts, the first is [0]; [10] is none of them)"),
        ("web0[1-2]", "web01 web02"),
        ("web0[12]", "web01 web02"),
    ];
    for (pattern, expected) in cases {
        assert_eq!(select(pattern), expected, "{pattern}");
    }
}

#[test]
fn pattern_that_matches_nothing_says_what_was_nearest() {
    assert_eq!(select("wbe"), " (pattern `wbe` matches no host and no group; did you mean `web`?)");
    assert_eq!(
        select("web:!db1.exmaple"),
        "web01 web02 web03 web10 web11 web12 (pattern `db1.exmaple` matches no host and no group; did you mean `db1.example`?)"
    );
}

#[test]
fn limit_keeps_what_both_select() {
    let pattern = |text| HostPattern::parse(text).expect("a pattern");
    let selection = fleet().select(&pattern("web"), Some(&pattern("prod:web02")));
    assert_eq!(selection.hosts.join(" "), "web01 web02");
}

#[test]
fn file_of_hosts_selects_its_lines() {
    let fixture = Fixture::new(&[("some", "# comment\nweb02\n\ndb\n!db2.example\n"), ("failed", "web02\nweb03\n")]);
    assert_eq!(select(&format!("@{}", fixture.source("some"))), "web02 db1.example");
    assert_eq!(select(&format!("web0*:!@{}", fixture.source("failed"))), "web01");
}

#[test]
fn empty_file_of_hosts_selects_nothing() {
    let fixture = Fixture::new(&[("none", "\n# nobody\n")]);
    assert_eq!(select(&format!("@{}", fixture.source("none"))), "");
}

#[test]
fn bad_patterns_are_errors() {
    let error = |text| HostPattern::parse(text).expect_err(text).to_string();
    insta::assert_snapshot!(error(""), @"the host pattern is empty");
    insta::assert_snapshot!(error(" , "), @"the host pattern is empty");
    insta::assert_snapshot!(error("web:!"), @"`!` in the host pattern names nothing");
    insta::assert_snapshot!(error("web[1"), @"host pattern `web[1` has an unmatched bracket");
    insta::assert_snapshot!(error("web[05-01]"), @"host pattern `web[05-01]`: range `[05-01]` begins after its end");
    insta::assert_snapshot!(
        error("web[1-9999999999,3]"),
        @"host pattern `web[1-9999999999,3]`: range `[1-9999999999,3]` expands to more than 1000000 names"
    );
    insta::assert_snapshot!(error("@/nonexistent/hosts"), @"cannot read the host file /nonexistent/hosts");
    assert!(error("~web(").contains("web("));
}

proptest::proptest! {
    #[test]
    fn no_pattern_makes_it_panic(text in "[a-z0-9\\[\\]:,!&~*?@/. -]{0,30}") {
        if let Ok(pattern) = HostPattern::parse(&text) {
            let selection = fleet().select(&pattern, None);
            proptest::prop_assert!(selection.hosts.len() <= 12);
        }
    }
}
