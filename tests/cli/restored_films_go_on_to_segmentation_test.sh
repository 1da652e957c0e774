#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
make_tiny_weights
make_weights vqgan.safetensors vqgan
make_weights implant.safetensors implant
restore=(--weights vqgan.safetensors --implant-model implant.safetensors --threads 1)

# Images and a record for every readable film, and a row for each other one.
expect 0 spine-restore files/films -o restored "${restore[@]}" --method brightness
for name in restored.png implant_mask.png preview.png restoration.json; do
  [[ -s restored/alpha/$name ]] || fail "no restored/alpha/$name"
done
grep -q '"implant_found"' restored/alpha/restoration.json || fail "no implant_found"
[[ $(head -1 restored/measurements.csv) == *implant_count* ]] || fail "no implant_count in the table"

# A repeated run has nothing to do, another method requires --force.
expect 0 spine-restore files/films -o restored "${restore[@]}" --method brightness
expect 4 spine-restore files/films -o restored "${restore[@]}" --method baseline
[[ $(cell restored/measurements.csv good status) == output || -n $(grep -- --force stderr) ]] ||
  fail "another method replaced results without --force"

# The folder of restored films is an input of the commands that follow: one study each.
# The tiny network detects no spine on any of them.
expect 4 spine-seg restored -o masks --weights tiny.safetensors
films=$(find restored -name restored.png | wc -l)
((films > 3)) || fail "expected more restored films than $films"
(($(rows masks/measurements.csv) == films)) || fail "expected a study for each of $films restored films"
(($(grep -c ',no_spine,' masks/measurements.csv) == films)) || fail "a restored film was not segmented"
[[ $(cell masks/measurements.csv alpha status) == no_spine ]] || fail "the restored film is no study named alpha"

# Within the pipeline.
for mode in auto always; do
  expect 4 spine-pipeline files/films -o "out_$mode" --restore "$mode" --weights tiny.safetensors \
    --restore-weights vqgan.safetensors --implant-model implant.safetensors --threads 1
done

# Invalid combinations.
expect 2 spine-restore files/films -o x --method paint
expect 1 spine-restore files/films -o x --weights tiny.safetensors
one_line "expected an output \"film\""
expect 1 spine-restore files/films -o x --weights vqgan.safetensors
one_line "--implant-model"
