#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
make_tiny_weights
for mode in auto always; do
  expect 2 spine-pipeline files/films -o out --restore $mode --weights tiny.safetensors
  one_line "^spine-pipeline: usage: --restore: .*weights of restoration are not in this version"
done
expect 4 spine-pipeline files/films -o out --restore never --weights tiny.safetensors
