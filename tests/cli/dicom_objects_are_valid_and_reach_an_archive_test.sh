#!/usr/bin/env bash
# dciodvfy (dicom3tools) and DCMTK's storescp and storescu are used if installed, as by
# scripts/test.sh. SPINE_DICOM_STUDIES: number of studies (default 2).
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"
export SPINE_WEIGHTS_DIR=$SPINE_SOURCE/weights

expect 0 spine-simulate -o films --count "${SPINE_DICOM_STUDIES:-2}" --seed 954000 --height 700 --dicom
code=0
spine-pipeline films -o out --dicom-seg --dicom-sr --dicom-sc --no-mirror-average >stdout 2>stderr || code=$?
((code == 0 || code == 4)) || fail "exit code $code"
mapfile -t objects < <(find out -name '*.dcm' | sort)
studies=$(find out -name report.dcm | wc -l)
((studies > 0 && ${#objects[@]} == 3 * studies)) || fail "expected three objects per study"
for segmentation in out/*/segmentation.dcm; do
  compare_masks "$segmentation" "${segmentation%/*}/masks.tif" || fail "masks of $segmentation"
done

if command -v dciodvfy >/dev/null; then
  for object in "${objects[@]}"; do
    if dciodvfy "$object" 2>&1 | grep '^Error'; then fail "$object is not valid"; fi
  done
fi

if command -v storescp >/dev/null && command -v storescu >/dev/null; then
  mkdir archive
  port=$((20000 + RANDOM % 20000))
  storescp --output-directory archive $port >storescp.log 2>&1 &
  server=$!
  trap 'kill $server 2>/dev/null; rm -rf "$scratch"' EXIT
  for ((i = 0; i < 50; ++i)); do
    echoscu localhost $port >/dev/null 2>&1 && break
    sleep 0.1
  done
  storescu --required localhost $port "${objects[@]}" >stdout 2>stderr || fail "C-STORE"
  (( $(find archive -type f | wc -l) == ${#objects[@]} )) || fail "not all objects were stored"
fi
