#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 0 spine-measure files/masks -o out --shard 1/2
expect 0 spine-measure files/masks -o out --shard 2/2
(( $(rows out/measurements.shard-1-of-2.csv) == 1 )) || fail "expected one study in shard 1"
(( $(rows out/measurements.shard-2-of-2.csv) == 1 )) || fail "expected one study in shard 2"
expect 0 spine-measure files/masks -o out
grep -q '2 already up to date' stderr || fail "shards were computed again"
(( $(rows out/measurements.csv) == 2 )) || fail "the table is not whole"
