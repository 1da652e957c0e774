#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
make_tiny_weights
make_archive archive 60 files/films/noise8.png
expect 4 spine-pipeline archive --recursive -o out --weights tiny.safetensors
files=$(find archive -type f | wc -l)
(( $(rows out/measurements.csv) + $(rows out/skipped_files.csv) == files )) || fail "a file is missing"
[[ -z $(cut -d, -f1 out/measurements.csv | sort | uniq -d) ]] || fail "a study has two rows"

count() { cut -d, -f3 out/measurements.csv | grep -cx "$1" || true; }
reason() { cut -d, -f4- out/measurements.csv | grep -cE "$1" || true; }
(( $(count excluded) == 21 )) || fail "expected 21 files to be excluded, got $(count excluded)"
(( $(reason 'excluded: view AP') == 6 )) || fail "frontal views"
(( $(reason 'excluded: body part HAND') == 3 )) || fail "hands"
(( $(reason 'excluded: a duplicate') == 6 )) || fail "duplicates"
(( $(reason 'excluded: not a radiograph: modality CT') == 3 )) || fail "CTs"
(( $(reason 'excluded: no image') == 3 )) || fail "reports"
(( $(rows out/skipped_files.csv) == 3 )) || fail "letters"
grep -q '21 excluded' stderr || fail "the summary does not count them"
grep -q '"a duplicate": 6' out/run.json || fail "the run record does not count reasons"

expect 0 spine-pipeline archive --recursive -o none --dry-run --weights tiny.safetensors
(( $(wc -l <stdout) == files )) || fail "the plan does not name every file"
grep -q $'\texcluded: view AP$' stdout || fail "the plan does not say why"
grep -q 'skipped: ' stdout || fail "the plan does not name skipped files"

# All images, or certain kinds only.
expect 4 spine-pipeline archive --recursive -o all --weights tiny.safetensors --select all
grep -q 'excluded: view' all/measurements.csv && fail "views were excluded though all were to be tried"
expect 4 spine-pipeline archive --recursive -o cr --weights tiny.safetensors --modality cr
grep -q 'modality DX, not requested' cr/measurements.csv || fail "modality"
