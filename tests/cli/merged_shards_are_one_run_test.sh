#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
mkdir masks
for i in 1 2 3 4 5; do
  mkdir "masks/film$i"
  cp "$(find files/masks -name masks.tif | head -n 1)" "masks/film$i/"
done
echo broken >masks/film3/masks.tif
expect 4 spine-measure masks -o whole --angle L2.sup:L4.inf
for i in 1 2 3; do
  expect $((i == 3 ? 4 : 0)) spine-measure masks -o out --shard $i/3 --angle L2.sup:L4.inf
  if ((i < 3)); then
    expect 3 spine-pipeline merge out
    one_line 'expected 3 shards, found none with --shard'
  fi
done
expect 0 spine-pipeline merge out
for table in measurements measurements_long; do
  cmp whole/$table.csv out/$table.csv || fail "$table.csv differs from that of a single run"
done
grep -q '"studies": 5' out/run.json || fail "the merged record does not count all studies"
expect 1 spine-pipeline verify out
grep -q 'some studies failed' stdout || fail "the failure is not reported"

# Shards of another batch are rejected.
expect 4 spine-measure masks -o out --shard 3/3 --force
expect 2 spine-pipeline merge out
one_line 'expected the options of the other shards'
expect 3 spine-pipeline merge files
