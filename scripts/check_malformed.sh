#!/usr/bin/env bash
# Damaged DICOM files and images: none may end a batch, take long, or fail without a reason.
#
#   scripts/check_malformed.sh [OUT] [--count N] [--seed N] [--bin DIR]
#
#   OUT        folder for the files and results (default build/malformed)
#   --count N  damaged files (default 500)
#   --bin DIR  commands and tools (default build/release/bin). With build/asan-ubsan/bin, which has no
#              network, only the decoders are run, under AddressSanitizer and UndefinedBehaviorSanitizer.
set -euo pipefail
export LC_ALL=C.UTF-8  # awk reads and writes numbers as the locale says
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=build/malformed count=500 seed=1 bin=build/release/bin
while (($#)); do
  case $1 in
    --count) count=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --bin) bin=$2; shift 2 ;;
    -*) echo "check_malformed.sh: unknown option $1" >&2; exit 2 ;;
    *) out=$1; shift ;;
  esac
done
mkdir -p "$out"
export XDG_CONFIG_HOME=$PWD/$out/config
[[ $out == /* ]] && export XDG_CONFIG_HOME=$out/config

# Valid files of every supported kind.
if [[ ! -d $out/sound ]]; then
  rm -rf "$out/films"
  build/release/bin/spine-simulate -o "$out/films" --count 2 --seed 952000 --height 300 >/dev/null
  "$bin/make_archive" "$out/archive" 60 "$out"/films/*.png
  mkdir -p "$out/new" && build/release/bin/make_files "$out/new/files"
  mv "$out"/new/files/films/* "$out/new/" && rm -rf "$out/new/files"
  find "$out/archive" -type f -not -name '*.txt' -size +1k | sort | while read -r file; do
    cp "$file" "$out/new/archive_$(basename "${file%.dcm}").dcm"
  done
  mv "$out/new" "$out/sound"
fi
rm -rf "$out/malformed"
"$bin/mutate_files" "$out/malformed" "$count" "$seed" "$out"/sound/*

code=0
ASAN_OPTIONS=detect_leaks=0 "$bin/read_films" "$out"/malformed/* >"$out/read.tsv" 2>"$out/read.err" || code=$?
read_lines=$(wc -l <"$out/read.tsv")
slowest=$(cut -f2 "$out/read.tsv" | sort -g | tail -n 1)
strange=$(grep -c $'\tnot described' "$out/read.tsv" || true)
echo "| quantity | result |"
echo "|---|---|"
echo "| damaged files read, of $count | $read_lines, exit code $code |"
echo "| slowest, s | $slowest |"
echo "| still valid / rejected with a reason / without | $(grep -c $'\tok$' "$out/read.tsv" || true) / $(grep -vc -e $'\tok$' -e $'\tnot described' "$out/read.tsv" || true) / $strange |"
((code == 0 && read_lines == count && strange == 0)) || { tail -n 40 "$out/read.err" >&2; exit 1; }

if [[ -x $bin/spine-pipeline ]]; then
  rm -rf "$out/results"
  "$bin/spine-pipeline" "$out/malformed" -o "$out/results" --select all --no-mirror-average --roi none \
    --endplates none -q >/dev/null 2>"$out/results.err" || code=$?
  rows=$(($(wc -l <"$out/results/measurements.csv") - 1))
  bare=$(awk -F, 'NR > 1 && $3 != "ok" && $3 != "review" && $4 == ""' "$out/results/measurements.csv" | wc -l)
  echo "| rows of spine-pipeline, exit code | $rows, $code |"
  echo "| failures without a reason, internal errors | $bare, $(cut -d, -f3 "$out/results/measurements.csv" | grep -c '^internal$' || true) |"
  ((rows == count && (code == 0 || code == 4) && bare == 0))
fi
