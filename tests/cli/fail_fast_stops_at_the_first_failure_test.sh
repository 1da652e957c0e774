#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
make_tiny_weights
expect 4 spine-seg files/bad files/films -o out --fail-fast --weights tiny.safetensors
grep -q 'not reached: the run stopped at its first failure' out/measurements.csv ||
  fail "all studies were done"
