//! Disks as parted describes them: the lines of `parted -m … print`.

use crate::modules::ModuleError;
use crate::template::{Dict, Value};

const UNITS_SI: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];
const UNITS_IEC: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
const OTHER: [&str; 5] = ["s", "%", "cyl", "chs", "compact"];

/// A disk.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// What results show of it.
    pub shown: Dict,
    /// The kind of its table of partitions.
    pub table: String,
    /// Its size, in the unit that was asked for.
    pub size: f64,
    /// Its partitions.
    pub partitions: Vec<Partition>,
}

/// A partition.
#[derive(Clone, Debug, Default)]
pub struct Partition {
    /// Its number.
    pub number: i64,
    /// Where it ends.
    pub end: f64,
    /// Its name.
    pub name: String,
    /// Its flags.
    pub flags: Vec<String>,
    /// What results show of it.
    pub shown: Dict,
}

/// A number with its unit; three numbers for cylinder, head and sector have the unit `chs`.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The number.
    pub number: f64,
    /// Its unit; empty without.
    pub unit: String,
    chs: Option<[i64; 3]>,
}

impl Place {
    /// Reads a size or a place.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, ModuleError> {
        let wrong = || ModuleError::new(format!("Error interpreting parted size output: '{text}'"));
        let parts: Vec<&str> = text.split(',').collect();
        if let [cylinder, head, sector] = parts.as_slice() {
            let number = |text: &str| text.parse::<i64>().map_err(|_| wrong());
            let chs = [number(cylinder)?, number(head)?, number(sector)?];
            return Ok(Self { number: 0.0, unit: "chs".to_owned(), chs: Some(chs) });
        }
        let start = usize::from(text.starts_with('-'));
        let end = text[start..].find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let (number, unit) = text.split_at(end.map_or(text.len(), |end| end + start));
        let unit = unit.trim_start_matches(' ');
        let number = number.parse().map_err(|_| wrong())?;
        if !unit.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '%') {
            return Err(wrong());
        }
        Ok(Self { number, unit: unit.to_owned(), chs: None })
    }

    /// Whether its unit is one of parted's.
    #[must_use]
    pub fn has_unit(&self) -> bool {
        UNITS_SI.iter().chain(&UNITS_IEC).chain(&OTHER).any(|unit| *unit == self.unit)
    }

    fn value(&self) -> Value {
        let Some(chs) = self.chs else { return Value::Float(self.number) };
        let names = ["cylinder", "head", "sector"];
        Value::dict(names.into_iter().zip(chs).map(|(name, number)| (name.into(), number.into())).collect())
    }
}

/// A size in bytes; sizes in units that have none stay as they are.
#[must_use]
pub fn bytes(number: f64, unit: &str) -> f64 {
    let power =
        |units: &[&str]| units.iter().position(|known| *known == unit).and_then(|place| i32::try_from(place).ok());
    let factor = match (power(&UNITS_SI), power(&UNITS_IEC)) {
        (Some(power), _) => 1000_f64.powi(power),
        (_, Some(power)) => 1024_f64.powi(power + 1),
        _ if matches!(unit, "" | "compact" | "cyl" | "chs") => 1e6,
        _ => 1.0,
    };
    (number * factor).trunc()
}

fn shown_unit(unit: &str, keep: bool) -> String {
    if !keep {
        return unit.to_lowercase();
    }
    let all = UNITS_SI.iter().chain(&UNITS_IEC).chain(&OTHER);
    let known = all.copied().find(|known| known.eq_ignore_ascii_case(unit));
    known.unwrap_or(unit).to_owned()
}

impl Disk {
    /// Reads what parted printed. `keep` keeps the case of units.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn read(text: &str, keep: bool) -> Result<Self, ModuleError> {
        let wrong = || ModuleError::new("what parted prints makes no sense");
        let mut lines = text.lines().filter(|line| !line.trim().is_empty()).skip(1);
        let parts: Vec<&str> = lines.next().ok_or_else(wrong)?.trim_end_matches(';').split(':').collect();
        let [device, size, _, logical, physical, table, model, ..] = parts.as_slice() else { return Err(wrong()) };
        let size = Place::parse(size)?;
        let unit = shown_unit(&size.unit, keep);
        let number = |text: &str| text.parse::<i64>().map_err(|_| wrong());
        let mut shown = Dict::new();
        for (name, value) in [
            ("dev", Value::text(*device)),
            ("size", size.value()),
            ("unit", Value::text(unit.as_str())),
            ("table", Value::text(*table)),
            ("model", Value::text(*model)),
            ("logical_block", number(logical)?.into()),
            ("physical_block", number(physical)?.into()),
        ] {
            shown.insert(name.into(), value);
        }
        if matches!(size.unit.as_str(), "cyl" | "chs") {
            shown.insert("chs_info".into(), geometry(lines.next().ok_or_else(wrong)?, keep)?);
        }
        let chs = size.unit == "chs";
        let partitions = lines.map(|line| Partition::read(line, chs, &unit)).collect::<Result<_, _>>()?;
        Ok(Self { shown, table: (*table).to_owned(), size: size.number, partitions })
    }

    /// The partition of a number.
    #[must_use]
    pub fn find(&self, number: i64) -> Option<&Partition> {
        self.partitions.iter().find(|partition| partition.number == number)
    }
}

/// `cylinders:heads:sectors:size;`
fn geometry(line: &str, keep: bool) -> Result<Value, ModuleError> {
    let parts: Vec<&str> = line.trim_end_matches(';').split(':').collect();
    let wrong = || ModuleError::new("what parted prints makes no sense");
    let [cylinders, heads, sectors, size, ..] = parts.as_slice() else { return Err(wrong()) };
    let number = |text: &str| text.parse::<i64>().map(Value::from).map_err(|_| wrong());
    let size = Place::parse(size)?;
    let mut info = Dict::new();
    info.insert("cylinders".into(), number(cylinders)?);
    info.insert("heads".into(), number(heads)?);
    info.insert("sectors".into(), number(sectors)?);
    info.insert("cyl_size".into(), size.value());
    info.insert("cyl_size_unit".into(), shown_unit(&size.unit, keep).into());
    Ok(Value::dict(info))
}

impl Partition {
    fn read(line: &str, chs: bool, unit: &str) -> Result<Self, ModuleError> {
        let wrong = || ModuleError::new(format!("what parted prints makes no sense: {line}"));
        let parts: Vec<&str> = line.trim_end_matches(';').split(':').collect();
        let part = |place: usize| parts.get(place).copied().ok_or_else(wrong);
        let number: i64 = part(0)?.parse().map_err(|_| wrong())?;
        let (begin, end) = (Place::parse(part(1)?)?, Place::parse(part(2)?)?);
        let after = if chs { 3 } else { 4 };
        let size = if chs { Value::text("") } else { Place::parse(part(3)?)?.value() };
        let (system, name) = (part(after)?, part(after + 1)?);
        let flags = part(after + 2)?.split(", ").map(str::trim).filter(|flag| !flag.is_empty()).map(str::to_owned);
        let flags: Vec<String> = flags.collect();
        let mut shown = Dict::new();
        for (key, value) in [
            ("num", Value::from(number)),
            ("begin", begin.value()),
            ("end", end.value()),
            ("size", size),
            ("fstype", Value::text(system)),
            ("name", Value::text(name)),
            ("flags", Value::list(flags.iter().map(|flag| Value::text(flag.as_str())).collect())),
            ("unit", Value::text(unit)),
        ] {
            shown.insert(key.into(), value);
        }
        Ok(Self { number, end: end.number, name: name.to_owned(), flags, shown })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disks_are_read() {
        let text =
            "BYT;\n/dev/sdb:5.00GiB:scsi:512:4096:gpt:VMware Disk:;\n1:0.00GiB:1.00GiB:1.00GiB:ext4:a b:boot, lvm;\n";
        let disk = Disk::read(text, true).unwrap();
        assert_eq!((disk.table.as_str(), disk.size), ("gpt", 5.0));
        assert_eq!(disk.shown.get("unit").map(ToString::to_string), Some("GiB".to_owned()));
        let first = disk.find(1).unwrap();
        assert_eq!((first.name.as_str(), first.flags.join("+")), ("a b", "boot+lvm".to_owned()));
        let text = "CHS;\n/dev/loop0:39,234,15:loopback:512:512:msdos:Loopback device:;\n40:255:63:8225kB;\n1:0,32,33:39,234,15:::boot;\n";
        let disk = Disk::read(text, false).unwrap();
        assert!(disk.shown.contains_key("chs_info") && disk.find(1).is_some());
        assert!(Disk::read("BYT;\n/dev/x;\n", false).is_err());
    }

    #[test]
    fn places_have_units() {
        assert!(Place::parse("10GiB").unwrap().has_unit() && Place::parse("-1 MB").unwrap().has_unit());
        assert!(!Place::parse("10gib").unwrap().has_unit() && !Place::parse("10").unwrap().has_unit());
        assert!(Place::parse("ten").is_err() && Place::parse("1,2,3").unwrap().has_unit());
        assert_eq!((bytes(2.0, "KiB"), bytes(2.0, "KB"), bytes(2.0, "s")), (2048.0, 2000.0, 2.0));
    }
}
