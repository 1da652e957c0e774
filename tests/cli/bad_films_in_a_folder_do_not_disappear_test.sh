#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
make_tiny_weights
ln -s nothing files/bad/dangling.png
mkfifo files/bad/pipe.png
echo BM >files/bad/bitmap.bmp
echo text | tee files/bad/notes.txt files/bad/table.csv >files/bad/more.json
expect 4 timeout 60 spine-seg files/bad -o out --weights tiny.safetensors --keep-identifiers
table=out/measurements.csv
for study in zero text truncated_png truncated_jpg truncated_dicom one_pixel too_wide black white \
  no_pixels multi_frame ct animated bitmap dangling pipe; do
  [[ -n $(cell $table $study error) ]] || fail "no row for $study"
done
[[ $(cell $table animated status) == unsupported ]] || fail "a GIF is unsupported"
[[ $(cell $table bitmap error) == *"got a BMP" ]] || fail "a BMP is unsupported"
[[ $(cell $table dangling status) == not_found ]] || fail "a dangling link is not_found"
[[ $(cell $table pipe error) == *"got a pipe" ]] || fail "a pipe is not a film"
(( $(rows $table) == $(ls files/bad | wc -l) - 3 )) || fail "expected a row for every image only"
