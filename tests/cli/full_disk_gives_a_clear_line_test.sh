#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
# Files are limited to one block of 1,024 bytes: write() fails as on a full disk.
expect 1 bash -c 'ulimit -f 1; exec spine-measure files/masks -o out --no-progress'
grep -Eq '^spine-measure: study case_a: output: .*(measurements|landmarks).json' stderr ||
  fail "expected a line for the study"
tail -1 stderr | grep -Eq '^spine-measure: .*measurements.csv' || fail "expected a line for the table"
[[ -z $(find out -name '*.json' -o -name '*.csv') ]] || fail "half a file was left"
# With space available, the run completes.
expect 0 spine-measure files/masks -o out
