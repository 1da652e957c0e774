#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
make_tiny_weights
# Given individually, together with valid films.
expect 4 spine-pipeline files/bad/* files/films/* missing.png -o out --weights tiny.safetensors \
  --keep-identifiers
table=out/measurements.csv
(( $(rows $table) == $(ls files/bad files/films | grep -c '\.') + 1 )) || fail "a row is missing"

check() { # STUDY STATUS REASON
  [[ $(cell $table "$1" status) == "$2" ]] || fail "$1: expected $2, got $(cell $table "$1" status)"
  cell $table "$1" error | grep -Eq -- "$3" || fail "$1: expected $3, got $(cell $table "$1" error)"
  grep -q "^spine-pipeline: study $1: $2: " stderr || fail "no line for $1"
  [[ -z $(cell $table "$1" PI) ]] || fail "$1 has an angle"
  [[ ! -e out/$1 ]] || fail "$1 left a folder"
}
check zero unreadable 'zero.png.*empty'
check text unsupported 'text.png.*expected PNG'
check truncated_png unreadable truncated_png.png
check truncated_jpg unreadable truncated_jpg.jpg
check truncated_dicom unreadable truncated_dicom.dcm
check one_pixel unsupported '1x1'
check too_wide unsupported '30000'
check black unsupported 'contrast'
check white unsupported 'contrast'
check animated unsupported 'GIF'
check pages unsupported 'page'
check no_pixels unsupported 'no_pixels.dcm.*[Pp]ixel'
check multi_frame unsupported 'frame'
check ct unsupported 'CT'
check missing not_found 'missing.png'
# Valid films in other formats are read; noise contains no spine.
for film in noise8 noise16 colour alpha png_named dx; do
  check $film no_spine 'expected a lateral lumbar spine'
done
(( $(wc -l <stderr) == $(rows $table) + 1 )) || fail "expected one line per study and a summary"
