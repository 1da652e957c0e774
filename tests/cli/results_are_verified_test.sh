#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 0 spine-measure files/masks -o out
expect 0 spine-pipeline verify out
[[ ! -s stdout ]] || fail "something was found in sound results"
study=$(ls -d out/*/ | head -n 1 | xargs basename)

cp -r out changed && echo ' ' >>"changed/$study/landmarks.json"
expect 1 spine-pipeline verify changed
grep -q "^$study"$'\tlandmarks.json is not as the run wrote it$' stdout || fail "a changed file"
cp -r out lost && rm "lost/$study/landmarks.json"
expect 1 spine-pipeline verify lost
grep -q "^$study"$'\tlandmarks.json is missing$' stdout || fail "a lost file"
cp -r out table && echo 'x,y,ok' >>table/measurements.csv
expect 1 spine-pipeline verify table
grep -q 'a table is not as the run wrote it' stdout || fail "a changed table"
cp -r out more && mkdir more/stranger
expect 1 spine-pipeline verify more
grep -q $'^stranger\tis a folder that no row names$' stdout || fail "a strange folder"
expect 3 spine-pipeline verify files
