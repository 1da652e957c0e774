#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
for kind in other unknown four; do make_weights $kind.safetensors $kind; done
make_weights cut.safetensors good
truncate -s 1000 cut.safetensors
echo "not weights" >text.safetensors

for file in other unknown four cut text nowhere; do
  expect 1 spine-seg files/films -o out --weights $file.safetensors
  one_line "^spine-seg: .*WEIGHTS"
done
expect 1 spine-pipeline files/films -o out --weights other.safetensors
one_line '^spine-pipeline: .*WEIGHTS'
expect 1 spine-pipeline files/films -o out --weights no-such-name
one_line '^spine-pipeline: .*weights'
[[ ! -e out ]] || fail "wrong weights made an output folder"
