#!/usr/bin/env bash
# Speed and memory of the whole pipeline with the default weights, including file access, on two
# processors; in seconds and as a multiple of a yardstick measured in the same run (a
# single-precision matrix product of 1024x1024 on one thread), for comparison across machines.
# Usage: bench_pipeline.sh [FILMS [LONG_RUN]]
#   FILMS     simulated films of about 2,000x2,500 pixels (default 20)
#   LONG_RUN  films of a long run that must not grow in memory (default 500; 0: none)
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
[[ -x $bin/spine-pipeline && -x $bin/spine-simulate && -x $bin/time_network ]] ||
  die "expected spine-pipeline, spine-simulate and time_network in $bin; run scripts/test.sh first"

# Restrict to two processors.
pin=()
command -v taskset >/dev/null && pin=(taskset -c 0,1)

mkdir -p "$work/films"
made=$(find "$work/films" -maxdepth 1 -name '*.png' 2>/dev/null | wc -l)
if ((made != films)); then
  rm -rf "$work/films"
  "$bin/spine-simulate" -o "$work/films" --count "$films" --seed 900001 --height 2500 --threads "$(nproc)"
fi
mapfile -t sources < <(find "$work/films" -maxdepth 1 -name '*.png' | sort)
mkdir -p "$work/one" && ln -f "${sources[0]}" "$work/one/"

# sample PROCESS OUT: while the process lives, a line "<studies done> <resident kB> <peak kB>
# <page faults>" every half second to OUT.memory.
sample() {
  while kill -0 "$1" 2>/dev/null; do
    awk -v done="$(grep -c '"event":"study"' "$2.log" 2>/dev/null || true)" \
      -v faults="$(cut -d' ' -f10 "/proc/$1/stat" 2>/dev/null || echo 0)" '
      /^VmRSS/ { resident = $2 } /^VmHWM/ { peak = $2 }
      END { if (resident) print done + 0, resident, peak, faults }' "/proc/$1/status" \
      >>"$2.memory" 2>/dev/null || true
    sleep 0.5
  done
}

# run THREADS FOLDER OUT [OPTION...]: runs the pipeline with sampling; writes the total time to
# OUT.seconds.
run() {
  local threads=$1 folder=$2 out=$3
  shift 3
  rm -rf "$out" "$out".{log,memory,errors,seconds}
  local start=$EPOCHREALTIME
  "${pin[@]}" "$bin/spine-pipeline" "$folder" -o "$out" --threads "$threads" --quiet \
    --log "$out.log" "${more_options[@]}" "$@" >/dev/null 2>"$out.errors" &
  local runner=$!
  sample "$runner" "$out" &
  local sampler=$! code=0
  wait "$runner" || code=$?
  awk -v from="$start" -v to="$EPOCHREALTIME" 'BEGIN { print to - from }' >"$out.seconds"
  wait "$sampler"
  # 4: some films failed, which does not affect the timing.
  ((code == 0 || code == 4)) || die "spine-pipeline ended with $code: $(tail -1 "$out.errors")"
}

# number FILE KEY: the first number of that name in a JSON file with one key per line.
number() { sed -n "s/^ *\"$2\": *\([0-9.e+-]*\),\{0,1\}\$/\1/p" "$1" | head -1; }

yardstick=$("${pin[@]}" "$bin/time_network" product)
awk -v y="$yardstick" 'BEGIN { printf "yardstick: %.4f s\n", y }'

# say WHAT SECONDS FILMS: prints seconds per film, and yardsticks.
say() {
  awk -v what="$1" -v seconds="$2" -v films="$3" -v y="$yardstick" \
    'BEGIN { printf "%-58s %.3f s, %.1f yardsticks\n", what ":", seconds / films, seconds / films / y }'
}

run 2 "$work/one" "$work/first"
say "first film, from start to end of the command" "$(cat "$work/first.seconds")" 1
for threads in 2 1; do
  run "$threads" "$work/films" "$work/out_$threads"
  say "one film, $threads threads" "$(number "$work/out_$threads/run.json" seconds)" "$films"
done
awk -v films="$films" '{ if ($3 > peak) peak = $3; if ($4 > faults) faults = $4 }
  END { printf "one thread: peak memory %.2f GB, %d page faults per film\n", peak / 1048576, faults / films }' \
  "$work/out_1.memory"

alone=$(number "$work/out_2/run.json" seconds)
busy=()
for _ in 1 2; do
  "${pin[@]}" sh -c 'while :; do :; done' &
  busy+=($!)
done
run 2 "$work/films" "$work/contended"
kill "${busy[@]}"
wait "${busy[@]}" 2>/dev/null || true
beside=$(number "$work/contended/run.json" seconds)
say "one film, 2 threads, with two busy processes" "$beside" "$films"
awk -v a="$alone" -v b="$beside" 'BEGIN { printf "with two busy processes: %.2f times as long\n", b / a }'

run 2 "$work/films" "$work/restored" --restore auto
awk -v a="$alone" -v b="$(number "$work/restored/run.json" seconds)" -v films="$films" \
  'BEGIN { printf "--restore auto: %.3f s more per film\n", (b - a) / films }'
run 2 "$work/films" "$work/bf16" --precision bf16
say "one film, 2 threads, --precision bf16" "$(number "$work/bf16/run.json" seconds)" "$films"

networks=$("${pin[@]}" "$bin/time_network" films 2 "${sources[@]}")
say "networks alone, films in memory, 2 threads" "$networks" 1

for network in trans_unet_r50_vit_b16 vqgan_f16_1024; do
  [[ -f weights/configs/$network.json && -x $bin/spine-train ]] || continue
  echo "$network, one input, 2 threads:"
  "${pin[@]}" "$bin/spine-train" bench --network "weights/configs/$network.json" --batch 1 --threads 2 \
    --steps 3 | sed 's/^/  /'
done
echo "trans_unet_small, training, batches of 8, 2 threads:"
"${pin[@]}" "$bin/spine-train" bench --network weights/configs/trans_unet_small.json --batch 8 --threads 2 |
  sed 's/^/  /'

((long_run > 0)) || exit 0
rm -rf "$work/many"
mkdir -p "$work/many"
for ((i = 0; i < long_run; i++)); do
  ln "${sources[i % films]}" "$work/many/film_$i.png"
done
run 2 "$work/many" "$work/long"
awk -v total="$(number "$work/long/run.json" seconds)" -v films="$long_run" '
  $1 >= 0.1 * films && $1 < 0.2 * films { early += $2; n_early++ }
  $1 >= 0.9 * films { late += $2; n_late++ }
  { if ($3 > peak) peak = $3 }
  END { if (!n_early || !n_late) { print "too few memory samples"; exit 1 }
        printf "%d films: %.3f s per film; memory %.2f GB after a tenth, %.2f GB at the end, peak %.2f GB\n",
               films, total / films, early / n_early / 1048576, late / n_late / 1048576, peak / 1048576 }' \
  "$work/long.memory"
