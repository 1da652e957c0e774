#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
for i in $(seq 60); do
  mkdir -p "many/film$i"
  cp files/masks/case_a/masks.tif "many/film$i/"
done
# In a group of its own, as from a terminal; a plain background job would ignore SIGINT.
setsid bash -c 'trap - INT; exec spine-measure many -o out -q' >/dev/null 2>first &
first=$!
until compgen -G 'out/film*' >/dev/null || ! kill -0 $first 2>/dev/null; do sleep 0.01; done
kill -STOP $first # it holds the lock as long as needed
trap 'kill -9 $first 2>/dev/null || true; rm -rf "$scratch"' EXIT

expect 1 spine-measure many -o out
one_line "^spine-measure: output: OUT: expected no other active run, got one on $(hostname), process $first, since 20.*--wait"
expect 1 spine-measure many -o out --shard 1/2
one_line "process $first"
expect 1 spine-measure many -o out --force
# Neither reading nor a dry run takes a lock.
expect 0 spine-measure many -o out --dry-run
expect 3 spine-pipeline verify out

# A waiting run reports it, can be stopped, and continues when the first has ended.
setsid bash -c 'trap - INT; exec spine-measure many -o out --wait --no-progress' >/dev/null 2>stderr &
second=$!
until grep -q "waiting for another run to finish in OUT: .*process $first" stderr; do
  kill -0 $second || fail "it did not wait"
  sleep 0.01
done
kill -INT $second
code=0
wait $second || code=$?
((code == 130)) || fail "expected exit code 130, got $code"
setsid bash -c 'exec spine-measure many -o out --wait --no-progress' >/dev/null 2>second_said &
second=$!
until grep -q "waiting for" second_said; do sleep 0.01; done
kill -INT $first
kill -CONT $first
code=0
wait $first || code=$?
((code == 130 || code == 0)) || fail "the first run gave $code"
wait $second || fail "the second run gave $?"
(($(rows out/measurements.csv) == 60)) || fail "the table is not whole"
expect 0 spine-pipeline verify out
[[ -z $(find out -name '.*' ! -name out) ]] || fail "something was left"

# A killed run blocks no other run.
SPINE_FAILPOINT=kill:renamed:9 spine-measure many -o killed -q >/dev/null 2>&1 || true
[[ -n $(find killed -name '.lock-*') ]] || fail "expected a lock of the dead run"
expect 0 spine-measure many -o killed -q
[[ -z $(find killed -name '.*' ! -name killed) ]] || fail "something was left"
