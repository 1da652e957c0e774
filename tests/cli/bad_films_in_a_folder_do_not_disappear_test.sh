#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
make_tiny_weights
expect 4 spine-seg files/bad -o out --weights tiny.safetensors
for study in zero text truncated_png truncated_jpg truncated_dicom one_pixel too_wide black white \
  no_pixels multi_frame ct; do
  [[ -n $(cell out/measurements.csv $study error) ]] || fail "no row for $study"
done
