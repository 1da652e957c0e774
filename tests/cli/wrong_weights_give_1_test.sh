#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
for kind in other unknown four; do make_weights $kind.safetensors $kind; done
make_weights cut.safetensors good
truncate -s 1000 cut.safetensors
echo "not weights" >text.safetensors
for command in spine-seg spine-pipeline; do
  for file in other unknown four cut text; do
    expect 1 $command files/films -o out --weights $file.safetensors
    one_line "^$command: .*$file.safetensors.*expected"
  done
  expect 1 $command files/films -o out --weights nowhere.safetensors
  one_line "^$command: .*nowhere.safetensors"
  expect 1 $command files/films -o out --weights no-such-name
  one_line "^$command: .*no-such-name"
done
