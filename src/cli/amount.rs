//! A number of hosts, absolute or as a share.

use std::fmt;
use std::str::FromStr;

/// `5`, or `20%` of all hosts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// So many.
    Count(usize),
    /// Percent of all, 0 to 100.
    Percent(f64),
}

impl Amount {
    /// The number of hosts out of `total`, rounded down.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "0 to 100 % of a number of hosts"
    )]
    pub fn of(self, total: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => (total as f64 * percent / 100.0).floor() as usize,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is neither a number of hosts nor a percentage such as 20%");
        if let Some(percent) = text.strip_suffix('%') {
            let percent: f64 = percent.trim().parse().map_err(|_| wrong())?;
            return if (0.0..=100.0).contains(&percent) { Ok(Self::Percent(percent)) } else { Err(wrong()) };
        }
        text.trim().parse().map(Self::Count).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_round_down() {
        assert_eq!("25%".parse::<Amount>().unwrap().of(10), 2);
        assert_eq!("3".parse::<Amount>().unwrap().of(10), 3);
        assert!("101%".parse::<Amount>().is_err());
        assert!("x".parse::<Amount>().is_err());
    }
}
