#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 0 spine-measure files/masks -o out --dry-run
[[ ! -e out ]] || fail "something was written"
(( $(grep -c $'\tcompute$' stdout) == 2 )) || fail "expected two studies to compute"
expect 0 spine-measure files/masks -o out
expect 0 spine-measure files/masks -o out --dry-run
(( $(grep -c $'\tskip$' stdout) == 2 )) || fail "expected two studies to skip"
