#!/usr/bin/env bash
# Speed of the whole pipeline on the first GPU, and differences of its angles from those on the CPU.
# Builds what it needs first; at most eight minutes in total on 16 cores.
# Usage: bench_gpu.sh [FILMS]
#   FILMS  simulated films of about 2,000x2,500 pixels (default 200)
# LibTorch with CUDA is taken from $SPINE_TORCH (a folder with TorchConfig.cmake), otherwise from
# Python's torch, otherwise from the system.
set -euo pipefail
export LC_ALL=C.UTF-8  # awk reads and writes numbers as the locale says
cd "$(dirname "${BASH_SOURCE[0]}")/.."

films=${1:-200}
build=build/gpu
work=build/bench_gpu

die() {
  echo "bench_gpu.sh: $*" >&2
  exit 1
}
nvidia-smi -L 2>/dev/null | grep -q GPU || die "expected a GPU, nvidia-smi lists none"
nvidia-smi -L

torch=${SPINE_TORCH:-$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)' 2>/dev/null || true)}
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DSPINE_BUILD_TESTS=OFF \
  ${torch:+-DCMAKE_PREFIX_PATH="$torch"} >"$build.log" 2>&1 || die "cannot configure: $(tail -n 3 "$build.log")"
cmake --build "$build" --target spine-pipeline spine-simulate spine-train >>"$build.log" 2>&1 ||
  die "cannot build: $(tail -n 3 "$build.log")"
bin=$build/bin

mkdir -p "$work"
made=$(find "$work/films" -maxdepth 1 -name '*.png' 2>/dev/null | wc -l)
((made == films)) ||
  "$bin/spine-simulate" -o "$work/films" --count "$films" --seed 900001 --height 2500 --threads "$(nproc)" --force

number() { sed -n "s/^ *\"$2\": *\([0-9.e+-]*\),\{0,1\}\$/\1/p" "$1" | head -1; }

# run NAME OPTION...
run() {
  local name=$1 code=0
  shift
  rm -rf "${work:?}/$name"
  "$bin/spine-pipeline" "$work/films" -o "$work/$name" --quiet "$@" || code=$?
  ((code == 0 || code == 4)) || die "spine-pipeline $* ended with $code"
  awk -v name="$name" -v films="$films" -v seconds="$(number "$work/$name/run.json" seconds)" \
    'BEGIN { printf "%-22s %.3f s per film\n", name, seconds / films }'
}

# differences NAME: differences of its angles from those on the CPU.
differences() {
  awk -F, -v name="$1" '
    FNR == 1 { file++; for (i = 1; i <= NF; i++) column[$i] = i; next }
    file == 1 { for (k in wanted) before[$1, k] = $column[k] }
    file == 2 { for (k in wanted) if (before[$1, k] != "" && $column[k] != "") {
                  d = $column[k] - before[$1, k]; n[k]++; sum[k] += d; squares[k] += d * d } }
    BEGIN { split("PT SS PI LL", names, " "); for (i in names) wanted[names[i]] }
    END { for (i = 1; i <= 4; i++) { k = names[i]; mean = sum[k] / n[k]
            printf "  %s against the CPU: mean %.3f, SD %.3f degrees (%d films)\n", k, mean,
                   sqrt(squares[k] / n[k] - mean * mean), n[k] } }' \
    "$work/processor/measurements.csv" "$work/$1/measurements.csv"
}

run processor --device cpu
for precision in fp32 bf16; do
  for batch in 32 128; do
    run "gpu_${precision}_$batch" --device cuda --precision "$precision" --batch "$batch"
  done
  differences "gpu_${precision}_32"
done
run gpu_restore --device cuda --restore auto
"$bin/spine-train" bench --network weights/configs/trans_unet_r50_vit_b16.json --device cuda --batch 16
