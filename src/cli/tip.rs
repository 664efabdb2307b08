//! Tips under errors of the command line, where clap's own would mislead.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Says where the command goes when words of it stand before `--`, or where there is none.
pub fn amend(mut error: clap::Error, args: &[OsString]) -> clap::Error {
    let is_exec = args.get(1).is_some_and(|word| word == "exec");
    let misplaced = is_exec && error.kind() == ErrorKind::UnknownArgument;
    // A name that is nearly right is a slip, and clap says so.
    if misplaced && error.get(ContextKind::SuggestedArg).is_none() {
        let tip = "the command stands behind `--`: opsctl exec web -- uptime";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    fn said(line: &str) -> String {
        let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = Cli::try_parse_from(&args).unwrap_err();
        amend(error, &args).to_string()
    }

    #[test]
    fn a_command_without_dashes_is_told_where_it_goes() {
        insta::assert_snapshot!(said("opsctl exec web uptime"), @"
        error: unexpected argument 'uptime' found

          tip: the command stands behind `--`: opsctl exec web -- uptime

        Usage: opsctl exec [OPTIONS] [PATTERN] [-- <WORD>...]

        For more information, try '--help'.
        ");
        for line in ["opsctl exec web ls -la", "opsctl exec web --xyz -- uptime"] {
            let said = said(line);
            assert!(said.contains("tip: the command stands behind `--`") && !said.contains("as a value"), "{said}");
        }
    }

    #[test]
    fn a_slip_and_other_subcommands_keep_their_own_tips() {
        assert!(said("opsctl exec web --forkz 3 -- uptime").contains("'--forks'"));
        assert!(!said("opsctl copy a b:c d").contains("behind"));
    }
}
