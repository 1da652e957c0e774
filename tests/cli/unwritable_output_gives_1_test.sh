#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
echo file >taken
expect 1 spine-measure files/masks -o taken
one_line '^spine-measure: output: OUT: expected a folder'
expect 1 spine-measure files/masks -o taken/below
one_line '^spine-measure: output: OUT: expected'
expect 1 spine-measure files/masks -o /proc/spine
one_line '^spine-measure: output: OUT: expected'
expect 1 spine-measure files/masks -o out --log nowhere/log.jsonl
one_line '^spine-measure: log: LOG: expected'
