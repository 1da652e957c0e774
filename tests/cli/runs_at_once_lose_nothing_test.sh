#!/usr/bin/env bash
# Several runs start concurrently in one folder: conflicting ones are rejected by a one-line message
# or, with --wait, run one after the other. SPINE_ROUNDS: number of repetitions.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
for i in $(seq 8); do
  mkdir -p "masks/film$i"
  cp "$(find files/masks -name masks.tif | head -n 1)" "masks/film$i/"
done
expect 0 spine-measure masks -o alone -q

# at_once CODES LINES... : starts the runs whose options are given, one a line, and waits for all.
at_once() {
  local pids=() options i
  rm -rf out said && mkdir said
  for i in $(seq $#); do
    read -ra options <<<"${!i}"
    spine-measure masks -o out -q "${options[@]}" >/dev/null 2>said/$i &
    pids+=($!)
  done
  codes=()
  for pid in "${pids[@]}"; do
    local code=0
    wait "$pid" || code=$?
    codes+=("$code")
  done
}
# whole: out equals the results of a single run.
whole() {
  diff -r --exclude='run*.json' --exclude='*.shard-*' alone out || fail "results differ: $1"
  [[ -z $(find out -name '.*' ! -name out) ]] || fail "something was left: $(find out -name '.*')"
  expect 0 spine-pipeline verify out
}

for round in $(seq "${SPINE_ROUNDS:-1}"); do
  for runs in 2 8; do
    mapfile -t lines < <(for i in $(seq $runs); do echo "--no-progress"; done)
    at_once "${lines[@]}"
    done_by=0
    for i in $(seq $runs); do
      case ${codes[i - 1]} in
        0) done_by=$((done_by + 1)) ;;
        1)
          cp said/$i stderr
          one_line '^spine-measure: output: OUT: expected no other active run, got one on .*, process [0-9]+, since 20'
          ;;
        *) cp said/$i stderr && fail "a run gave ${codes[i - 1]}" ;;
      esac
    done
    ((done_by > 0)) || fail "none of $runs runs was done"
    whole "$runs runs"

    mapfile -t lines < <(for i in $(seq $runs); do echo "--wait"; done)
    at_once "${lines[@]}"
    [[ ${codes[*]} =~ ^(0 ?)*$ ]] || fail "runs that wait gave ${codes[*]}"
    whole "$runs runs that wait"
  done

  # Four shards, each of them twice, and the whole beside them.
  at_once --shard=1/4\ --wait --shard=2/4\ --wait --shard=3/4\ --wait --shard=4/4\ --wait \
    --shard=1/4\ --wait --shard=2/4\ --wait --shard=3/4\ --wait --shard=4/4\ --wait --wait
  [[ ${codes[*]} =~ ^(0 ?)*$ ]] || fail "shards gave ${codes[*]}"
  for i in 1 2 3 4; do
    (($(rows out/measurements.shard-$i-of-4.csv) == 2)) || fail "shard $i is not whole"
  done
  whole "shards"
  rm out/run.json out/measurements.csv out/measurements_long.csv
  expect 0 spine-pipeline merge out
  whole "merged shards"
done
