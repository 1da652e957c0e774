#!/usr/bin/env bash
# spine-train cohort --reviewed: studies that a reader approved become labels of a cohort.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

expect 0 spine-simulate -o films --count 3 --height 300
expect 0 spine-measure films/truth -o results --no-progress
mapfile -t studies < <(find results -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)
# read_by STUDY READER ACTION: a reader approved, rejected, ...; "b" is the hash of the landmarks.
read_by() {
  cp "films/truth/$1/masks.tif" "results/$1/"
  python3 - "results/$1" "$2" "$3" <<'PY'
import hashlib, json, sys
folder, reader, action = sys.argv[1:]
landmarks = json.load(open(folder + "/landmarks.json"))
keys = ("schema", "size", "anterior", "vertebrae", "S1", "femoral_heads")
base = {key: landmarks.get(key) for key in keys}
text = json.dumps(base, sort_keys=True, separators=(",", ":"))
digest = hashlib.sha256(text.encode()).hexdigest()
event = {"action": action, "reader": reader, "seconds": 1, "time": "2026-11-30T14:35:25Z",
         "base_sha256": digest, "text": "blurred"}
json.dump({"schema": "spine-review/1", "study": "x", "bases": {digest: base}, "events": [event]},
          open(folder + "/review.json", "w"))
PY
}
read_by "${studies[0]}" AB approve
read_by "${studies[1]}" AB reject

expect 0 spine-review results --export reviewed.csv
expect 0 spine-train cohort --reviewed results --films films -o cohort --shares 1,0,0
grep -q "excluded 1 films" stderr || grep -q "excluded 1 films" stdout || fail "counts: $(cat stdout stderr)"
[[ $(cell cohort/cohort.csv "${studies[0]}" reader) == AB ]] || fail "the reader: $(cat cohort/cohort.csv)"
[[ -n $(cell cohort/cohort.csv "${studies[0]}" revision) ]] || fail "the revision: $(cat cohort/cohort.csv)"
[[ $(cell cohort/cohort.csv "${studies[1]}" error) == *rejected* ]] || fail "$(cat cohort/cohort.csv)"
(($(rows cohort/cohort.csv) == 2)) || fail "a study that nobody read is in the cohort"
cmp films/"${studies[0]}".png cohort/train/"${studies[0]}"/film.png || fail "another film"
expect 0 spine-measure cohort/train/"${studies[0]}"/landmarks.json -o again --no-progress

expect 2 spine-train cohort -o other
expect 2 spine-train cohort --reviewed results -o other
