#!/usr/bin/env bash
# Runs that are killed, or lose power, at failpoints throughout a run, and the following run.
# SPINE_PLACES=all uses every failpoint.
[[ -w /dev/shm ]] && export TMPDIR=/dev/shm # syncing is fast there
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
for i in $(seq 6); do
  mkdir -p "masks/film$i"
  cp "$(find files/masks -name masks.tif | head -n 1)" "masks/film$i/"
done
echo words >masks/words.txt
mkdir kept
expect 0 spine-measure masks -o undisturbed -q
step=17
[[ ${SPINE_PLACES:-} == all ]] && step=1

# check N ACTION: stops a run at its N-th failpoint and resumes it.
ends=0
check() {
  local code=0
  rm -rf out kept/*
  SPINE_FAILPOINT=$2:$1 SPINE_FAILPOINT_FOLDER=kept spine-measure masks -o out -q >/dev/null 2>&1 || code=$?
  ((code == 137)) || { ((code == 0)) && return 1; fail "$2 at place $1 gave $code"; }
  ends=$((ends + 1))
  expect 0 spine-measure masks -o out -q
  diff -r --exclude=run.json undisturbed out || fail "results differ after $2 at place $1"
  grep -q '"complete": true' out/run.json || fail "no run record after $2 at place $1"
}
for action in kill power; do
  n=1
  while check $n $action; do n=$((n + step)); done
done
((ends > 10)) || fail "expected more places than $ends"
echo "places: $ends" >&2
