#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# half FILE: truncates it to half its length.
half() { truncate -s $(($(stat -c %s "$1") / 2)) "$1"; }

make_files files
expect 0 spine-measure files/masks -o out
study=$(ls -d out/*/ | head -n 1 | xargs basename)

# Every file of a study, whether results may be replaced or not.
for file in out/"$study"/*; do
  name=$(basename "$file")
  for force in "" --force; do
    read -ra more <<<"$force"
    rm -rf torn && cp -r out torn && half "torn/$study/$name"
    expect 0 spine-measure files/masks -o torn --log torn.jsonl "${more[@]}"
    grep -q "study $study: $name was cut off, as by a power failure" stderr ||
      fail "$name is not named $force"
    grep '"event":"cut_off"' torn.jsonl | grep -q "\"$name\"" || fail "$name is not in the log"
    cmp "torn/$study/$name" "$file" || fail "$name was not recomputed $force"
    expect 0 spine-pipeline verify torn
  done
done

# Manually corrected files are kept, also beside a truncated file.
sed -i 's/"anterior"/"mine": 1, "anterior"/' "out/$study/landmarks.json"
cp "out/$study/landmarks.json" mine.json
expect 0 spine-measure files/masks -o out
cmp mine.json "out/$study/landmarks.json" || fail "a corrected file was replaced"
! grep -q 'cut off' stderr || fail "a corrected file is called damaged"

# Tables of half their length are named.
expect 0 spine-measure files/masks -o tables
for name in measurements.csv measurements_long.csv run.json; do
  half "tables/$name"
  expect 1 spine-pipeline verify tables
  [[ $(cut -f 1 stdout) == "$name" ]] || fail "expected one line, about $name: $(cat stdout)"
  expect 0 spine-measure files/masks -o tables
  grep -q "output: OUT/$name: was cut off\|output: OUT/$name: is not as its run wrote it" stderr ||
    fail "$name is not named"
  expect 0 spine-pipeline verify tables
done
for what in lost empty; do
  rm -rf "$what" && cp -r tables "$what"
done
rm lost/measurements.csv
: >empty/run.json
expect 1 spine-pipeline verify lost
[[ $(cat stdout) == $'measurements.csv\tis missing' ]] || fail "a lost table: $(cat stdout)"
expect 1 spine-pipeline verify empty
[[ $(cat stdout) == $'run.json\tis cut off' ]] || fail "an empty run record: $(cat stdout)"

# No message names its command twice.
mkdir nothing
for task in verify merge; do
  expect 3 spine-pipeline $task nothing
  one_line "^spine-pipeline $task: OUT: expected"
done
