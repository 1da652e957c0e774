#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
mkdir -p in other
cp -r files/masks/case_a in/
cp -r files/masks/case_b other/
ln -s ../other in/link
ln -s ../other in/zweiter
ln -s .. in/up
ln -s ../in other/back

expect 0 timeout 60 spine-measure in --recursive -o out --keep-identifiers
(($(rows out/measurements.csv) == 2)) || fail "expected two rows"
[[ $(cell out/measurements.csv case_b status) ]] || fail "nothing of the linked folder"
grep -q '^in/zweiter,a link to a folder already searched$' out/skipped_files.csv || fail "second link"
grep -q '^in/up,a link to a parent folder$' out/skipped_files.csv || fail "link upwards"
grep -q '^in/link/back,a link to a folder already searched$' out/skipped_files.csv || fail "circle"
(($(rows out/skipped_files.csv) == 3)) || fail "expected three rows in skipped_files.csv"

# Without --recursive every link is listed.
expect 0 spine-measure in -o flat --keep-identifiers
(($(rows flat/measurements.csv) == 1)) || fail "expected one row"
grep -q '^in/link,a link to a folder (followed with --recursive)$' \
  flat/skipped_files.csv || fail "link without --recursive"
expect 0 spine-measure in --recursive -o out2 --dry-run
grep -q 'skipped: a link to a parent folder' stdout || fail "dry run"
