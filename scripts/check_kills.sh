#!/usr/bin/env bash
# Repeatedly kills a run (kill -9) at random times, resumes it, and compares the results with those
# of an undisturbed run: tables and files must be identical except for times.
#
#   scripts/check_kills.sh [OUT] [--kills N] [--seed N]
#
#   OUT        folder for films and results (default build/kills)
#   --kills N  number of kills (default 50)
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

pipeline=("$bin/spine-pipeline" "$out/films" --no-mirror-average --roi none --endplates none -q -o)
rm -rf "$out/undisturbed" "$out/killed"
start=$(date +%s%N)
"${pipeline[@]}" "$out/undisturbed" >/dev/null || true
took_ms=$((($(date +%s%N) - start) / 1000000))

# Results of an undisturbed run; only run.json contains times.
compare() {
  compared=$((compared + 1))
  diff -rq --exclude=run.json "$out/undisturbed" "$out/killed" >"$out/difference" && return
  head -n 5 "$out/difference" >&2
  different=$((different + 1))
}
ended=0 compared=0 different=0
while ((ended < kills)); do
  # A finished run is compared, and the next one starts from scratch.
  if [[ -f $out/killed/run.json ]]; then
    compare
    rm -rf "$out/killed"
  fi
  "${pipeline[@]}" "$out/killed" >/dev/null 2>&1 &
  pid=$!
  sleep "$(awk -v ms="$took_ms" -v r="$RANDOM" 'BEGIN { printf "%.3f", 0.7 * r / 32768 * ms / 1000 }')"
  kill -9 "$pid" 2>/dev/null && ended=$((ended + 1))
  wait "$pid" 2>/dev/null || true
done
"${pipeline[@]}" "$out/killed" >/dev/null || true
compare
echo "| quantity | result |"
echo "|---|---|"
echo "| runs ended by kill -9 | $ended |"
echo "| result sets compared with an undisturbed run's $(find "$out/undisturbed" -type f | wc -l) files | $compared |"
echo "| different | $different |"
((different == 0))
