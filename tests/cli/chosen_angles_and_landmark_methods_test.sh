#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 0 spine-measure files/masks -o fit --angle L1.sup:S1.sup --angle L2.sup:L4.inf
[[ $(cell fit/measurements.csv case_a angle_L1.sup_S1.sup) == $(cell fit/measurements.csv case_a LL) ]] ||
  fail "the chosen pair is not LL"
cell fit/measurements.csv case_a angle_L2.sup_L4.inf | awk '{ exit !($1 > -0.2 && $1 < 0.2) }' ||
  fail "parallel bodies should have no angle"
expect 0 spine-measure files/masks -o report --landmarks baseline
expect 0 spine-measure fit/case_a/landmarks.json -o again
[[ $(tail -1 again/measurements.csv | cut -d, -f6-10) == $(tail -2 fit/measurements.csv | head -1 | cut -d, -f6-10) ]] ||
  fail "landmarks.json does not give the values it came with"

# Invalid endplates may be quoted on stderr, but in no file.
for angle in DOE:JOHN L1.sup:JOHN DOE; do
  expect 2 spine-measure files/masks -o refused --angle "$angle" --log refused.jsonl
  one_line '^spine-measure: .*expected'
  [[ ! -e refused && ! -e refused.jsonl ]] || fail "a refused angle left something: $angle"
done
