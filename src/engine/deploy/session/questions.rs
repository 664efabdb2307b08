//! Questions to a host as one program for its shell.
//!
//! A probe's text stands in the program once, however many questions ask it, as a function that runs in a shell of its
//! own. Behind each answer both streams carry a line with a random token, the question's number and its exit code.
//! Secrets come in through the environment, are taken out of it at once, and are given to their own question alone.

use std::ffi::OsString;
use std::fmt::Write as _;

use super::common;
use super::source::{SECRET, Source, push_line};
use crate::modules::Question;
use crate::remote::Part;

/// Most that one frame of questions holds, in bytes; a host reads it byte by byte.
const FRAME_LIMIT: usize = 32 * 1024;

/// Taken up by a question besides its words and its probe, in bytes.
const CALL_SIZE: usize = 48;

/// Runs one question; its answer ends with a line on each stream.
const ANSWER: &str = "\
opsctl() {
(
\"$@\"
)
opsctl_r=$?
echo \"$opsctl_n $opsctl_i $opsctl_r\"
echo \"$opsctl_n $opsctl_i\" >&2
opsctl_i=$((opsctl_i+1))
}
";

/// The program that asks `questions`, whose answers `token` closes.
pub(super) fn program(questions: &[Question], token: &str) -> Source {
    let mut program = Program::new(token);
    for question in questions {
        program.add(question);
    }
    program.finish()
}

/// Cuts `questions` into runs that fit into one frame each.
pub(super) fn frames(questions: &[Question]) -> Vec<&[Question]> {
    let mut frames = Vec::new();
    let mut rest = questions;
    while !rest.is_empty() {
        let (frame, left) = rest.split_at(fitting(rest));
        frames.push(frame);
        rest = left;
    }
    frames
}

/// How many of `questions` fit into one frame: at least one.
fn fitting(questions: &[Question]) -> usize {
    let mut size = 0;
    let mut known: Vec<&str> = Vec::new();
    for (index, question) in questions.iter().enumerate() {
        size += CALL_SIZE + question.words.iter().map(|word| word.len() + 8).sum::<usize>();
        size += question.secrets.iter().map(|(name, secret)| name.len() * 2 + secret.expose().len()).sum::<usize>();
        if !known.contains(&question.probe.script) {
            size += question.probe.script.len();
            known.push(question.probe.script);
        }
        if size > FRAME_LIMIT && index > 0 {
            return index;
        }
    }
    questions.len()
}

struct Program<'a> {
    /// What all programs of questions have.
    common: Vec<Part>,
    head: String,
    /// Functions of this program alone.
    functions: String,
    calls: String,
    probes: Vec<&'static str>,
    secrets: Vec<&'a str>,
    words: Vec<OsString>,
    asked: usize,
}

impl<'a> Program<'a> {
    fn new(token: &str) -> Self {
        Self {
            common: vec![Part::Common(common::script(ANSWER))],
            head: format!("opsctl_n={token} opsctl_i=0\n"),
            functions: String::new(),
            calls: String::new(),
            probes: Vec::new(),
            secrets: Vec::new(),
            words: Vec::new(),
            asked: 0,
        }
    }

    fn add(&mut self, question: &'a Question) {
        let mut function = self.probe(question.probe.script);
        if !question.secrets.is_empty() {
            function = self.with_secrets(&function, question);
        }
        let mut call = format!("opsctl {function}");
        for index in 1..=question.words.len() {
            write!(call, " \"${{{index}}}\"").expect("a String takes every write");
        }
        push_line(&mut self.calls, &call);
        if !question.words.is_empty() {
            push_line(&mut self.calls, &format!("shift {}", question.words.len()));
        }
        self.words.extend(question.words.iter().cloned());
        self.asked += 1;
    }

    /// The name of a probe's function.
    fn probe(&mut self, script: &'static str) -> String {
        let (name, text) = common::function(script);
        if !self.probes.contains(&script) {
            self.probes.push(script);
            self.common.push(Part::Common(text));
        }
        name
    }

    /// A function that sets the question's secrets before it calls the probe's.
    fn with_secrets(&mut self, function: &str, question: &'a Question) -> String {
        let wrapper = format!("opsctl_q{}", self.asked);
        push_line(&mut self.functions, &format!("{wrapper}() {{"));
        for (name, secret) in &question.secrets {
            let index = self.secret(secret.expose());
            push_line(&mut self.functions, &format!("{name}=$opsctl_s{index}\nexport {name}"));
        }
        push_line(&mut self.functions, &format!("{function} \"$@\"\n}}"));
        wrapper
    }

    /// The number of a secret's variable.
    fn secret(&mut self, secret: &'a str) -> usize {
        if let Some(index) = self.secrets.iter().position(|known| *known == secret) {
            return index;
        }
        self.secrets.push(secret);
        let index = self.secrets.len() - 1;
        push_line(&mut self.head, &format!("opsctl_s{index}=${SECRET}{index}\nunset {SECRET}{index}"));
        index
    }

    fn finish(self) -> Source {
        let named = |(index, secret): (usize, &&str)| (format!("{SECRET}{index}"), OsString::from(*secret));
        let env = self.secrets.iter().enumerate().map(named).collect();
        let own = Part::Own(self.head + &self.functions + &self.calls);
        Source { text: self.common.into_iter().chain([own]).collect(), words: self.words, env }
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::Answers;
    use super::super::source::{SHELLS, run_in};
    use super::*;
    use crate::event::Stream;
    use crate::modules::probes::Probe;
    use crate::remote::OutputSink as _;
    use crate::secret::Secret;

    static HOSTILE: Probe = Probe {
        name: "hostile",
        script: "set -e -f\nd=1\nexport d\nprintf '[%s]' \"$@\" \"$SECRET\"\ncat <<END\nit's `echo x`\nEND\necho err >&2\nfalse\necho no",
    };
    static CLEAN: Probe = Probe { name: "clean", script: "echo \"$#${d-}${SECRET-}\" *\nexec 1>&- 2>&-\nexit 9" };

    #[test]
    fn every_shell_answers_each_question_by_itself() {
        for shell in SHELLS {
            let mut hostile = Question::new(&HOSTILE, ["a b", "", "it's\n.\n*", "\u{e4}$x`y`"]);
            hostile.secrets.push(("SECRET".into(), Secret::new("s3cret '\n".into())));
            let questions = [hostile.clone(), Question::new(&CLEAN, [""; 0]), hostile];
            let output = run_in(shell, &program(&questions, "token"));
            let mut answers = Answers::new(&questions, "token");
            answers.write_now(Stream::Stdout, &output.stdout);
            answers.write_now(Stream::Stderr, &output.stderr);
            let answers = answers.finish().unwrap_or_else(|missing| panic!("{shell:?}: {missing:?}"));
            for index in [0, 2] {
                let expected = "[a b][][it's\n.\n*][\u{e4}$x`y`][s3cret '\n]it's x\n";
                assert_eq!((answers[index].text().as_ref(), answers[index].rc), (expected, 1), "{shell:?}");
                assert_eq!(answers[index].errors(), "err\n", "{shell:?}");
            }
            assert!(answers[1].text().starts_with("0 ") && !answers[1].text().contains('*'), "{shell:?}");
            assert_eq!(answers[1].rc, 9, "{shell:?}");
        }
    }

    static ECHO: Probe = Probe { name: "echo", script: "# says it\n  echo \"$@\"\n" };
    static LONG: Probe = Probe { name: "long", script: "echo long" };

    #[test]
    fn a_probe_stands_in_the_program_once() {
        let questions: Vec<Question> = (0..50).map(|number| Question::new(&ECHO, [format!("{number}")])).collect();
        let source = program(&questions, "token");
        assert_eq!(source.whole_text().matches("echo \"$@\"").count(), 1);
        assert_eq!((source.whole_text().contains("says it"), source.words.len()), (false, 50));
    }

    #[test]
    fn secrets_are_in_neither_text_nor_words() {
        let mut question = Question::new(&ECHO, ["a"]);
        question.secrets.push(("PASSWORD".into(), Secret::new("hunter2".into())));
        let source = program(&[question.clone(), question], "token");
        assert!(!source.whole_text().contains("hunter2") && source.words.iter().all(|word| word == "a"));
        assert_eq!(source.env, [("OPSCTL_SECRET_0".to_owned(), "hunter2".into())]);
    }

    #[test]
    fn what_does_not_fit_goes_into_a_frame_of_its_own() {
        let question = |length: usize| Question::new(&LONG, ["x".repeat(length)]);
        let questions = [question(10), question(20_000), question(20_000), question(100_000), question(1)];
        let sizes: Vec<usize> = frames(&questions).into_iter().map(<[Question]>::len).collect();
        assert_eq!(sizes, [2, 1, 1, 1]);
        assert!(frames(&[]).is_empty());
    }
}
