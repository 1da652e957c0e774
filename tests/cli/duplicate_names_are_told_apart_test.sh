#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
mkdir -p films/a films/b
cp files/films/noise8.png films/a/case.png
cp files/films/noise8.png films/b/case.png
make_tiny_weights
expect 4 spine-seg films --recursive -o out --weights tiny.safetensors
(( $(grep -cE '^case__[0-9a-f]{8},case.png,no_spine,' out/measurements.csv) == 2 )) ||
  fail "expected two rows that differ by the key of their places"
# On request, they are distinguished by folders.
expect 4 spine-seg films --recursive -o kept --weights tiny.safetensors --keep-identifiers
[[ $(cell kept/measurements.csv a__case status) == no_spine ]] || fail "no a__case"
[[ $(cell kept/measurements.csv b__case status) == no_spine ]] || fail "no b__case"

printf 'study_id,path\nx,films/a/case.png\nx,films/b/case.png\n' >studies.csv
expect 4 spine-seg --manifest studies.csv -o out2 --weights tiny.safetensors
(( $(rows out2/measurements.csv) == 2 )) || fail "expected two rows"
grep -q 'first in line 2' out2/measurements.csv || fail "the second x has no reason"
