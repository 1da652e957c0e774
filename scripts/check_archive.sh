#!/usr/bin/env bash
# Test of spine-pipeline on a generated hospital archive: every file accounted for, constant memory,
# no patient identifiers in any output. Prints the figures as Markdown.
#
#   scripts/check_archive.sh [OUT] [--count N] [--small N]
#
#   OUT        folder for archives and results (default build/archive)
#   --count N  files of the large archive (default 10000)
#   --small N  files of the small archive, as reference for memory (default 100)
#
# Films are small and predicted in one pass, so that reading, names and tables outweigh the network.
set -euo pipefail
export LC_ALL=C.UTF-8  # awk reads and writes numbers as the locale says
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=build/archive count=10000 small=100
while (($#)); do
  case $1 in
    --count) count=$2; shift 2 ;;
    --small) small=$2; shift 2 ;;
    -*) echo "check_archive.sh: unknown option $1" >&2; exit 2 ;;
    *) out=$1; shift ;;
  esac
done
bin=build/release/bin
mkdir -p "$out"
export XDG_CONFIG_HOME=$PWD/$out/config
[[ $out == /* ]] && export XDG_CONFIG_HOME=$out/config

[[ -d $out/films ]] || "$bin/spine-simulate" -o "$out/films" --count 8 --seed 950000 --height 400 >/dev/null

# run N: processes an archive of N files; peak memory to results_N.memory, output to results_N.log.
run() {
  local n=$1
  [[ -d $out/archive_$n ]] || "$bin/make_archive" "$out/archive_$n" "$n" "$out"/films/*.png
  rm -rf "$out/results_$n"
  local code=0
  /usr/bin/env time -f %M -o "$out/results_$n.memory" \
    "$bin/spine-pipeline" "$out/archive_$n" --recursive -o "$out/results_$n" --no-mirror-average \
    --roi none --endplates none --dicom-sr --log "$out/results_$n.jsonl" \
    >"$out/results_$n.out" 2>"$out/results_$n.log" || code=$?
  ((code == 0 || code == 4)) || { tail -n 3 "$out/results_$n.log" >&2; exit "$code"; }
}
run "$small"
run "$count"

results=$out/results_$count
files=$(find "$out/archive_$count" -type f | wc -l)
rows=$(($(wc -l <"$results/measurements.csv") - 1))
passed=0
[[ -f $results/skipped_files.csv ]] && passed=$(($(wc -l <"$results/skipped_files.csv") - 1))
doubled=$(cut -d, -f1 "$results/measurements.csv" | sort | uniq -d | wc -l)
# Results are CSV, JSON, images and DICOM; text in PNG and TIFF would be uncompressed as well.
found=$(grep -rlaE 'PLANTED|19500101|1\.2\.826\.0\.1\.3680043\.10\.4711' "$results" "$results".jsonl "$results".out "$results".log | wc -l || true)
large_kb=$(tail -n 1 "$results.memory") small_kb=$(tail -n 1 "$out/results_$small.memory")

echo "| quantity | result |"
echo "|---|---|"
echo "| files in the archive | $files |"
echo "| rows in measurements.csv + skipped files | $rows + $passed |"
echo "| studies with two rows | $doubled |"
echo "| by status | $(awk -F, 'NR > 1 { ++n[$3] } END { for (s in n) printf "%s %d  ", s, n[s] }' "$results/measurements.csv") |"
echo "| peak memory, $count files / $small files | $((large_kb / 1024)) / $((small_kb / 1024)) MiB, $(awk -v a="$large_kb" -v b="$small_kb" 'BEGIN { printf "%+.1f %%", 100 * (a / b - 1) }') |"
echo "| result files that contain a planted identifier | $found |"
echo "| deviations from the records (spine-pipeline verify) | $("$bin/spine-pipeline" verify "$results" 2>/dev/null | grep -vc 'some studies failed' || true) |"
tail -n 1 "$results.log"
((files == rows + passed && doubled == 0 && found == 0))
