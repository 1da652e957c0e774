#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
make_tiny_weights
tiny=(--weights tiny.safetensors --roi none --endplates none --threads 1)
key=(--study-key keys/deep/study.key)

# none WHY: nothing was written.
none() {
  [[ ! -e keys ]] || fail "a key was made: $1"
  [[ ! -e out ]] || fail "a folder was made: $1"
}

expect 1 spine-pipeline files/films -o out --weights nowhere.safetensors "${key[@]}"
none "weights that are not there"
expect 1 spine-pipeline files/films -o out "${tiny[@]}" "${key[@]}" --log nowhere/l.jsonl
none "a log that cannot be opened"
expect 1 spine-pipeline files/films -o files/films/dx.dcm/out "${tiny[@]}" "${key[@]}"
none "a folder that cannot be made"
expect 2 spine-pipeline files/films -o out "${tiny[@]}" --study-key files/films/dx.dcm/study.key
none "a key that cannot be made"
expect 2 spine-pipeline files/films -o out "${tiny[@]}" "${key[@]}" --angle L9.sup:L1.inf
none "an angle of no endplates"
mkdir tables
echo 'my,table' >tables/measurements.csv
expect 2 spine-pipeline files/films -o tables "${tiny[@]}" "${key[@]}" --dicom-sr
none "a table of unknown origin"
[[ $(ls -A tables) == measurements.csv ]] || fail "something was written beside the table"

# A run that begins makes it, and so does the list of keys.
code=0
spine-pipeline files/films -o out "${tiny[@]}" "${key[@]}" >stdout 2>stderr || code=$?
((code == 0 || code == 4)) || fail "the run ended with $code"
[[ -s keys/deep/study.key ]] || fail "no key was made"
expect 0 spine-pipeline keys files/films --study-key other.key
[[ -s other.key ]] || fail "the list of keys kept none"
