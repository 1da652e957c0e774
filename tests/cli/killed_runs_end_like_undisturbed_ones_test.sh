#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
mkdir masks
for i in $(seq 40); do
  mkdir "masks/film$i"
  cp "$(find files/masks -name masks.tif | head -n 1)" "masks/film$i/"
done
expect 0 spine-measure masks -o undisturbed -q
for delay in 0.02 0.05 0.1 0.15 0.2 0.3; do
  spine-measure masks -o killed -q >/dev/null 2>&1 &
  sleep $delay
  kill -9 $! 2>/dev/null || true
  wait $! 2>/dev/null || true
done
expect 0 spine-measure masks -o killed -q
diff -r --exclude=run.json undisturbed killed || fail "results differ"
