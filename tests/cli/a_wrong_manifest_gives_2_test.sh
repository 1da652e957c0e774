#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 2 spine-measure --manifest none.csv -o out
one_line '^spine-measure: manifest: .*MANIFEST'
echo 'study,path' >header.csv
expect 2 spine-measure --manifest header.csv -o out
one_line '^spine-measure: manifest MANIFEST: expected the header'
: >empty.csv
expect 2 spine-measure --manifest empty.csv -o out
echo 'study_id,path' >nothing.csv
expect 3 spine-measure --manifest nothing.csv -o out
[[ ! -e out ]] || fail "something was written"

# An id that would hide the table is a failed row; a duplicate gets a number.
printf 'study_id,path\nmeasurements.csv,files/masks/case_a\ncase_b,files/masks/case_a\n' >ids.csv
expect 4 spine-measure --manifest ids.csv files/masks/case_b -o out
[[ $(cell out/measurements.csv measurements.csv status) == usage ]] || fail "no row for the bad id"
[[ $(cell out/measurements.csv case_b status) != usage ]] || fail "case_b was not done"
[[ $(cell out/measurements.csv case_b__2 status) == usage ]] || fail "the second has no row"
