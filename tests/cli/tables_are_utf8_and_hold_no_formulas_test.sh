#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
mask=files/masks/case_a/masks.tif
mkdir in
cp $mask in/$'M\xfcller.tif'
cp $mask "in/=cmd|' C calc'.tif"
cp $mask in/+1.tif
cp $mask in/@SUM.tif
cp $mask in/$'gpj.\xe2\x80\xaex.tif'
cp $mask in/$'tab\there.tif'
cp $mask "in/a;=b.tif"
: >in/$'broken\xe9.tif'
echo text >in/$'=note\xe9.txt'

# Valid UTF-8, without cells that a spreadsheet would evaluate. Numbers may be negative.
check_table() {
  iconv -f UTF-8 -t UTF-8 "$1" >utf8 || fail "$1 is not UTF-8"
  if grep -nE '(^|[,;])"?([=+@]|-[^0-9.])' "$1" >formulas; then fail "formula in $1: $(head -1 formulas)"; fi
}
for keep in "" --keep-identifiers; do
  out=out$keep
  # shellcheck disable=SC2086  # empty options must vanish
  expect 4 spine-measure in -o "$out" --log "$out.jsonl" $keep
  for table in measurements measurements_long skipped_files; do check_table "$out/$table.csv"; done
  (($(rows "$out/measurements.csv") == 8)) || fail "expected eight rows"
  for file in "$out/run.json" "$out.jsonl" "$out"/*/measurements.json; do
    iconv -f UTF-8 -t UTF-8 "$file" >utf8 || fail "$file is not UTF-8"
  done
  [[ -f $out/Müller/measurements.json ]] || fail "no study Müller"
  # The tables are read again under the same ids.
  # shellcheck disable=SC2086
  expect 4 spine-measure in -o "$out" $keep
  grep -q '7 already up to date' stderr || fail "not taken up again"
done
cp out/measurements.csv before.csv
expect 4 spine-measure in -o out
cmp -s before.csv out/measurements.csv || fail "the table changed"

# A manifest in UTF-16, as Excel saves "Unicode text".
printf 'study_id\tpath\nM\xc3\xbc1\tin/M\xc3\xbcller.tif\n' | iconv -f UTF-8 -t UTF-16 >m.csv
expect 0 spine-measure --manifest m.csv -o out_m
[[ $(cell out_m/measurements.csv Mü1 status) ]] || fail "no study of the UTF-16 manifest"
printf 'PK\003\004\000\000\000\000' >book.csv
expect 2 spine-measure --manifest book.csv -o out_n
one_line 'expected a CSV, saved as text in UTF-8, got a ZIP archive'
