#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
mkdir flat
cp files/masks/case_a/masks.tif flat/good.tif
: >flat/zero.tif
cp files/bad/pages.tif flat/two.tif
echo '{"schema": "spine-landm' >flat/broken.json
echo '{"schema": "other"}' >flat/other.json
expect 4 spine-measure flat -o out
for study in zero two broken; do
  [[ -n $(cell out/measurements.csv $study error) ]] || fail "no row for $study"
done
(( $(rows out/measurements.csv) == 4 )) || fail "expected four rows"
