//! Runs the table, a few cases at a time, and tells where transports and `ssh` differ.

use std::fmt::Write as _;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::case::{Case, Route};
use super::keys::KeyStore;
use super::observation::Observation;
use super::way::{Way, run_by};

/// Runs at once; each is some processes that wait for one another more than for a processor.
const FORKS: usize = 6;

/// What is said when native leaves a host to OpenSSH.
const REFUSAL: &str = "native cannot connect to ";

/// What became of a case.
pub struct Row {
    name: String,
    route: Route,
    verdict: String,
    key: String,
    differences: String,
    known: Vec<String>,
}

impl Row {
    /// What is wrong, if anything is.
    pub fn failure(&self) -> Option<String> {
        (!self.differences.is_empty()).then(|| format!("{}:\n{}", self.name, self.differences))
    }
}

/// Runs all cases.
pub fn run(cases: &[Case], store: &KeyStore) -> Vec<Row> {
    let ways = |case: &Case| match case.route {
        Route::Native => vec![Way::Ssh, Way::Transport("openssh"), Way::Transport("native")],
        Route::OpenSsh => {
            vec![Way::Ssh, Way::Transport("openssh"), Way::Transport("native"), Way::Transport("auto")]
        }
    };
    let plans: Vec<(usize, Way)> =
        cases.iter().enumerate().flat_map(|(row, case)| ways(case).into_iter().map(move |way| (row, way))).collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..FORKS {
            scope.spawn(|| {
                while let Some((row, way)) = plans.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let observation = catch_unwind(AssertUnwindSafe(|| run_by(*way, &cases[*row], store)));
                    let observation = observation.unwrap_or_else(|_| Observation::none("the run broke off; see above"));
                    done.lock().unwrap().push((*row, *way, observation));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(row, way, _)| (*row, plans.iter().position(|plan| plan == &(*row, *way))));
    let of = |row: usize| done.iter().filter(move |(number, _, _)| *number == row).map(|(_, way, seen)| (*way, seen));
    cases.iter().enumerate().map(|(row, case)| compare(case, &of(row).collect::<Vec<_>>())).collect()
}

fn compare(case: &Case, seen: &[(Way, &Observation)]) -> Row {
    let (_, truth) = seen[0];
    let (mut differences, mut known) = (String::new(), Vec::new());
    if truth.verdict != case.ssh || truth.key() != case.with.as_deref() {
        let expected = (&case.ssh, case.with.as_deref());
        let found = (&truth.verdict, truth.key());
        writeln!(differences, "  ssh: expected {expected:?}, found {found:?}: {}", truth.why.trim()).unwrap();
    }
    for (way, other) in &seen[1..] {
        let found = if case.route == Route::OpenSsh && *way == Way::Transport("native") {
            refusal(other)
        } else {
            truth.differences(other)
        };
        if let Some(reason) = case.known_difference.get(way.name()) {
            known.push(format!("{}: {reason}", way.name()));
            if found.is_empty() {
                writeln!(differences, "  {}: differs no longer ({reason})", way.name()).unwrap();
            }
        } else if !found.is_empty() {
            writeln!(differences, "  {}:\n{found}    it says: {}", way.name(), other.why.trim()).unwrap();
        }
    }
    let key = truth.key().unwrap_or_default().to_owned();
    Row { name: case.name.clone(), route: case.route, verdict: truth.verdict.clone(), key, differences, known }
}

/// What is wrong with how native leaves a host to OpenSSH.
fn refusal(seen: &Observation) -> String {
    let refuses = seen.verdict == "local" && seen.why.contains(REFUSAL);
    let touches = !(seen.host.is_empty() && seen.jump.is_empty());
    match (refuses, touches) {
        (true, false) => String::new(),
        (true, true) => "    native refuses, but has connected\n".into(),
        (false, _) => format!("    native should refuse: {}\n", seen.verdict),
    }
}

/// The table in lines.
pub fn text(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let route = if row.route == Route::Native { "native" } else { "openssh" };
        let agree = match (row.differences.is_empty(), row.known.is_empty()) {
            (true, true) => "agree",
            (true, false) => "known",
            (false, _) => "DIFFER",
        };
        writeln!(text, "{agree:6}  {route:7}  {:18}  {:22}  {}", row.verdict, row.key, row.name).unwrap();
        row.known.iter().for_each(|known| writeln!(text, "          known to differ by {known}").unwrap());
    }
    text
}

/// The table in numbers.
pub fn counts(rows: &[Row]) -> String {
    let known = rows.iter().filter(|row| row.differences.is_empty() && !row.known.is_empty()).count();
    let differ = rows.iter().filter(|row| !row.differences.is_empty()).count();
    let native = rows.iter().filter(|row| row.route == Route::Native).count();
    let accepted = rows.iter().filter(|row| row.verdict == "accepted").count();
    format!(
        "{} cases ({native} native, {} left to openssh; {accepted} accepted, {} refused): {} agree, \
         {known} differ as is known, {differ} differ",
        rows.len(),
        rows.len() - native,
        rows.len() - accepted,
        rows.len() - differ - known
    )
}

/// Writes the table to `target/parity.txt`, and returns its path.
pub fn write(rows: &[Row]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("parity.txt");
    let failures: String = rows.iter().filter_map(Row::failure).collect();
    fs::write(&path, format!("{}\n{}\n{failures}", text(rows), counts(rows))).unwrap();
    path.display().to_string()
}
