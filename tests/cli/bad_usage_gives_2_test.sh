#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
for command in spine-pipeline spine-seg spine-measure; do
  expect 2 "$command" files/films -o out --colour blue
  one_line "^$command: usage: .*--colour"
done
command=spine-measure
expect 2 $command files/films
one_line "^$command: usage: .*--output"
expect 2 $command -o out
one_line "^$command: usage: expected INPUT"
expect 2 $command files/films -o out --shard 5/4
one_line "^$command: usage: --shard: expected I/N"
expect 2 $command files/films -o out --spacing -1
one_line "^$command: usage: .*--spacing"
expect 2 $command files/films -o out --anterior front
one_line "^$command: usage: .*--anterior"
expect 2 $command files/films -o ""
one_line "^$command: usage: .*--output"
for command in spine-pipeline spine-seg; do
  expect 2 $command files/films -o out --threshold nan
  one_line "^$command: usage: .*--threshold"
done
expect 2 spine-pipeline files/films -o out --device gpu
one_line "^spine-pipeline: usage: .*--device"
expect 2 spine-measure files/masks -o out --angle L2.sup:L9.inf
one_line '^spine-measure: .*L2.sup:L9.inf'
expect 2 spine-measure files/masks -o out --film nowhere
one_line '^spine-measure: usage: --film: expected a folder of films, got FILM$'
[[ ! -e out ]] || fail "bad usage made an output folder"
