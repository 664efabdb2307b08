# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_opsctl_global_optspecs
    string join \n h/help V/version
end

function __fish_opsctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_opsctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_opsctl_using_subcommand
    set -l cmd (__fish_opsctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c opsctl -n "__fish_opsctl_needs_command" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_needs_command" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "exec" -d 'Runs a command, a shell line, a script or a module on many hosts'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "deploy" -d 'Runs playbooks'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "copy" -d 'Copies a file or a tree to many hosts'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "fetch" -d 'Fetches a file or a tree from many hosts'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "inventory" -d 'Shows what an inventory says'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "doc" -d 'Shows what modules take, do in check mode, and return; without a name lists all of them'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "vault" -d 'Makes, shows and changes files that are encrypted with Ansible Vault'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "config" -d 'Shows the effective configuration, and what set each key'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "report" -d 'Shows what was done, by whom, and whether the record is whole'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "completions" -d 'Prints a shell\'s completion script'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "man" -d 'Prints the manual page, or writes a page for every subcommand'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s m -l module -d 'Run this module instead of a command, as a playbook\'s task would; `opsctl doc` lists them' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s a -l args -d 'Arguments of the module: `k=v`, free-form text or JSON; without -m, those of `command`' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s e -l extra-vars -d 'With -m: set variables, as of `deploy`' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l script -d 'Run this local script by its own interpreter (`-` reads it from standard input); words behind `--` are its arguments' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l env -d 'Set an environment variable; without `=VALUE` it takes the value it has here' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l chdir -d 'Run in this directory' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l shell -d 'The shell for a one-word line' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l ok-rc -d 'Exit codes that count as success' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s i -l inventory -d 'Inventory: a file, a directory, a program, or a comma list of hosts (`web1,web2,`); may be given several times' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s l -l limit -d 'Keep only hosts that this pattern selects too; `@FILE` reads one a line' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s u -l user -d 'Log in as this user' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l private-key -d 'Use this private key' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l connection-password-file -d 'Read the password that logs in from the first line of this file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l transport -d 'What connects: this process where it does exactly what ssh would do, else ssh (auto), or one of them [default: auto]' -r -f -a "auto\t'Native where it does exactly what `ssh` would do, else OpenSSH'
native\t'Native, or no connection'
openssh\t'The system\'s `ssh`'"
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l become-user -d 'The other user' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l become-method -d 'How to become the other user' -r -f -a "sudo\t'`sudo`'
su\t'`su`'
doas\t'`doas`'"
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l become-password-file -d 'Read the become password from the first line of this file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s f -l forks -d 'Hosts in flight at once [default: 64]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l connect-timeout -d 'Limit for one connection attempt, up to a working shell [default: 10s]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l timeout -d 'Limit for the command on each host; armed on the host as well' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l deadline -d 'Limit for the whole run (exit code 124)' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l retries -d 'Further connection attempts; a command is never started twice [default: 2]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l serial -d 'Hosts a batch: a number, a percentage, or a list of them (`1,10%,50%`)' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l pause -d 'Wait between batches' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l max-fail -d 'Start no more hosts once more than this many have gone wrong (exit code 7)' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l rerun -d 'Only the hosts that had this outcome in your last run, or in the run that @RUN names' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l format -d 'Form of the output' -r -f -a "human\t'For people: folded, in colour, failures last'
json\t'One JSON document at the end'
jsonl\t'One JSON object a line, as things happen'
junit\t'One XML document in the form of `junit`, at the end'"
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l output-dir -d 'Write each host\'s output, and lists of hosts by outcome, into this directory' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l color -d 'When to use colour' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise; always when `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l name -d 'Name the run, for the record and for --lock' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l lock -d 'When a run of the same name is still going: skip (exit code 6), or wait for it' -r -f -a "skip\t'Do not run (exit code 6)'
wait\t'Wait until it has ended'"
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l jitter -d 'Start after a random wait of up to this long' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l journal-dir -d 'Keep the journal in this directory' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s C -l check -d 'With -m: change nothing; say what would change'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l stdin -d 'Give all hosts this process\'s standard input'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s k -l ask-pass -d 'Ask for the password that logs in'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s b -l become -d 'Run as another user (root unless told)'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s K -l ask-become-pass -d 'Ask for the become password'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l fail-fast -d 'Start no more hosts once one has gone wrong (exit code 7)'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l accept-new-host-keys -d 'Record unknown host keys unseen; changed ones are still refused'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s y -l yes -d 'Do not ask before touching protected hosts'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l list-hosts -d 'Show the selected hosts and stop'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l allow-empty -d 'Exit with 0 when no host matches'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l stream -d 'Show each line as it comes, with its host'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s D -l diff -d 'Show the most common output whole, the others as differences from it'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l fields -d 'Show in which fields outputs folded as nearly equal (≈) differ'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s q -l quiet -d 'Say nothing on success, and everything needed on failure'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s v -l verbose -d 'Say first which transport each host takes, and why; -vv on a line a host'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l passthrough -d 'Behave as `ssh HOST` would: one host, its bytes, its exit code'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l maxrc -d 'Exit with the largest remote exit code'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -l no-store-output -d 'Keep no output in the journal'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opsctl -n "__fish_opsctl_using_subcommand exec" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s i -l inventory -d 'Inventory: a file, a directory, a program, or a comma list of hosts (`web1,web2,`); may be given several times' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s l -l limit -d 'Keep only hosts that this pattern selects too; `@FILE` reads one a line' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s u -l user -d 'Log in as this user' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l private-key -d 'Use this private key' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l connection-password-file -d 'Read the password that logs in from the first line of this file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l transport -d 'What connects: this process where it does exactly what ssh would do, else ssh (auto), or one of them [default: auto]' -r -f -a "auto\t'Native where it does exactly what `ssh` would do, else OpenSSH'
native\t'Native, or no connection'
openssh\t'The system\'s `ssh`'"
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l become-user -d 'The other user' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l become-method -d 'How to become the other user' -r -f -a "sudo\t'`sudo`'
su\t'`su`'
doas\t'`doas`'"
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l become-password-file -d 'Read the become password from the first line of this file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l name -d 'Name the run, for the record and for --lock' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l lock -d 'When a run of the same name is still going: skip (exit code 6), or wait for it' -r -f -a "skip\t'Do not run (exit code 6)'
wait\t'Wait until it has ended'"
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l jitter -d 'Start after a random wait of up to this long' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l journal-dir -d 'Keep the journal in this directory' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s t -l tags -d 'Run only tasks with these tags' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l skip-tags -d 'Leave out tasks with these tags' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s e -l extra-vars -d 'Set variables: `k=v`, JSON, YAML, or `@FILE`; nothing is stronger' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s f -l forks -d 'Hosts in flight at once [default: 64]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s T -l timeout -d 'Limit for one connection attempt; a bare number is seconds [default: 10s]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l start-at-task -d 'Begin at the task of this name' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l format -d 'Form of the output' -r -f -a "human\t'For people: folded, in colour, failures last'
json\t'One JSON document at the end'
jsonl\t'One JSON object a line, as things happen'
junit\t'One XML document in the form of `junit`, at the end'"
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l color -d 'When to use colour' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise; always when `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s k -l ask-pass -d 'Ask for the password that logs in'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s b -l become -d 'Run as another user (root unless told)'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s K -l ask-become-pass -d 'Ask for the become password'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l no-store-output -d 'Keep no output in the journal'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s C -l check -d 'Change nothing; say what would change'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s D -l diff -d 'Show what differs before and after'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l force-handlers -d 'Run the notified handlers of hosts that failed, too'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l step -d 'Ask before each task whether it is to run: no, yes, or yes to all the rest'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l syntax-check -d 'Load everything, refuse what is not supported, and stop; a role\'s directory or a *.j2 file may stand for a playbook'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l list-hosts -d 'Show the hosts of each play and stop'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l list-tasks -d 'Show the tasks of each play and stop'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l list-tags -d 'Show the tags of each play and stop'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l flush-cache -d 'Forget what facts say of hosts; no effect here, since facts are kept for one run only'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -l detailed-exitcode -d 'Exit with 10 when something would change'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s y -l yes -d 'Do not ask before touching protected hosts'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s q -l quiet -d 'Say nothing on success, and everything needed on failure'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s v -l verbose -d 'Show results too; -vv: and arguments; -vvv: and how each host is reached'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opsctl -n "__fish_opsctl_using_subcommand deploy" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s i -l inventory -d 'Inventory: a file, a directory, a program, or a comma list of hosts (`web1,web2,`); may be given several times' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s l -l limit -d 'Keep only hosts that this pattern selects too; `@FILE` reads one a line' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s u -l user -d 'Log in as this user' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l private-key -d 'Use this private key' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l connection-password-file -d 'Read the password that logs in from the first line of this file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l transport -d 'What connects: this process where it does exactly what ssh would do, else ssh (auto), or one of them [default: auto]' -r -f -a "auto\t'Native where it does exactly what `ssh` would do, else OpenSSH'
native\t'Native, or no connection'
openssh\t'The system\'s `ssh`'"
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l become-user -d 'The other user' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l become-method -d 'How to become the other user' -r -f -a "sudo\t'`sudo`'
su\t'`su`'
doas\t'`doas`'"
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l become-password-file -d 'Read the become password from the first line of this file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s f -l forks -d 'Hosts in flight at once [default: 64]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l connect-timeout -d 'Limit for one connection attempt, up to a working shell [default: 10s]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l timeout -d 'Limit for the command on each host; armed on the host as well' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l deadline -d 'Limit for the whole run (exit code 124)' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l retries -d 'Further connection attempts; a command is never started twice [default: 2]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l serial -d 'Hosts a batch: a number, a percentage, or a list of them (`1,10%,50%`)' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l pause -d 'Wait between batches' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l max-fail -d 'Start no more hosts once more than this many have gone wrong (exit code 7)' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l rerun -d 'Only the hosts that had this outcome in your last run, or in the run that @RUN names' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l format -d 'Form of the output' -r -f -a "human\t'For people: folded, in colour, failures last'
json\t'One JSON document at the end'
jsonl\t'One JSON object a line, as things happen'
junit\t'One XML document in the form of `junit`, at the end'"
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l output-dir -d 'Write each host\'s output, and lists of hosts by outcome, into this directory' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l color -d 'When to use colour' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise; always when `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l name -d 'Name the run, for the record and for --lock' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l lock -d 'When a run of the same name is still going: skip (exit code 6), or wait for it' -r -f -a "skip\t'Do not run (exit code 6)'
wait\t'Wait until it has ended'"
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l jitter -d 'Start after a random wait of up to this long' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l journal-dir -d 'Keep the journal in this directory' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s p -l parents -d 'Make missing directories that lead to DEST'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s k -l ask-pass -d 'Ask for the password that logs in'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s b -l become -d 'Run as another user (root unless told)'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s K -l ask-become-pass -d 'Ask for the become password'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l fail-fast -d 'Start no more hosts once one has gone wrong (exit code 7)'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l accept-new-host-keys -d 'Record unknown host keys unseen; changed ones are still refused'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s y -l yes -d 'Do not ask before touching protected hosts'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l list-hosts -d 'Show the selected hosts and stop'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l allow-empty -d 'Exit with 0 when no host matches'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l stream -d 'Show each line as it comes, with its host'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s D -l diff -d 'Show the most common output whole, the others as differences from it'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l fields -d 'Show in which fields outputs folded as nearly equal (≈) differ'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s q -l quiet -d 'Say nothing on success, and everything needed on failure'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s v -l verbose -d 'Say first which transport each host takes, and why; -vv on a line a host'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l passthrough -d 'Behave as `ssh HOST` would: one host, its bytes, its exit code'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l maxrc -d 'Exit with the largest remote exit code'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -l no-store-output -d 'Keep no output in the journal'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opsctl -n "__fish_opsctl_using_subcommand copy" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s i -l inventory -d 'Inventory: a file, a directory, a program, or a comma list of hosts (`web1,web2,`); may be given several times' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s l -l limit -d 'Keep only hosts that this pattern selects too; `@FILE` reads one a line' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s u -l user -d 'Log in as this user' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l private-key -d 'Use this private key' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l connection-password-file -d 'Read the password that logs in from the first line of this file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l transport -d 'What connects: this process where it does exactly what ssh would do, else ssh (auto), or one of them [default: auto]' -r -f -a "auto\t'Native where it does exactly what `ssh` would do, else OpenSSH'
native\t'Native, or no connection'
openssh\t'The system\'s `ssh`'"
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l become-user -d 'The other user' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l become-method -d 'How to become the other user' -r -f -a "sudo\t'`sudo`'
su\t'`su`'
doas\t'`doas`'"
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l become-password-file -d 'Read the become password from the first line of this file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s f -l forks -d 'Hosts in flight at once [default: 64]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l connect-timeout -d 'Limit for one connection attempt, up to a working shell [default: 10s]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l timeout -d 'Limit for the command on each host; armed on the host as well' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l deadline -d 'Limit for the whole run (exit code 124)' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l retries -d 'Further connection attempts; a command is never started twice [default: 2]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l serial -d 'Hosts a batch: a number, a percentage, or a list of them (`1,10%,50%`)' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l pause -d 'Wait between batches' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l max-fail -d 'Start no more hosts once more than this many have gone wrong (exit code 7)' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l rerun -d 'Only the hosts that had this outcome in your last run, or in the run that @RUN names' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l format -d 'Form of the output' -r -f -a "human\t'For people: folded, in colour, failures last'
json\t'One JSON document at the end'
jsonl\t'One JSON object a line, as things happen'
junit\t'One XML document in the form of `junit`, at the end'"
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l output-dir -d 'Write each host\'s output, and lists of hosts by outcome, into this directory' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l color -d 'When to use colour' -r -f -a "auto\t'At a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise; always when `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l name -d 'Name the run, for the record and for --lock' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l lock -d 'When a run of the same name is still going: skip (exit code 6), or wait for it' -r -f -a "skip\t'Do not run (exit code 6)'
wait\t'Wait until it has ended'"
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l jitter -d 'Start after a random wait of up to this long' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l journal-dir -d 'Keep the journal in this directory' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l skip-links -d 'Leave symlinks that lead out of a tree out of its copy, rather than refuse the host'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s k -l ask-pass -d 'Ask for the password that logs in'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s b -l become -d 'Run as another user (root unless told)'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s K -l ask-become-pass -d 'Ask for the become password'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l fail-fast -d 'Start no more hosts once one has gone wrong (exit code 7)'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l accept-new-host-keys -d 'Record unknown host keys unseen; changed ones are still refused'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s y -l yes -d 'Do not ask before touching protected hosts'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l list-hosts -d 'Show the selected hosts and stop'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l allow-empty -d 'Exit with 0 when no host matches'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l stream -d 'Show each line as it comes, with its host'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s D -l diff -d 'Show the most common output whole, the others as differences from it'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l fields -d 'Show in which fields outputs folded as nearly equal (≈) differ'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s q -l quiet -d 'Say nothing on success, and everything needed on failure'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s v -l verbose -d 'Say first which transport each host takes, and why; -vv on a line a host'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l passthrough -d 'Behave as `ssh HOST` would: one host, its bytes, its exit code'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l maxrc -d 'Exit with the largest remote exit code'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -l no-store-output -d 'Keep no output in the journal'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opsctl -n "__fish_opsctl_using_subcommand fetch" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -s i -l inventory -d 'Inventory: a file, a directory, a program, or a comma list of hosts (`web1,web2,`); may be given several times' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -s l -l limit -d 'Keep only hosts that this pattern selects too; `@FILE` reads one a line' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -f -a "list" -d 'Lists hosts and groups, by default as `ansible-inventory --list` does'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -f -a "graph" -d 'Draws the tree of groups and hosts'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -f -a "show" -d 'Shows how a host is reached and why so, and its variables, each with the file and line it came from'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -f -a "check" -d 'Reports everything that is wrong or odd, each with its place; exit code 2 if anything is wrong'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and not __fish_seen_subcommand_from list graph show check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from list" -l format -d 'Form of the list' -r -f -a "json\t'As `ansible-inventory --list`'
yaml\t'As `ansible-inventory --list --yaml`'
table\t'One line a host: name, address, user, port, groups'"
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from list" -s i -l inventory -d 'Inventory: a file, a directory, a program, or a comma list of hosts (`web1,web2,`); may be given several times' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from list" -s l -l limit -d 'Keep only hosts that this pattern selects too; `@FILE` reads one a line' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from graph" -s i -l inventory -d 'Inventory: a file, a directory, a program, or a comma list of hosts (`web1,web2,`); may be given several times' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from graph" -s l -l limit -d 'Keep only hosts that this pattern selects too; `@FILE` reads one a line' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from graph" -l vars -d 'Draw variables too: each host\'s, and each group\'s own'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from graph" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from graph" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -l transport -d 'Show what this transport would do [default: as configured, else auto]' -r -f -a "auto\t'Native where it does exactly what `ssh` would do, else OpenSSH'
native\t'Native, or no connection'
openssh\t'The system\'s `ssh`'"
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -l format -d 'Form of what is shown' -r -f -a "human\t'Tables'
json\t'One JSON document'"
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -s i -l inventory -d 'Inventory: a file, a directory, a program, or a comma list of hosts (`web1,web2,`); may be given several times' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -s l -l limit -d 'Keep only hosts that this pattern selects too; `@FILE` reads one a line' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -s i -l inventory -d 'Inventory: a file, a directory, a program, or a comma list of hosts (`web1,web2,`); may be given several times' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -s l -l limit -d 'Keep only hosts that this pattern selects too; `@FILE` reads one a line' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists hosts and groups, by default as `ansible-inventory --list` does'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from help" -f -a "graph" -d 'Draws the tree of groups and hosts'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows how a host is reached and why so, and its variables, each with the file and line it came from'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from help" -f -a "check" -d 'Reports everything that is wrong or odd, each with its place; exit code 2 if anything is wrong'
complete -c opsctl -n "__fish_opsctl_using_subcommand inventory; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand doc" -l format -d 'Form of the output' -r -f -a "text\t'For people'
json\t'One JSON document'"
complete -c opsctl -n "__fish_opsctl_using_subcommand doc" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opsctl -n "__fish_opsctl_using_subcommand doc" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and not __fish_seen_subcommand_from encrypt decrypt view edit create rekey encrypt-string help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and not __fish_seen_subcommand_from encrypt decrypt view edit create rekey encrypt-string help" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and not __fish_seen_subcommand_from encrypt decrypt view edit create rekey encrypt-string help" -f -a "encrypt" -d 'Encrypts files in place'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and not __fish_seen_subcommand_from encrypt decrypt view edit create rekey encrypt-string help" -f -a "decrypt" -d 'Decrypts files in place'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and not __fish_seen_subcommand_from encrypt decrypt view edit create rekey encrypt-string help" -f -a "view" -d 'Shows what encrypted files hold'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and not __fish_seen_subcommand_from encrypt decrypt view edit create rekey encrypt-string help" -f -a "edit" -d 'Opens an encrypted file in $EDITOR and encrypts it again'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and not __fish_seen_subcommand_from encrypt decrypt view edit create rekey encrypt-string help" -f -a "create" -d 'Makes a new encrypted file in $EDITOR'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and not __fish_seen_subcommand_from encrypt decrypt view edit create rekey encrypt-string help" -f -a "rekey" -d 'Encrypts files with another password'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and not __fish_seen_subcommand_from encrypt decrypt view edit create rekey encrypt-string help" -f -a "encrypt-string" -d 'Encrypts texts into values for YAML files'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and not __fish_seen_subcommand_from encrypt decrypt view edit create rekey encrypt-string help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt" -l output -d 'Write to this file instead; `-` is standard output' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt" -l encrypt-vault-id -d 'Encrypt with the password of this id; needed where there are several' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from decrypt" -l output -d 'Write to this file instead; `-` is standard output' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from decrypt" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from decrypt" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from decrypt" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from decrypt" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from decrypt" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from view" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from view" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from view" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from view" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from view" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from edit" -l encrypt-vault-id -d 'Encrypt with the password of this id; needed where there are several' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from edit" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from edit" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from edit" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from edit" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from create" -l encrypt-vault-id -d 'Encrypt with the password of this id; needed where there are several' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from create" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from create" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from create" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from create" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from rekey" -l new-vault-id -d 'Where the new password comes from, and its id' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from rekey" -l new-vault-password-file -d 'The file with the new password' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from rekey" -l encrypt-vault-id -d 'Encrypt with the password of this id; needed where there are several' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from rekey" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from rekey" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from rekey" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from rekey" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from rekey" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt-string" -s n -l name -d 'The variable\'s name, one for each text' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt-string" -l stdin-name -d 'The variable\'s name for the text on standard input' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt-string" -l output -d 'Write to this file instead of standard output' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt-string" -l encrypt-vault-id -d 'Encrypt with the password of this id; needed where there are several' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt-string" -l vault-password-file -d 'Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt-string" -l vault-id -d 'Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt-string" -s p -l prompt -d 'Ask for the text'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt-string" -l show-input -d 'Show the text while it is typed'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt-string" -s J -l ask-vault-pass -d 'Ask for a vault password'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt-string" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from encrypt-string" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from help" -f -a "encrypt" -d 'Encrypts files in place'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from help" -f -a "decrypt" -d 'Decrypts files in place'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from help" -f -a "view" -d 'Shows what encrypted files hold'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from help" -f -a "edit" -d 'Opens an encrypted file in $EDITOR and encrypts it again'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from help" -f -a "create" -d 'Makes a new encrypted file in $EDITOR'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from help" -f -a "rekey" -d 'Encrypts files with another password'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from help" -f -a "encrypt-string" -d 'Encrypts texts into values for YAML files'
complete -c opsctl -n "__fish_opsctl_using_subcommand vault; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opsctl -n "__fish_opsctl_using_subcommand config" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and not __fish_seen_subcommand_from runs show verify prune help" -l dir -d 'Journal directory to read, instead of the configured one; may be given more than once' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and not __fish_seen_subcommand_from runs show verify prune help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and not __fish_seen_subcommand_from runs show verify prune help" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and not __fish_seen_subcommand_from runs show verify prune help" -f -a "runs" -d 'Lists runs, newest first'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and not __fish_seen_subcommand_from runs show verify prune help" -f -a "show" -d 'Shows one run: who, what, and how each host ended'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and not __fish_seen_subcommand_from runs show verify prune help" -f -a "verify" -d 'Finds what was changed, removed, inserted or moved in the record; exit code 12 if anything was'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and not __fish_seen_subcommand_from runs show verify prune help" -f -a "prune" -d 'Removes old runs from the record, and notes that it did'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and not __fish_seen_subcommand_from runs show verify prune help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -l status -d 'Only runs that went so; several are separated by commas' -r -f -a "ok\t''
failed\t''
unreachable\t''
stopped\t''
interrupted\t''
running\t''
unsettled\t''"
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -l user -d 'Only runs of this user, directly or through sudo' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -l since -d 'Only runs that began then or later: `2h`, `3d`, `yesterday`, `2026-11-24`, `2026-11-24 09:30`' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -l until -d 'Only runs that began before; a date without a time includes that day' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -l name -d 'Only runs of this --name' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -l verb -d 'Only runs of these verbs' -r -f -a "exec\t''
copy\t''
fetch\t''"
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -l host -d 'Only runs that had selected this host' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -l limit -d 'At most so many, the newest' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -l format -d 'Form of the list' -r -f -a "table\t'Columns that fit the terminal'
json\t'One JSON document'
jsonl\t'One JSON object a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -l dir -d 'Journal directory to read, instead of the configured one; may be given more than once' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from runs" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from show" -l host -d 'Only these hosts; may be given more than once' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from show" -l format -d 'Form of the answer; the JSON forms are those of `exec --format`, output included' -r -f -a "table\t'For people'
json\t'One JSON document'
jsonl\t'One JSON object a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from show" -l dir -d 'Journal directory to read, instead of the configured one; may be given more than once' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from show" -l output -d 'Shows what the hosts printed, as far as it is on record'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from verify" -l dir -d 'Journal directory to read, instead of the configured one; may be given more than once' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from prune" -l older-than -d 'Removes runs that began longer ago: `90d`, `12w`, `1y`' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from prune" -l dir -d 'Journal directory to read, instead of the configured one; may be given more than once' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from prune" -l yes -d 'Removes them; without it they are only listed'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from prune" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "runs" -d 'Lists runs, newest first'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows one run: who, what, and how each host ended'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Finds what was changed, removed, inserted or moved in the record; exit code 12 if anything was'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "prune" -d 'Removes old runs from the record, and notes that it did'
complete -c opsctl -n "__fish_opsctl_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand man" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand man" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "exec" -d 'Runs a command, a shell line, a script or a module on many hosts'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "deploy" -d 'Runs playbooks'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "copy" -d 'Copies a file or a tree to many hosts'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "fetch" -d 'Fetches a file or a tree from many hosts'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "inventory" -d 'Shows what an inventory says'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "doc" -d 'Shows what modules take, do in check mode, and return; without a name lists all of them'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "vault" -d 'Makes, shows and changes files that are encrypted with Ansible Vault'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "config" -d 'Shows the effective configuration, and what set each key'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "report" -d 'Shows what was done, by whom, and whether the record is whole'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "completions" -d 'Prints a shell\'s completion script'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "man" -d 'Prints the manual page, or writes a page for every subcommand'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from exec deploy copy fetch inventory doc vault config report completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from inventory" -f -a "list" -d 'Lists hosts and groups, by default as `ansible-inventory --list` does'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from inventory" -f -a "graph" -d 'Draws the tree of groups and hosts'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from inventory" -f -a "show" -d 'Shows how a host is reached and why so, and its variables, each with the file and line it came from'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from inventory" -f -a "check" -d 'Reports everything that is wrong or odd, each with its place; exit code 2 if anything is wrong'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from vault" -f -a "encrypt" -d 'Encrypts files in place'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from vault" -f -a "decrypt" -d 'Decrypts files in place'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from vault" -f -a "view" -d 'Shows what encrypted files hold'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from vault" -f -a "edit" -d 'Opens an encrypted file in $EDITOR and encrypts it again'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from vault" -f -a "create" -d 'Makes a new encrypted file in $EDITOR'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from vault" -f -a "rekey" -d 'Encrypts files with another password'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from vault" -f -a "encrypt-string" -d 'Encrypts texts into values for YAML files'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "runs" -d 'Lists runs, newest first'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "show" -d 'Shows one run: who, what, and how each host ended'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "verify" -d 'Finds what was changed, removed, inserted or moved in the record; exit code 12 if anything was'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "prune" -d 'Removes old runs from the record, and notes that it did'
