#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
# A fast machine may finish before the signal arrives; then there are more studies.
count=100 code=0
while ((code != 130)); do
  count=$((2 * count))
  ((count <= 12800)) || fail "no run was interrupted, the last of $((count / 2)) studies"
  rm -rf out
  for i in $(seq 1 $count); do
    mkdir -p many/case_$i
    ln -f files/masks/case_a/masks.tif many/case_$i/masks.tif
  done
  # In a group of its own, as from a terminal; a plain background job would ignore SIGINT.
  setsid bash -c 'trap - INT; exec spine-measure many -o out --no-progress' >stdout 2>stderr &
  runner=$!
  while (($(find out -maxdepth 1 -name 'case_*' 2>/dev/null | wc -l) < 3)) && kill -0 $runner 2>/dev/null; do
    sleep 0.01
  done
  kill -TERM $runner 2>/dev/null || true
  code=0
  wait $runner || code=$?
  ((code == 130 || code == 0)) || fail "expected exit code 130, got $code"
done
(( $(rows out/measurements.csv) == count )) || fail "expected a row for every study"
grep -q ',interrupted,' out/measurements.csv || fail "nothing was left undone"
grep -q '"interrupted": true' out/run.json || fail "run.json does not record it"
[[ -z $(find out -name '.partial*') ]] || fail "a half study was left"
expect 0 spine-measure many -o out
grep -q ',interrupted,' out/measurements.csv && fail "the second run did not continue"
grep -q 'already up to date' stderr || fail "the second run started over"
