#!/usr/bin/env bash
# Ends a run by kill -9 at random moments, again and again, lets it go on, and compares what it leaves
# with what an undisturbed run leaves: tables and files must be the same, byte for byte but for times.
#
#   scripts/check_kills.sh [OUT] [--kills N] [--seed N]
#
#   OUT        folder for films and results (default build/kills)
#   --kills N  runs that are ended (default 50)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=build/kills kills=50 seed=1
while (($#)); do
  case $1 in
    --kills) kills=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    -*) echo "check_kills.sh: unknown option $1" >&2; exit 2 ;;
    *) out=$1; shift ;;
  esac
done
bin=build/release/bin
mkdir -p "$out"
RANDOM=$seed
[[ -d $out/films ]] || "$bin/spine-simulate" -o "$out/films" --count 60 --seed 951000 --height 500 >/dev/null

pipeline=("$bin/spine-pipeline" "$out/films" --no-mirror-average --close-up none --endplates none -q -o)
rm -rf "$out/undisturbed" "$out/killed"
start=$(date +%s%N)
"${pipeline[@]}" "$out/undisturbed" >/dev/null || true
took_ms=$((($(date +%s%N) - start) / 1000000))

ended=0
for ((i = 0; i < kills; ++i)); do
  # Often nothing is left to do after some kills; then the run begins anew.
  [[ -f $out/killed/run.json ]] && rm -rf "$out/killed"
  "${pipeline[@]}" "$out/killed" >/dev/null 2>&1 &
  pid=$!
  sleep "$(awk -v ms="$took_ms" -v r="$RANDOM" 'BEGIN { printf "%.3f", r / 32768 * ms / 1000 }')"
  kill -9 "$pid" 2>/dev/null && ended=$((ended + 1))
  wait "$pid" 2>/dev/null || true
done
"${pipeline[@]}" "$out/killed" >/dev/null || true

# run.json holds times, and so does nothing else.
difference=$(diff -rq --exclude=run.json "$out/undisturbed" "$out/killed" || true)
echo "| figure | got |"
echo "|---|---|"
echo "| runs ended by kill -9 | $ended of $kills |"
echo "| files that differ from an undisturbed run's | $(grep -c . <<<"$difference" || true) of $(find "$out/undisturbed" -type f | wc -l) |"
[[ -z $difference ]] || { echo "$difference" >&2; exit 1; }
