#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
for i in $(seq 1 200); do
  mkdir -p many/case_$i
  cp files/masks/case_a/masks.tif many/case_$i/
done
# In a group of its own, as from a terminal; a plain background job would ignore SIGINT.
setsid bash -c 'trap - INT; exec spine-measure many -o out --no-progress' >stdout 2>stderr &
runner=$!
for _ in $(seq 1 200); do
  (( $(ls out 2>/dev/null | wc -l) > 3 )) && break
  sleep 0.05
done
kill -TERM $runner
code=0
wait $runner || code=$?
((code == 130)) || fail "expected exit code 130, got $code"
(( $(rows out/measurements.csv) == 200 )) || fail "expected a row for every study"
grep -q ',interrupted,' out/measurements.csv || fail "nothing was left undone"
grep -q '"interrupted": true' out/run.json || fail "run.json does not record it"
[[ -z $(find out -name '.partial*') ]] || fail "a half study was left"
expect 0 spine-measure many -o out
grep -q ',interrupted,' out/measurements.csv && fail "the second run did not continue"
grep -q 'already up to date' stderr || fail "the second run started over"
