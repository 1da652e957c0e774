#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 0 spine-measure files/masks -o out --log log.jsonl
head -1 stdout | grep -Eq '^study +PT/deg' || fail "expected a table on stdout"
grep -q '^spine-measure: 2 studies: 2 done' stderr || fail "expected a summary on stderr"
(( $(wc -l <log.jsonl) == 4 )) || fail "expected start, two studies and end in the log"
expect 0 spine-measure files/masks -o out2 -q
[[ ! -s stdout && ! -s stderr ]] || fail "--quiet had no effect"
expect 0 spine-measure files/masks -o out3 -v
grep -q 'study case_b' stderr || fail "--verbose had no effect"
