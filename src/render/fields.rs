//! `--fields`: where nearly equal outputs differ, host by host.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr as _;

use super::fold::Group;
use super::host_set::host_set;
use super::mask::{Kind, pieces};
use super::sanitize::{sanitize, sanitize_line};
use super::table::Table;
use crate::event::HostReport;

/// Fields up to this many get a column each; more stand in one column with their labels.
const COLUMNS: usize = 5;

/// A table of the pieces in which the members of `group` differ; hosts with equal pieces share a row.
#[must_use]
pub fn table(group: &Group, width: Option<u16>) -> String {
    let fields: Vec<Vec<Field>> = group.reports.iter().map(|report| fields(report)).collect();
    let differs = |index: &usize| fields.iter().any(|host| host.get(*index) != fields[0].get(*index));
    let differing: Vec<usize> = (0..fields[0].len()).filter(differs).collect();
    let mut rows: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for (report, host) in group.reports.iter().zip(&fields) {
        let values = differing.iter().map(|index| host.get(*index).map_or("", |field| &field.value)).collect();
        rows.entry(values).or_default().push(&report.host);
    }
    let labels: Vec<&str> = differing.iter().map(|index| fields[0][*index].label.as_str()).collect();
    let mut rows: Vec<_> = rows.into_iter().map(|(values, hosts)| (hosts, values)).collect();
    rows.sort_unstable();
    render(&labels, &rows, width)
}

/// Hosts that have the same values, and these.
type Row<'a> = (Vec<&'a str>, Vec<&'a str>);

/// A column a field, else one column for all, else a paragraph a row: the first that fits.
fn render(labels: &[&str], rows: &[Row<'_>], width: Option<u16>) -> String {
    let width = width.map_or(usize::MAX, usize::from);
    let fits = |text: &String| text.lines().all(|line| line.width() <= width);
    let by_column = (labels.len() <= COLUMNS).then(|| columns(labels, rows)).filter(fits);
    by_column.or_else(|| Some(pairs(labels, rows)).filter(fits)).unwrap_or_else(|| paragraphs(labels, rows, width))
}

fn columns(labels: &[&str], rows: &[Row<'_>]) -> String {
    let mut table = Table::new(&[&["HOSTS"], labels].concat());
    for (hosts, values) in rows {
        table.row([&[host_set(hosts).as_str()], &values[..]].concat());
    }
    table.render(None)
}

fn pairs(labels: &[&str], rows: &[Row<'_>]) -> String {
    let mut table = Table::new(&["HOSTS", "FIELDS"]);
    for (hosts, values) in rows {
        table.row([host_set(hosts), labelled(labels, values).join(", ")]);
    }
    table.render(None)
}

/// The hosts stay on one line, as a pattern to copy; their fields stand below, wrapped between one and the next.
fn paragraphs(labels: &[&str], rows: &[Row<'_>], width: usize) -> String {
    let mut text = String::new();
    for (hosts, values) in rows {
        text.push_str(&sanitize_line(&host_set(hosts)));
        let mut column = usize::MAX;
        for (index, pair) in labelled(labels, values).iter().enumerate() {
            let comma = if index + 1 < labels.len() { "," } else { "" };
            let pair = format!("{}{comma}", sanitize_line(pair));
            let is_next = column.saturating_add(1 + pair.width()) <= width;
            text.push_str(if is_next { " " } else { "\n  " });
            column = if is_next { column + 1 } else { 2 } + pair.width();
            text.push_str(&pair);
        }
        text.push('\n');
    }
    text
}

fn labelled(labels: &[&str], values: &[&str]) -> Vec<String> {
    labels.iter().zip(values).map(|(label, value)| format!("{label} {value}")).collect()
}

/// A piece that may differ, and the word before it.
struct Field {
    label: String,
    value: String,
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

fn fields(report: &HostReport) -> Vec<Field> {
    let outputs = [&report.stdout.head, &report.stdout.tail, &report.stderr.head, &report.stderr.tail];
    let mut fields = Vec::new();
    let mut line = 1;
    for output in outputs {
        let mut label = None;
        for (kind, bytes) in pieces(output, &report.host) {
            match kind {
                Kind::Newline => (label, line) = (None, line + 1),
                Kind::Plain if bytes.iter().any(u8::is_ascii_alphabetic) => label = Some(sanitize(bytes).into_owned()),
                Kind::Plain | Kind::Blank | Kind::Name => {}
                Kind::Time | Kind::Address | Kind::Id | Kind::Number => fields.push(Field {
                    label: label.clone().unwrap_or_else(|| format!("line {line}")),
                    value: sanitize(bytes).into_owned(),
                }),
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::super::fixture::{folder, ok};
    use super::super::fold::Numbers;
    use super::*;

    #[test]
    fn only_what_differs_is_listed_and_equal_hosts_share_a_row() {
        let uptime = |host: &str, load: &str| ok(host, &format!("04:30:22 up 3 days, 2 users, load: {load}, 0.05\n"));
        let folder =
            folder(&[uptime("web1", "0.10"), uptime("web2", "0.10"), uptime("web3", "7.25"), uptime("db1", "1.00")]);
        let groups = folder.groups(Numbers::Fold);
        assert_snapshot!(table(&groups[0], Some(80)), @"
        HOSTS     load
        db1       1.00
        web[1-2]  0.10
        web3      7.25
        ");
    }
    #[test]
    fn what_does_not_fit_stands_below_its_hosts() {
        let disk = |host: &str, used: &str| ok(host, &format!("disk used {used} of available blocks {used}1\n"));
        let folder =
            folder(&[disk("database1", "90"), disk("database3", "90"), disk("cache1", "7"), disk("web1", "8")]);
        let groups = folder.groups(Numbers::Fold);
        assert_snapshot!(table(&groups[0], Some(24)), @"
        cache1
          used 7, blocks 71
        database[1,3]
          used 90, blocks 901
        web1
          used 8, blocks 81
        ");
        let narrow = table(&groups[0], Some(18));
        assert!(narrow.starts_with("cache1\n  used 7,\n  blocks 71\n"), "{narrow}");
    }
}
