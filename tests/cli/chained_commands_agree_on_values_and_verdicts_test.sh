#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

mkdir films
cp "$SPINE_SOURCE/data_samples/films/sim-600009-implant.png" films/
study=sim-600009-implant

# agree A B: the same values, flags and verdicts in two folders of results.
agree() {
  cmp "$1/measurements_long.csv" "$2/measurements_long.csv" || fail "$1 and $2: different values"
  for column in status error qc; do
    [[ $(cell "$1/measurements.csv" $study $column) == $(cell "$2/measurements.csv" $study $column) ]] ||
      fail "$1 and $2: another $column"
  done
}

# Default options, and landmarks from contours with further options.
film=(--spacing 0.366943 --anterior left)
for way in drawn outlines; do
  options=("${film[@]}")
  [[ $way == outlines ]] && options=(--endplates none)
  expect 0 spine-pipeline films -o "whole_$way" "${options[@]}" --threads 1
  expect 0 spine-seg films -o "masks_$way" "${options[@]}" --threads 1
  expect 0 spine-measure "masks_$way" -o "values_$way"
  agree "whole_$way" "values_$way"
  # On the results of the pipeline: in another folder and in place.
  expect 0 spine-measure "whole_$way" -o "again_$way"
  agree "whole_$way" "again_$way"
done
grep -q standard_error "values_outlines/$study/measurements.json" || fail "no standard errors"

# Other landmarks of the same masks.
expect 0 spine-measure masks_drawn -o values_fit --landmarks fit
expect 0 spine-measure masks_outlines -o masks_outlines
agree whole_outlines masks_outlines

# Detected implants remain flagged in all later measurements.
expect 0 spine-restore films -o restored --threads 1
expect 0 spine-seg restored -o masks_restored --threads 1
expect 0 spine-measure masks_restored -o values_restored
for folder in restored masks_restored values_restored; do
  [[ $(cell $folder/measurements.csv $study qc) == *implant* ]] || fail "no implant in $folder"
done

# So do the results of restoration: the records equal that of the pipeline.
# found FILE: the object "restoration" of a record.
found() { sed -n '/^  "restoration": {/,/^  }/p' "$1" | sed 's/},$/}/'; }
expect 0 spine-pipeline films -o whole_restored --restore auto --threads 1
found whole_restored/$study/measurements.json >whole.txt
grep -q '"implant_found": true' whole.txt || fail "the pipeline's record does not report the implant"
for record in restored/$study/restoration.json masks_restored/$study/segmentation.json \
  values_restored/$study/measurements.json; do
  found $record >chain.txt
  cmp whole.txt chain.txt || fail "$record reports another restoration"
done
[[ $(cell whole_restored/measurements.csv $study qc) == $(cell values_restored/measurements.csv $study qc) ]] ||
  fail "other flags after restoration"
