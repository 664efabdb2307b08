//! Random choices; with a seed, those that Python makes with it (Mersenne Twister, MT19937).

#![expect(clippy::cast_possible_truncation, reason = "words and counts of the generator are of 32 bits")]

use sha1::Digest as _;

use super::bind::{Answer, bind};
use super::python::{check, integer, iterate, truth};
use crate::template::{Arguments, Calls, TemplateError, Value};

/// Where random bits come from.
enum Source {
    System,
    Seeded(Box<Twister>),
}

impl Source {
    fn of(seed: Option<&Value>) -> Answer<Self> {
        match seed {
            None | Some(Value::Null) => Ok(Self::System),
            Some(seed) => Ok(Self::Seeded(Box::new(Twister::of(seed)?))),
        }
    }

    fn bits(&mut self, count: u32) -> Answer<u64> {
        match self {
            Self::System => {
                let mut bytes = [0; 8];
                getrandom::fill(&mut bytes)
                    .map_err(|error| TemplateError::value(format!("no random numbers: {error}")))?;
                Ok(u64::from_le_bytes(bytes) >> (64 - count))
            }
            Self::Seeded(twister) if count <= 32 => Ok(u64::from(twister.next() >> (32 - count))),
            Self::Seeded(twister) => {
                let low = u64::from(twister.next());
                Ok(low | u64::from(twister.next() >> (64 - count)) << 32)
            }
        }
    }

    /// A number below `limit`, which is not zero.
    fn below(&mut self, limit: u64) -> Answer<u64> {
        let count = u64::BITS - limit.leading_zeros();
        loop {
            let bits = self.bits(count)?;
            if bits < limit {
                return Ok(bits);
            }
        }
    }
}

/// A text of random letters out of `letters`, which are not none; a seed gives what Python gives with it.
///
/// # Errors
/// When there are no random numbers, or the seed cannot be one.
pub fn random_text(letters: &str, length: usize, seed: Option<&Value>) -> Answer<String> {
    let letters: Vec<char> = letters.chars().collect();
    let mut source = Source::of(seed)?;
    let mut letter = || {
        let place = source.below(letters.len() as u64)?;
        Ok(letters[usize::try_from(place).expect("it is below the length")])
    };
    (0..length).map(|_| letter()).collect()
}

/// So many letters of each kind, one after the other; in an order by chance where no seed is given.
///
/// # Errors
/// When there are no random numbers, or the seed cannot be one.
pub fn random_parts(parts: &[(String, usize)], seed: Option<&Value>) -> Answer<String> {
    let mut source = Source::of(seed)?;
    let mut made = Vec::new();
    for (letters, count) in parts {
        let letters: Vec<char> = letters.chars().collect();
        if *count > 0 && letters.is_empty() {
            return Err(TemplateError::value("Available characters cannot be None, please change constraints"));
        }
        for _ in 0..*count {
            made.push(letters[source.below(letters.len() as u64)? as usize]);
        }
    }
    if seed.is_none() {
        for place in (1..made.len()).rev() {
            made.swap(place, source.below(place as u64 + 1)? as usize);
        }
    }
    Ok(made.into_iter().collect())
}

pub fn random(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [start, step, seed] = bind(arguments, "rand", ["start", "step", "seed"], 0)?;
    let mut source = Source::of(seed.as_ref())?;
    if let Value::Int(_) | Value::Bool(_) = value {
        let (start, step) = (integer(start.as_ref(), 0)?, integer(step.as_ref(), 1)?);
        let step = if step == 0 { 1 } else { step };
        let end = integer(Some(&value), 0)?;
        let width = i128::from(end) - i128::from(start);
        let count = (width + i128::from(step) - i128::from(step.signum())) / i128::from(step);
        let count = u64::try_from(count).ok().filter(|count| *count > 0).ok_or_else(|| {
            let tail = if step == 1 { format!("({start}, {end}, {width})") } else { String::new() };
            TemplateError::value(format!("empty range for randrange() {tail}").trim_end().to_owned())
        })?;
        let picked = i128::from(start) + i128::from(step) * i128::from(source.below(count)?);
        return Ok(Value::Int(i64::try_from(picked).unwrap_or(i64::MAX)));
    }
    check(&value)?;
    let Ok(items) = iterate(&value) else {
        return Err(TemplateError::value("random can only be used on sequences and integers"));
    };
    let given = |argument: Option<&Value>| argument.map_or(Ok(false), truth);
    if given(start.as_ref())? || given(step.as_ref())? {
        return Err(TemplateError::value("start and step can only be used with integer values"));
    }
    if items.is_empty() {
        return Err(TemplateError::value("Cannot choose from an empty sequence"));
    }
    let place = source.below(items.len() as u64)?;
    Ok(usize::try_from(place).ok().and_then(|place| items.get(place).cloned()).unwrap_or(Value::Null))
}

pub fn shuffle(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [seed] = bind(arguments, "randomize_list", ["seed"], 0)?;
    let mut source = Source::of(seed.as_ref().filter(|seed| seed.is_true()))?;
    let Ok(mut items) = iterate(&value) else { return Ok(value) };
    for place in (1..items.len()).rev() {
        let other = source.below(place as u64 + 1)?;
        items.swap(place, usize::try_from(other).unwrap_or(place));
    }
    Ok(Value::list(items))
}

/// A MAC address whose last bytes are random, as `community.general.random_mac` makes it.
pub fn random_mac(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [seed] = bind(arguments, "random_mac", ["seed"], 0)?;
    let Value::String(prefix) = &value else {
        check(&value)?;
        let shown = value.repr();
        return Err(TemplateError::value(format!(
            "Invalid value type ({}) for random_mac ({shown})",
            value.type_name()
        )));
    };
    let prefix = prefix.as_str().to_lowercase();
    let parts: Vec<&str> = prefix.split(':').collect();
    if parts.len() > 5 {
        return Err(TemplateError::value(format!(
            "Invalid value ({prefix}) for random_mac: 5 colon(:) separated items max"
        )));
    }
    let valid = |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(part) = parts.iter().find(|part| !part.is_empty() && !valid(part)) {
        return Err(TemplateError::value(format!("Invalid value ({prefix}) for random_mac: {part} not hexa byte")));
    }
    let known: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let mut source = Source::of(seed.as_ref())?;
    let start = 68_719_476_736u64;
    let number = start + source.below(1_099_511_627_775 - start + 1)?;
    let digits = format!("{number:x}");
    let random: Vec<String> =
        digits.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned()).collect();
    let all = known.into_iter().map(str::to_owned).chain(random).take(6);
    Ok(all.collect::<Vec<_>>().join(":").into())
}

/// Words of state.
const WORDS: usize = 624;

/// The Mersenne Twister as Python seeds it.
struct Twister {
    state: [u32; WORDS],
    place: usize,
}

impl Twister {
    fn of(seed: &Value) -> Answer<Self> {
        check(seed)?;
        Ok(match seed {
            Value::Int(_) | Value::Bool(_) => {
                let number = integer(Some(seed), 0)?.unsigned_abs();
                let (low, high) = (number as u32, (number >> 32) as u32);
                let words = [low, high];
                Self::by_array(if high == 0 { &words[..1] } else { &words })
            }
            other => {
                // A text is the number that its bytes and their SHA-512 spell.
                let mut bytes = super::python::text(other)?.into_bytes();
                let digest = sha2::Sha512::digest(&bytes);
                bytes.extend_from_slice(&digest);
                bytes.reverse();
                let word = |chunk: &[u8]| chunk.iter().rev().fold(0u32, |word, byte| word << 8 | u32::from(*byte));
                let mut words: Vec<u32> = bytes.chunks(4).map(word).collect();
                while words.len() > 1 && words.last() == Some(&0) {
                    words.pop();
                }
                Self::by_array(&words)
            }
        })
    }

    fn by_number(seed: u32) -> Self {
        let mut state = [0; WORDS];
        state[0] = seed;
        for place in 1..WORDS {
            let before: u32 = state[place - 1];
            state[place] = (before ^ before >> 30).wrapping_mul(1_812_433_253).wrapping_add(place as u32);
        }
        Self { state, place: WORDS }
    }

    fn by_array(words: &[u32]) -> Self {
        let mut twister = Self::by_number(19_650_218);
        let state = &mut twister.state;
        let (mut place, mut word) = (1, 0);
        for _ in 0..WORDS.max(words.len()) {
            let before = state[place - 1];
            state[place] = (state[place] ^ (before ^ before >> 30).wrapping_mul(1_664_525))
                .wrapping_add(words[word])
                .wrapping_add(word as u32);
            place += 1;
            word += 1;
            if place >= WORDS {
                state[0] = state[WORDS - 1];
                place = 1;
            }
            if word >= words.len() {
                word = 0;
            }
        }
        for _ in 0..WORDS - 1 {
            let before = state[place - 1];
            state[place] =
                (state[place] ^ (before ^ before >> 30).wrapping_mul(1_566_083_941)).wrapping_sub(place as u32);
            place += 1;
            if place >= WORDS {
                state[0] = state[WORDS - 1];
                place = 1;
            }
        }
        state[0] = 0x8000_0000;
        twister
    }

    fn next(&mut self) -> u32 {
        if self.place >= WORDS {
            self.refill();
        }
        let mut word = self.state[self.place];
        self.place += 1;
        word ^= word >> 11;
        word ^= word << 7 & 0x9d2c_5680;
        word ^= word << 15 & 0xefc6_0000;
        word ^ word >> 18
    }

    fn refill(&mut self) {
        for place in 0..WORDS {
            let word = self.state[place] & 0x8000_0000 | self.state[(place + 1) % WORDS] & 0x7fff_ffff;
            let odd = if word & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[place] = self.state[(place + 397) % WORDS] ^ word >> 1 ^ odd;
        }
        self.place = 0;
    }
}
