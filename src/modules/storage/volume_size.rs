//! Sizes of logical volumes as LVM takes them: `512`, `10g`, `+1.5G`, `80%VG`.

use crate::modules::ModuleError;

/// A size that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Size {
    /// `+` or `-` for a size that is added or taken away.
    pub sign: Option<char>,
    /// The number, as it was written.
    pub text: String,
    /// Its value.
    pub number: f64,
    /// What the number is of.
    pub of: Of,
}

/// What the number of a size is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// A letter that LVM knows.
    Unit(char),
    /// `%` of `VG`, `PVS`, `FREE` or `ORIGIN`.
    Share(String),
}

impl Size {
    /// Reads a size; `snapshot` says whether it is one of a snapshot.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str, snapshot: bool) -> Result<Self, ModuleError> {
        let refuse = |message: String| Err(ModuleError::new(message));
        let sign = text.chars().next().filter(|sign| matches!(sign, '+' | '-'));
        let bare = if sign.is_some() { &text[1..] } else { text };
        if let Some((number, whole)) = bare.split_once('%') {
            let Some(percent) = number.parse::<u32>().ok() else {
                return refuse(format!("Bad size specification of '{bare}'"));
            };
            return match whole {
                _ if percent > 100 => refuse("Size percentage cannot be larger than 100%".to_owned()),
                "ORIGIN" if !snapshot => refuse("Percentage of ORIGIN supported only for snapshot volumes".to_owned()),
                "VG" | "PVS" | "FREE" | "ORIGIN" => Ok(Self {
                    sign,
                    text: bare.to_owned(),
                    number: f64::from(percent),
                    of: Of::Share(whole.to_owned()),
                }),
                _ => refuse("Specify extents as a percentage of VG|PVS|FREE|ORIGIN".to_owned()),
            };
        }
        let unit = bare.chars().last().filter(|unit| "bskmgtpe".contains(unit.to_ascii_lowercase()));
        let number = unit.map_or(bare, |unit| &bare[..bare.len() - unit.len_utf8()]);
        match number.parse::<f64>() {
            Ok(value) if number.starts_with(|first: char| first.is_ascii_digit()) && value.is_finite() => {
                Ok(Self { sign, text: number.to_owned(), number: value, of: Of::Unit(unit.unwrap_or('m')) })
            }
            _ => refuse(format!("Bad size specification of '{number}'")),
        }
    }

    /// The unit in which LVM is asked for sizes.
    #[must_use]
    pub fn unit(&self) -> char {
        match self.of {
            Of::Unit(unit) => unit.to_ascii_lowercase(),
            Of::Share(_) => 'm',
        }
    }

    /// The option of LVM for such a size.
    #[must_use]
    pub fn option(&self) -> &'static str {
        if matches!(self.of, Of::Share(_)) { "-l" } else { "-L" }
    }

    /// The size without its sign, as LVM takes it.
    #[must_use]
    pub fn value(&self) -> String {
        match self.of {
            Of::Unit(unit) => format!("{}{unit}", self.text),
            Of::Share(_) => self.text.clone(),
        }
    }

    /// The size with its sign, as LVM takes it.
    #[must_use]
    pub fn signed(&self) -> String {
        self.sign.into_iter().collect::<String>() + &self.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        let size = Size::parse("+1.5G", false).unwrap();
        assert_eq!((size.signed().as_str(), size.unit(), size.option()), ("+1.5G", 'g', "-L"));
        let size = Size::parse("512", false).unwrap();
        assert_eq!((size.value().as_str(), size.number), ("512m", 512.0));
        let size = Size::parse("80%VG", false).unwrap();
        assert_eq!((size.value().as_str(), size.unit(), size.option()), ("80%VG", 'm', "-l"));
        for (text, message) in [
            ("x", "Bad size specification of 'x'"),
            (".5g", "Bad size specification of '.5'"),
            ("101%VG", "Size percentage cannot be larger than 100%"),
            ("1%ORIGIN", "Percentage of ORIGIN supported only for snapshot volumes"),
            ("1%", "Specify extents as a percentage of VG|PVS|FREE|ORIGIN"),
        ] {
            assert_eq!(Size::parse(text, false).unwrap_err().message, message);
        }
        assert!(Size::parse("50%ORIGIN", true).is_ok());
    }
}
