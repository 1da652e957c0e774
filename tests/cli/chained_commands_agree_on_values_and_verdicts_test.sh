#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

mkdir films
cp "$SPINE_SOURCE/data_samples/films/sim-600009-implant.png" films/
study=sim-600009-implant

# agree A B: the same values, flags and verdicts in two folders of results.
agree() {
  cmp "$1/measurements_long.csv" "$2/measurements_long.csv" || fail "$1 and $2: other values"
  for column in status error qc; do
    [[ $(cell "$1/measurements.csv" $study $column) == $(cell "$2/measurements.csv" $study $column) ]] ||
      fail "$1 and $2: another $column"
  done
}

# As it comes, and by outlines with what else can be said of a film.
film=(--spacing 0.366943 --anterior left)
for way in drawn outlines; do
  options=("${film[@]}")
  [[ $way == outlines ]] && options=(--endplates none)
  expect 0 spine-pipeline films -o "whole_$way" "${options[@]}" --threads 1
  expect 0 spine-seg films -o "masks_$way" "${options[@]}" --threads 1
  expect 0 spine-measure "masks_$way" -o "values_$way"
  agree "whole_$way" "values_$way"
  # Over the results of the pipeline: elsewhere and in place.
  expect 0 spine-measure "whole_$way" -o "again_$way"
  agree "whole_$way" "again_$way"
done
grep -q standard_error "values_outlines/$study/measurements.json" || fail "no standard errors"

# Other landmarks of the same masks.
expect 0 spine-measure masks_drawn -o values_fit --landmarks fit
expect 0 spine-measure masks_outlines -o masks_outlines
agree whole_outlines masks_outlines

# Metal that was found stays among the flags, whoever measures.
expect 0 spine-restore films -o restored --threads 1
expect 0 spine-seg restored -o masks_restored --threads 1
expect 0 spine-measure masks_restored -o values_restored
for folder in restored masks_restored values_restored; do
  [[ $(cell $folder/measurements.csv $study qc) == *implant* ]] || fail "no implant in $folder"
done
