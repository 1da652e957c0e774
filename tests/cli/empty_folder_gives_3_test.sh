#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

mkdir empty out
for command in spine-pipeline spine-seg spine-measure; do
  expect 3 "$command" empty -o out
  one_line "^$command: input: INPUT: expected at least one .*, found none"
  [[ -z $(ls out) ]] || fail "$command wrote something"
  expect 3 "$command" nowhere -o out
  one_line "^$command: input: INPUT: expected a file or folder, found none"
done
