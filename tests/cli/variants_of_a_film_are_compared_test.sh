#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

study() {
  mkdir -p "results/$1"
  echo "{\"measurements\": {\"SS\": {\"value\": $2, \"unit\": \"deg\", \"status\": \"ok\"}}}" \
    >"results/$1/measurements.json"
}
study film~plain 40
study film~mirror 41
study film~small 42
expect 0 spine-eval results --retest -o report
grep -q 'Standard deviation of SS within a film: median 1.00 deg' stdout || fail "no standard deviation"
for file in retest.csv retest.md; do [[ -s report/$file ]] || fail "no report/$file"; done
expect 1 spine-eval results --retest -o report
one_line 'force'
printf 'study,film\nfilm~plain,x\nfilm~small,x\n' >variants.csv
expect 0 spine-eval results --retest --table variants.csv
grep -q 'on 0 of 2 variants of 1 films' stdout || fail "the table is not used"
expect 2 spine-eval results truth --retest
expect 2 spine-eval --retest
one_line 'PRED and --retest'
mkdir alone && cp -r results/film~plain alone/
expect 3 spine-eval alone --retest
one_line '<film>~<variant>'
echo '{' >results/film~small/measurements.json
expect 4 spine-eval results --retest
