#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
echo 'landmark = "fit"' >bad.toml
expect 2 spine-measure files/masks -o out --config bad.toml
one_line '^spine-measure: config: expected .*key, got landmark'
expect 2 spine-measure files/masks -o out --config nowhere.toml
one_line '^spine-measure: usage: CONFIG was not readable'

printf 'landmarks = "baseline"\nquiet = true\ndevice = "cpu"\n' >good.toml
expect 0 spine-measure files/masks -o out --config good.toml
grep -q '"landmark_method": "baseline"' out/case_a/measurements.json || fail "the file had no effect"
[[ ! -s stderr ]] || fail "--quiet had no effect"
