#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 0 spine-measure files/masks -o out
sums() { sha256sum out/measurements.csv out/measurements_long.csv out/run.json; }
before=$(sums)
expect 4 spine-measure files/masks -o out --landmarks baseline
[[ $before == "$(sums)" ]] || fail "a refused run changed the tables"
expect 2 spine-measure files/masks/case_a -o out
one_line 'measurements.csv: expected only studies of this run'
[[ $before == "$(sums)" ]] || fail "the tables were changed"

# --force on one study leaves the rows of the others.
expect 0 spine-measure files/masks/case_a -o out --landmarks baseline --force
(( $(rows out/measurements.csv) == 2 )) || fail "expected two rows"
[[ -n $(cell out/measurements.csv case_b PI) ]] || fail "case_b lost its values"
grep -q '^case_b,pelvis,PI,' out/measurements_long.csv || fail "case_b is not in the long table"

# So does --add, which replaces nothing, and the list of skipped files stays.
expect 0 spine-measure files/masks/case_a -o added
echo 'file,reason' >added/skipped_files.csv
echo 'notes.txt,neither image nor DICOM' >>added/skipped_files.csv
expect 0 spine-measure files/masks/case_b -o added --add
(( $(rows added/measurements.csv) == 2 )) || fail "expected two rows"
[[ -n $(cell added/measurements.csv case_a PI) ]] || fail "case_a lost its values"
[[ -e added/skipped_files.csv ]] || fail "the list of skipped files is gone"
mkdir added/films  # of films dropped on the page of spine-review
expect 0 spine-pipeline verify added
expect 4 spine-measure files/masks/case_b -o added --add --landmarks baseline
[[ -n $(cell added/measurements.csv case_b PI) ]] || fail "case_b lost its values"

mkdir tables
echo 'my,table' >tables/measurements_long.csv
expect 2 spine-measure files/masks -o tables
one_line '^spine-measure: output: OUT/measurements_long.csv: expected'
