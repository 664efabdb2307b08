//! The machine's names, time, environment and the user.

use super::{Facts, Sections, dict};
use crate::template::{Dict, Value};

/// System, kernel, machine, names.
pub fn platform(sections: &Sections, facts: &mut Facts) {
    let uname: Vec<&str> = sections.get("uname").lines().collect();
    let uname = |index: usize| uname.get(index).copied().unwrap_or_default();
    let (node, machine) = (uname(1), uname(4));
    facts.put("system", uname(0));
    facts.put("kernel", uname(2));
    facts.put("kernel_version", uname(3));
    facts.put("machine", machine);
    let fqdn = fqdn(sections.get("fqdn"), node);
    facts.put("domain", fqdn.split_once('.').map_or("", |(_, domain)| domain));
    facts.put("fqdn", fqdn);
    facts.put("hostname", node.split('.').next().unwrap_or_default());
    facts.put("nodename", node);
    if let Some((_, version)) = python_version(sections) {
        facts.put("python_version", version);
    }
    let bits = match sections.get("bits").trim() {
        "" if machine.contains("64") || machine == "s390x" => "64",
        "" => "32",
        bits => bits,
    };
    facts.put("userspace_bits", bits);
    let old = machine.len() == 4 && machine.starts_with('i') && machine.ends_with("86");
    facts.put("architecture", if old { "i386" } else { machine });
    if old || machine == "x86_64" {
        facts.put("userspace_architecture", if bits == "64" { "x86_64" } else { "i386" });
    }
    let id = sections.file("/var/lib/dbus/machine-id").or_else(|| sections.file("/etc/machine-id"));
    if let Some(id) = id.and_then(|id| id.lines().next()) {
        facts.put("machine_id", id);
    }
}

/// The address's first name with a dot in it, or its first name, or the node's own.
fn fqdn<'a>(answer: &'a str, node: &'a str) -> &'a str {
    let mut names = answer.split_whitespace().skip(1);
    let first = names.clone().next();
    names.find(|name| name.contains('.')).or(first).unwrap_or(node)
}

/// The interpreter's path and version.
fn python_version(sections: &Sections) -> Option<(&str, &str)> {
    let mut lines = sections.get("python").lines();
    let path = lines.next()?;
    let version = lines.next()?.strip_prefix("Python ")?.trim();
    Some((path, version))
}

/// The Python that a module would find; nothing where there is none.
pub fn python(sections: &Sections, facts: &mut Facts) {
    let Some((path, version)) = python_version(sections) else { return };
    let mut numbers = version.split('.').map(|part| {
        let digits = part.find(|character: char| !character.is_ascii_digit()).unwrap_or(part.len());
        part[..digits].parse::<i64>().unwrap_or_default()
    });
    let mut number = || Value::Int(numbers.next().unwrap_or_default());
    let (major, minor, micro) = (number(), number(), number());
    let (level, serial) = (Value::text("final"), Value::Int(0));
    let info = vec![major.clone(), minor.clone(), micro.clone(), level.clone(), serial.clone()];
    let version =
        dict([("major", major), ("minor", minor), ("micro", micro), ("releaselevel", level), ("serial", serial)]);
    let python = dict([
        ("version", version),
        ("version_info", Value::list(info)),
        ("executable", path.into()),
        ("has_sslcontext", true.into()),
        ("type", "cpython".into()),
    ]);
    facts.put("python", python);
}

/// The environment of commands.
pub fn env(sections: &Sections, facts: &mut Facts) {
    let text = sections.get("env");
    let separator = if text.contains('\0') { '\0' } else { '\n' };
    let entries = text.split(separator).filter_map(|entry| entry.split_once('='));
    facts.put("env", entries.map(|(name, value)| (name.into(), value.into())).collect::<Dict>());
}

/// The time there.
pub fn date_time(sections: &Sections, facts: &mut Facts) {
    let parts: Vec<&str> = sections.get("date").trim().split('|').collect();
    let Ok([year, month, weekday, number, week, day, hour, minute, second, epoch, nanos, zone, offset]) =
        <[&str; 13]>::try_from(parts)
    else {
        return;
    };
    // Where `date` knows no fractions it prints nothing or the pattern itself.
    let micros = nanos.get(..6).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or("000000");
    let utc = epoch
        .parse()
        .ok()
        .and_then(|epoch| jiff::Timestamp::from_second(epoch).ok())
        .map_or(String::new(), |time| time.strftime("%Y-%m-%dT%H:%M:%S").to_string());
    let basic = format!("{year}{month}{day}T{hour}{minute}{second}");
    let daylight = daylight_name(sections.get("tz").trim()).unwrap_or_else(|| zone.to_owned());
    let value = dict([
        ("year", year.into()),
        ("month", month.into()),
        ("weekday", weekday.into()),
        ("weekday_number", number.into()),
        ("weeknumber", week.into()),
        ("day", day.into()),
        ("hour", hour.into()),
        ("minute", minute.into()),
        ("second", second.into()),
        ("epoch", epoch.into()),
        ("epoch_int", epoch.into()),
        ("date", format!("{year}-{month}-{day}").into()),
        ("time", format!("{hour}:{minute}:{second}").into()),
        ("iso8601_micro", format!("{utc}.{micros}Z").into()),
        ("iso8601", format!("{utc}Z").into()),
        ("iso8601_basic", format!("{basic}{micros}").into()),
        ("iso8601_basic_short", basic.into()),
        ("tz", zone.into()),
        ("tz_dst", daylight.into()),
        ("tz_offset", offset.into()),
    ]);
    facts.put("date_time", value);
}

/// The name that a POSIX time zone (`CET-1CEST,M3.5.0,M10.5.0/3`) has in the half year that is ahead.
fn daylight_name(zone: &str) -> Option<String> {
    let (standard, rest) = zone_name(zone)?;
    let (offset, rest) = zone_offset(rest)?;
    let Some((summer, rest)) = zone_name(rest) else { return Some(standard) };
    // Its clock is one hour ahead unless told; Ireland's is behind.
    let ahead = zone_offset(rest).is_none_or(|(other, _)| other < offset);
    Some(if ahead { summer } else { standard })
}

fn zone_name(text: &str) -> Option<(String, &str)> {
    let (name, rest) = match text.strip_prefix('<') {
        Some(quoted) => quoted.split_once('>')?,
        None => text.split_at(text.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(text.len())),
    };
    (!name.is_empty()).then(|| (name.to_owned(), rest))
}

/// Seconds west of Greenwich.
fn zone_offset(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|character: char| !"+-:0123456789".contains(character)).unwrap_or(text.len());
    let (offset, rest) = text.split_at(end);
    let digits = offset.trim_start_matches(['+', '-']);
    let mut seconds = 0;
    for (part, unit) in digits.split(':').zip([3600, 60, 1]) {
        seconds += part.parse::<i64>().ok()? * unit;
    }
    Some((if offset.starts_with('-') { -seconds } else { seconds }, rest))
}

/// Who runs commands.
pub fn user(sections: &Sections, facts: &mut Facts) {
    let passwd: Vec<&str> = sections.get("passwd").lines().next().unwrap_or_default().split(':').collect();
    let field = |index: usize| passwd.get(index).copied().unwrap_or_default();
    let number = |text: &str| text.parse::<i64>().map_or(Value::Null, Value::Int);
    let name = sections.pair("user", "name").unwrap_or_else(|| field(0));
    facts.put("user_id", name);
    facts.put("user_uid", number(field(2)));
    facts.put("user_gid", number(field(3)));
    facts.put("user_gecos", field(4));
    facts.put("user_dir", field(5));
    facts.put("user_shell", field(6));
    let ids: Vec<&str> = sections.pair("user", "ids").unwrap_or_default().split_whitespace().collect();
    let id = |index: usize| number(ids.get(index).copied().unwrap_or_default());
    facts.put("real_user_id", id(0));
    facts.put("effective_user_id", id(1));
    facts.put("real_group_id", id(2));
    facts.put("effective_group_id", id(2));
}
