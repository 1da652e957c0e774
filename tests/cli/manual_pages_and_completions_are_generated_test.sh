#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# options_of HELP: the options that a help text describes, one a line.
options_of() {
  sed -nE 's/^  (-[^ ]*)( .*|$)/\1/p' "$1" | sed 's/{[^}]*}//g' | tr ',' '\n' | sort -u
}
# options_in PAGE: the options that a part of a manual page describes, one a line.
options_in() {
  sed -n '/^\.TP$/{n;s/\\-/-/g;s/^\\fB\([^\\]*\)\\fR.*/\1/p}' "$1" | tr ',' '\n' | tr -d ' ' | sort -u
}
# same_options WHAT: a help text (`help`) and a part of a page (`part`) describe the same options.
same_options() {
  options_of help >in_help
  options_in part >in_page
  [[ -s in_help ]] || fail "$1: no options in its help"
  diff in_help in_page >difference || fail "$1: options of its help (<) and of its page (>): $(grep '^[<>]' difference | tr '\n' ' ')"
}

subcommands=0
for command in spine-{pipeline,seg,restore,measure,simulate,train,eval,weights,review}; do
  expect 0 $command --generate man
  cp stdout page
  grep -q "^\.B ${command/-/\\\\-}" page || fail "$command: its page does not name it"
  # The page that is installed is this one.
  installed=$SPINE_BIN/../share/man/man1/$command.1
  cmp -s page "$installed" || fail "$command: $installed is not what the command generates"
  expect 0 $command --help
  cp stdout help
  sed -n '/^\.SH OPTIONS/,/^\.SH COMMANDS/p' page >part
  same_options $command
  for task in $(sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' help); do
    expect 0 $command "$task" --help
    cp stdout help
    heading="\.SS ${task//-/\\\\-}"
    sed -n "/^$heading\$/,/^\.SS/p" page >part
    [[ -s part ]] || fail "$command: no part on $task in its page"
    same_options "$command $task"
    subcommands=$((subcommands + 1))
  done
  expect 0 $command --generate bash
  bash -n stdout || fail "$command: its completions are not valid bash"
  expect 0 $command --generate zsh
  expect 0 $command --generate fish
done
((subcommands >= 12)) || fail "expected the subcommands of spine-train and spine-weights, found $subcommands"
for task in merge verify keys; do
  expect 0 spine-pipeline $task --generate man
  cp stdout part
  grep -q "${task^^} 1" part || fail "$task has no page"
  expect 0 spine-pipeline $task --help
  cp stdout help
  same_options "spine-pipeline $task"
done
expect 2 spine-pipeline --generate html

# Completions offered by the shell.
spine-pipeline --generate bash >completion
(
  source completion
  COMP_WORDS=(spine-pipeline --restore a) COMP_CWORD=2
  _spine_pipeline
  [[ "${COMPREPLY[*]}" == "auto always" ]] || fail "choices: ${COMPREPLY[*]}"
  COMP_WORDS=(spine-pipeline --dicom-) COMP_CWORD=1
  _spine_pipeline
  [[ "${COMPREPLY[*]}" == *--dicom-seg* ]] || fail "options: ${COMPREPLY[*]}"
)
