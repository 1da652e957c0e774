#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

for command in spine-{pipeline,seg,restore,measure,simulate,train,eval,weights}; do
  expect 0 $command --generate man
  grep -q '^\.SH OPTIONS' stdout || fail "$command: no options in its page"
  grep -q "^\.B ${command/-/\\\\-}" stdout || fail "$command: its page does not name it"
  expect 0 $command --generate bash
  bash -n stdout || fail "$command: its completions are not valid bash"
  expect 0 $command --generate zsh
  expect 0 $command --generate fish
done
expect 0 spine-pipeline merge --generate man
grep -q 'MERGE 1' stdout || fail "merge has no page"
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
