#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 0 spine-measure files/masks -o out
cp out/measurements.csv first.csv
touch -d '2001-01-01' out/case_a/measurements.json
expect 0 spine-measure files/masks -o out
grep -q '2 already up to date' stderr || fail "nothing was skipped"
[[ out/case_a/measurements.json -ot first.csv ]] || fail "a result was written again"
cmp first.csv out/measurements.csv || fail "the table changed"
grep -q '"skipped": 2' out/run.json || fail "run.json does not record it"
