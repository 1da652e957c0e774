#!/usr/bin/env bash
# Speed and memory of the whole pipeline with the default weights on two processor threads.
# Usage: bench_pipeline.sh [FILMS [LONG_RUN]]
#   FILMS     simulated films of about 2,000x2,500 pixels (default 20)
#   LONG_RUN  films of a long run whose memory must stay flat (default 500; 0: none)
# Further options of spine-pipeline can be given in SPINE_BENCH_OPTIONS.
set -euo pipefail
export LC_ALL=C.UTF-8  # awk reads and writes numbers as the locale says
cd "$(dirname "${BASH_SOURCE[0]}")/.."

films=${1:-20}
long_run=${2:-500}
bin=${SPINE_BIN:-build/release/bin}
work=build/bench
read -ra more_options <<<"${SPINE_BENCH_OPTIONS:-}"

die() {
  echo "bench_pipeline.sh: $*" >&2
  exit 1
}
[[ -x $bin/spine-pipeline && -x $bin/spine-simulate ]] ||
  die "expected spine-pipeline and spine-simulate in $bin; run scripts/test.sh first"

# Two processors, however many there are.
pin=()
command -v taskset >/dev/null && pin=(taskset -c 0,1)

mkdir -p "$work/films"
made=$(find "$work/films" -maxdepth 1 -name '*.png' 2>/dev/null | wc -l)
if ((made != films)); then
  rm -rf "$work/films"
  "$bin/spine-simulate" -o "$work/films" --count "$films" --seed 900001 --height 2500 --threads "$(nproc)"
fi

# measure FOLDER OUT: runs the pipeline; a line "<studies done> <resident kB> <peak kB>" every half
# second goes to OUT.memory.
measure() {
  local folder=$1 out=$2
  rm -rf "$out" "$out.log" "$out.memory"
  "${pin[@]}" "$bin/spine-pipeline" "$folder" -o "$out" --threads 2 --quiet --log "$out.log" \
    "${more_options[@]}" >/dev/null 2>"$out.errors" &
  local runner=$!
  while kill -0 "$runner" 2>/dev/null; do
    awk -v done="$(grep -c '"event":"study"' "$out.log" 2>/dev/null || true)" '
      /^VmRSS/ { resident = $2 } /^VmHWM/ { peak = $2 }
      END { if (resident) print done + 0, resident, peak }' "/proc/$runner/status" \
      >>"$out.memory" 2>/dev/null || true
    sleep 0.5
  done
  local code=0
  wait "$runner" || code=$?
  # Four: some films failed, which is no matter of speed.
  ((code == 0 || code == 4)) || die "spine-pipeline ended with $code: $(tail -1 "$out.errors")"
}

# number FILE KEY: the first number of that name in a JSON file of one key a line.
number() { sed -n "s/^ *\"$2\": *\([0-9.e+-]*\),\{0,1\}\$/\1/p" "$1" | head -1; }

measure "$work/films" "$work/out"
awk -v total="$(number "$work/out/run.json" seconds)" -v films="$films" '
  { if ($3 > peak) peak = $3 }
  END { printf "%d films: %.2f s a film, loading included; peak memory %.2f GB\n",
               films, total / films, peak / 1048576 }' "$work/out.memory"

((long_run > 0)) || exit 0
rm -rf "$work/many"
mkdir -p "$work/many"
mapfile -t sources < <(find "$work/films" -maxdepth 1 -name '*.png' | sort)
for ((i = 0; i < long_run; i++)); do
  ln "${sources[i % films]}" "$work/many/film_$i.png"
done
measure "$work/many" "$work/long"
awk -v total="$(number "$work/long/run.json" seconds)" -v films="$long_run" '
  $1 >= 0.1 * films && $1 < 0.2 * films { early += $2; n_early++ }
  $1 >= 0.9 * films { late += $2; n_late++ }
  { if ($3 > peak) peak = $3 }
  END { if (!n_early || !n_late) { print "too few samples of memory"; exit 1 }
        printf "%d films: %.2f s a film; memory %.2f GB after a tenth, %.2f GB at the end, peak %.2f GB\n",
               films, total / films, early / n_early / 1048576, late / n_late / 1048576, peak / 1048576 }' \
  "$work/long.memory"
alone=$("${pin[@]}" "$bin/time_network" 2 "${sources[@]}")
awk -v total="$(number "$work/long/run.json" seconds)" -v films="$long_run" -v alone="$alone" '
  BEGIN { printf "networks alone, films in memory, nothing written: %.2f s a film; the whole run takes %.2f times that\n",
                 alone, total / films / alone }'
