#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# An archive with identifiers in every tag, folder and file name; films on which a spine is found.
make_archive archive 20 "$SPINE_SOURCE"/data_samples/films/sim-600001.png
export SPINE_WEIGHTS_DIR=$SPINE_SOURCE/weights
expect 4 spine-pipeline archive --recursive -o out --restore auto --dicom-seg --dicom-sr --dicom-sc \
  --no-mirror-average --log run.jsonl -v --shard 1/2
(( $(ls -d out/*/ | wc -l) >= 3 )) || fail "expected studies with results"
[[ -n $(find out -name report.dcm) ]] || fail "no DICOM objects"
# Names and ids, birth and study dates, UIDs.
if grep -rlaE 'PLANTED|19500101|20010203|1\.2\.826\.0\.1\.3680043\.10\.4711' out run.jsonl stdout stderr; then
  fail "these files hold identifiers"
fi
expect 0 spine-pipeline archive --recursive -o other --dry-run --shard 2/2
if grep -a PLANTED stdout stderr; then fail "a dry run reveals identifiers"; fi
grep -q '"identifiers": "removed"' out/run.shard-1-of-2.json || fail "the run record does not say so"
grep -q 'pseudonym_key' out/run.shard-1-of-2.json || fail "no fingerprint of the key"

# On request they are kept, and recorded as such.
film=$(find archive -name 'PLANTED-JANE_1.dcm')
expect 0 spine-pipeline "$film" -o kept --keep-identifiers --no-mirror-average --dicom-sr
grep -qa PLANTED kept/measurements.csv || fail "the path is gone though it was to be kept"
grep -qa 'PLANTED^JANE1' kept/*/report.dcm || fail "the report does not name the patient"
grep -q '"identifiers": "kept"' kept/run.json || fail "the run record does not say so"

# The list of files behind the pseudonyms, on request.
expect 0 spine-pipeline keys archive --recursive
study=$(ls -d out/*/ | head -n 1 | xargs basename)
grep -q "^$study,archive/PLANTED" stdout || fail "no way back from $study"
