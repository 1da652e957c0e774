#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 0 spine-measure files/masks -o out
expect 0 spine-pipeline verify out
[[ ! -s stdout ]] || fail "deviations were found in valid results"
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
grep -q $'^stranger\tis a folder without a row$' stdout || fail "a strange folder"
expect 3 spine-pipeline verify files

# Valid JSON that is not a record of this project.
for text in 3 '"words"' '[1, 2]' '{"provenance": 3}' '{"counts": 3, "inputs": []}'; do
  rm -rf foreign && cp -r out foreign && echo "$text" >"foreign/$study/measurements.json"
  expect 1 spine-pipeline verify foreign
  grep -q "^$study"$'\t' stdout || fail "a foreign record: $text"
  rm -rf foreign && cp -r out foreign && echo "$text" >foreign/run.json
  expect 1 spine-pipeline verify foreign
  grep -q $'^run.json\t' stdout || fail "a foreign run record: $text"
  for shard in 1-of-2 2-of-2; do
    cp foreign/run.json "foreign/run.shard-$shard.json"
    cp out/measurements.csv "foreign/measurements.shard-$shard.csv"
  done
  code=0
  spine-pipeline merge foreign >stdout 2>stderr || code=$?
  ((code == 2)) || fail "merge of a foreign run record ended with $code: $text"
  ! grep -q 'internal' stderr || fail "merge failed with an internal error: $text"
done

# A truncated record is recomputed and reported.
truncate -s 40 "out/$study/measurements.json"
expect 0 spine-measure files/masks -o out
grep -q "study $study: measurements.json was cut off, as by a power failure" stderr ||
  fail "a record that was cut off is not named"
expect 0 spine-pipeline verify out
