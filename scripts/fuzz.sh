#!/usr/bin/env bash
# fuzz.sh [SECONDS_PER_TARGET] [TARGET...]: searches for inputs that crash a decoder, take longer
# than ten seconds or more than 1 GB of memory, with libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer. Default: all targets of tests/fuzz, 60 seconds each; 0 seconds builds
# only. Requires clang and its compiler-rt (on Debian: clang, libclang-rt-dev).
#
# Seeds: tests/fuzz/corpus, the archives of tests/infer/checkpoints, the samples, the output of
# make_files if built in build/release, and any files in build/fuzz/seeds/TARGET. Useful inputs are
# kept in build/fuzz/corpus/TARGET for later runs; failing inputs are build/fuzz/finds/TARGET-*; the
# log is build/fuzz/logs/TARGET.log.
#
# To turn a finding into a test: build/fuzz/bin/fuzz_TARGET -minimize_crash=1 -runs=100000 FIND, fix
# the defect, and add the reduced input to tests/fuzz/corpus/TARGET under a descriptive name. Prints
# one line per target; exit status 1 if anything was found.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() {
  echo "fuzz.sh: $*" >&2
  exit 2
}

seconds=${1:-60}
[[ $seconds =~ ^[0-9]+$ ]] || die "expected seconds per target, got $seconds"
shift || true
targets=("$@")
if ((${#targets[@]} == 0)); then
  mapfile -t targets < <(cd tests/fuzz && ls fuzz_*.cpp | sed 's/^fuzz_//; s/\.cpp$//')
fi
for target in "${targets[@]}"; do
  [[ -f tests/fuzz/fuzz_$target.cpp ]] || die "no target $target in tests/fuzz"
done
command -v clang++ >/dev/null || die "expected clang++, found none; apt-get install clang libclang-rt-14-dev"

mkdir -p build/fuzz/{corpus,finds,logs,seeds}
[[ -f build/fuzz/build.ninja ]] || cmake --preset fuzz >build/fuzz/configure.log
jobs=$(awk '/MemAvailable/ { jobs = int($2 / 1600000); print (jobs < 1) ? 1 : jobs }' /proc/meminfo)
cores=$(nproc)
cmake --build --preset fuzz --parallel "$((jobs < cores ? jobs : cores))" \
  --target "${targets[@]/#/fuzz_}"
((seconds > 0)) || exit 0

fixtures=build/fuzz/fixtures
if [[ ! -d $fixtures && -x build/release/bin/make_files ]]; then
  build/release/bin/make_files "$fixtures" >/dev/null
fi

# Files of at most 200 kB: larger inputs slow down the search without benefit.
copy_small() { # FOLDER PATTERN FROM...
  local to=$1 pattern=$2
  shift 2
  find "$@" -type f -name "$pattern" -size -200k -exec cp -t "$to" --backup=numbered {} + 2>/dev/null ||
    true
}

add_seeds() { # TARGET FOLDER
  local samples=(data_samples "$fixtures")
  case $1 in
    dicom) copy_small "$2" '*.dcm' "${samples[@]}" ;;
    png) copy_small "$2" '*.png' "${samples[@]}" ;;
    png_rows)
      copy_small "$2" '*.png' "${samples[@]}"
      copy_small "$2" '*' tests/fuzz/corpus/png
      # The first bytes of an input say what follows: here a whole file.
      for file in "$2"/*; do printf '\007...' | cat - "$file" >"$file.seed" && rm "$file"; done
      ;;
    jpeg) copy_small "$2" '*.jpg' "${samples[@]}" ;;
    tiff) copy_small "$2" '*.tif' "${samples[@]}" ;;
    masks) copy_small "$2" 'masks.tif' "${samples[@]}"; copy_small "$2" 'labels.png' "${samples[@]}" ;;
    landmarks) copy_small "$2" 'landmarks.json' "${samples[@]}" ;;
    json | record) copy_small "$2" '*.json' "${samples[@]}" ;;
    manifest) copy_small "$2" '*.csv' "${samples[@]}" ;;
    weights_manifest) copy_small "$2" 'manifest.json' weights ;;
    npz) copy_small "$2" '*.npz' tests/infer/checkpoints ;;
    checkpoint) copy_small "$2" '*.pth' tests/infer/checkpoints ;;
  esac
}

export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=0:detect_odr_violation=0
export UBSAN_OPTIONS=print_stacktrace=1
export OMP_NUM_THREADS=1
found=0
for target in "${targets[@]}"; do
  corpus=build/fuzz/corpus/$target
  log=build/fuzz/logs/$target.log
  seeds=$(mktemp -d)
  mkdir -p "$corpus" "tests/fuzz/corpus/$target" "build/fuzz/seeds/$target"
  add_seeds "$target" "$seeds"
  before=$(find build/fuzz/finds -name "$target-*" | wc -l)
  # -fork: continues after a finding, each in a separate process.
  build/fuzz/bin/fuzz_"$target" -fork=1 -ignore_crashes=1 -ignore_ooms=1 -ignore_timeouts=1 \
    -max_total_time="$seconds" -rss_limit_mb=1024 -malloc_limit_mb=1024 -timeout=10 -max_len=65536 \
    -artifact_prefix="build/fuzz/finds/$target-" -print_final_stats=1 \
    "$corpus" "tests/fuzz/corpus/$target" "build/fuzz/seeds/$target" "$seeds" >"$log" 2>&1 ||
    echo "fuzz.sh: $target ended with status $?" >&2
  rm -rf "$seeds"
  finds=$(($(find build/fuzz/finds -name "$target-*" | wc -l) - before))
  ((finds == 0)) || found=1
  # "#4096: cov: 512 ft: 1033 corp: 88 exec/s 4096 oom/timeout/crash: 0/0/0 time: 5s job: 3 dft_time: 0"
  last=$(grep -E '^#[0-9]+: cov:' "$log" | tail -n 1)
  awk -v target="$target" -v finds="$finds" -v seconds="$seconds" '
    { runs = $1; gsub(/[#:]/, "", runs)
      printf "%s: %s executions in %s s, coverage %s, features %s, %s finds\n",
             target, runs, seconds, $3, $5, finds }' <<<"${last:-#0: cov: 0 ft: 0}"
done
exit $found
