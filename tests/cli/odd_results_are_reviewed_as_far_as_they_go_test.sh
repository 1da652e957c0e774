#!/usr/bin/env bash
# spine-review --export and --html over results that are old, half-written, oddly named or not there:
# each says what happened in one line.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

expect 0 spine-measure "$SPINE_SOURCE/data_samples/truth" -o whole --no-progress
mapfile -t studies < <(find whole -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)
first=${studies[0]} second=${studies[1]}
count=$(rows whole/measurements.csv)

# fresh: the results anew, in out.
fresh() { rm -rf out && cp -r whole out; }
# read_by STUDY READER: a reader approved the study.
read_by() {
  cat >"out/$1/review.json" <<JSON
{"schema": "spine-review/1", "study": "x", "bases": {"b": $(cat "out/$1/landmarks.json")},
 "events": [{"action": "approve", "reader": "$2", "seconds": 1, "time": "2026-11-30T14:35:25Z",
             "base_sha256": "b"}]}
JSON
}
# both CODE LINES: an export and a report of out, with this exit code and number of lines about studies.
both() {
  expect "$1" spine-review out --export reviewed.csv --html report.html
  (($(grep -c '^spine-review: study ' stderr || true) == $2)) || fail "expected $2 lines about studies"
  ! grep -Fq "$scratch" stderr || fail "a path is named"
  (($(rows reviewed.csv) == $(rows out/measurements.csv))) || fail "rows of the export"
  (($(grep -c '<tr id="s-' report.html) == $(rows out/measurements.csv))) || fail "rows of the report"
}

fresh
both 0 0
grep -q "spine-review: report of $count studies" stderr || fail "no line on the report"

# Half-written studies.
rm -r "out/$first"
: >"out/$second/landmarks.json"
both 4 2
grep -q "study $first: .*found" stderr || fail "no line on the folder that is not there"
grep -q "study $second: " stderr || fail "no line on the landmarks that were cut off"
[[ $(cell reviewed.csv "$first" status) == not_found ]] || fail "status of a study without a folder"
[[ $(cell reviewed.csv "$second" status) == unreadable ]] || fail "status of a study that was cut off"

# Reviews and records of another kind.
fresh
read_by "$first" AB
sed -i 's/spine-review\/1/spine-review\/9/' "out/$first/review.json"
sed -i 's/"spine-landmarks\/2"/"spine-landmarks\/9"/' "out/$second/landmarks.json"
both 4 2
grep -q "study $first: .*spine-review/1" stderr || fail "the schema of a review is not named"
fresh
echo '{"schema": "spine-run/9"}' >out/run.json
both 0 0

# Names with markup and long ones.
fresh
long=$(printf 'x%.0s' {1..200}) markup='<img src=x onerror=alert(1)>'
mv "out/$first" "out/$long"
mv "out/$second" "out/$markup"
sed -i "s|^$first,|$long,|; s|^$second,|$markup,|" out/measurements.csv
read_by "$markup" '<script>alert(2)</script>'
both 0 0
grep -q "$long" report.html || fail "the long name is not in the report"
! grep -Eq '<img src=x|<script>alert' report.html || fail "markup of a name is markup"
grep -Fq '&lt;img src=x onerror=alert(1)&gt;' report.html || fail "the name with markup is not shown"
[[ $(cell reviewed.csv "$markup" reader) == '<script>alert(2)</script>' ]] || fail "the reader's name"

# A study's folder that cannot be written to: the tables are whole.
fresh
read_by "$first" AB
mkdir -p "out/$first/landmarks_reviewed.json/in_the_way"
both 4 1
grep -q "study $first: .*landmarks_reviewed.json" stderr || fail "the file is not named"
[[ $(cell reviewed.csv "$first" verdict) == approved ]] || fail "the verdict"

# DICOM SR documents of films that are not there: a line that does not name the folder.
fresh
read_by "$first" AB
mkdir DOEJANE
expect 4 spine-review out --export reviewed.csv --dicom-sr --films DOEJANE
grep -q "study $first: " stderr || fail "no line on the film"
! grep -q DOEJANE stderr || fail "the folder of the films is named"
expect 0 spine-review out --export reviewed.csv --dicom-sr
grep -q '0 DICOM SR documents; 1 studies without' stderr || fail "no line on the documents"

# A table that was cut off, is missing, or is no table; no results; no folder.
rm reviewed.csv report.html
fresh
head -c 700 whole/measurements.csv >out/measurements.csv
expect 1 spine-review out --html report.html
one_line 'cut off'
rm out/measurements.csv
expect 3 spine-review out --html report.html
one_line 'measurements.csv'
: >out/measurements.csv
expect 1 spine-review out --export reviewed.csv
one_line 'spine-review: '
mkdir empty
for nothing in empty nowhere whole/run.json; do
  expect 3 spine-review $nothing --html report.html
  one_line 'expected a results folder'
done
[[ ! -e report.html && ! -e reviewed.csv ]] || fail "a file of nothing"

# Where the output may not be.
for place in "whole/$first/x.html" whole/run.json whole/measurements.csv; do
  expect 2 spine-review whole --html "$place"
  one_line 'expected a file beside the results'
  expect 2 spine-review whole --export "$place"
  one_line 'expected a file beside the results'
done
expect 2 spine-review whole --export whole/measurements  # its long table would be the run's
expect 1 spine-review whole --html /proc/none/report.html
one_line 'spine-review: '
expect 1 spine-review whole --html empty
one_line 'spine-review: '
expect 2 spine-review whole --html report.html --language xx
expect 2 spine-review whole --html report.html --thumbnails -1
expect 2 spine-review whole --dicom-sr
expect 0 spine-review whole --html whole/report.html --thumbnails 0
! grep -q '<img' whole/report.html || fail "thumbnails that were not asked for"
