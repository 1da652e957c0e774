#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 0 spine-measure files/masks -o out
before=$(sha256sum out/case_a/*)
expect 4 spine-measure files/masks -o out --landmarks baseline
grep -q 'case_a: output: write OUT/case_a/measurements.json: expected .*--force, got results of another set of options' stderr ||
  fail "expected a line that names the options"
grep -q 'set of options (landmarks: "auto" before, "baseline" now)' stderr ||
  fail "expected a line that names the difference"
[[ $before == "$(sha256sum out/case_a/*)" ]] || fail "a result was changed"
expect 0 spine-measure files/masks -o out --landmarks baseline --force
grep -q '"landmark_method": "baseline"' out/case_a/measurements.json || fail "--force had no effect"

# Files of other origin.
mkdir -p other/case_a
echo mine >other/case_a/landmarks.json
expect 4 spine-measure files/masks -o other
[[ $(cat other/case_a/landmarks.json) == mine ]] || fail "a foreign file was replaced"
[[ $(cell other/measurements.csv case_b status) != output ]] || fail "the other study was not done"
mkdir tables
echo 'my,table' >tables/measurements.csv
expect 2 spine-measure files/masks -o tables
one_line '^spine-measure: output: OUT/measurements.csv: expected'
