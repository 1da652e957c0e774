#!/usr/bin/env bash
# Computes the figures of README.md and weights/README.md on simulated films that were not used for
# training or tuning, and prints them as Markdown.
#
#   scripts/figures.sh [OUT] [--anatomy DIR] [--count N] [--rater FILMS]
#
#   OUT             folder for films, predictions and tables (default build/figures)
#   --anatomy DIR   mean meshes; half of the films come from them (default: parametric films only)
#   --count N       films (default 500)
#   --rater FILMS  folder of real films with a rater's landmarks beside them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Training uses seeds from 1,000,000, validation from 900,000; these are neither.
test_seed=700000
out=build/figures anatomy="" count=500 rater=""
while (($#)); do
  case $1 in
    --anatomy) anatomy=$2; shift 2 ;;
    --count) count=$2; shift 2 ;;
    --rater) rater=$2; shift 2 ;;
    -*) echo "figures.sh: unknown option $1" >&2; exit 2 ;;
    *) out=$1; shift ;;
  esac
done
bin=build/release/bin
kind=(--anatomy-kind parametric)
[[ -n $anatomy ]] && kind=(--anatomy "$anatomy" --anatomy-kind mixed)

# A different count requires other films.
[[ $(($(wc -l 2>/dev/null <"$out/films/studies.csv" || echo 0) - 1)) == "$count" ]] ||
  "$bin/spine-simulate" -o "$out/films" --count "$count" --seed "$test_seed" "${kind[@]}" \
    --threads "$(nproc)" --force >/dev/null

source scripts/tables.sh

echo "## Whole pipeline, default weights, $count simulated films"
some_may_fail "$bin/spine-pipeline" "$out/films" -o "$out/pipeline"
"$bin/spine-eval" "$out/pipeline" "$out/films/truth" -o "$out/tables/pipeline" --by status --force
scripts/plot_agreement.py "$out/tables/pipeline" --overlays "$out/pipeline" ||
  echo "figures.sh: no plots" >&2

echo
echo "## The same masks with endplates from contours: --landmarks fit"
some_may_fail "$bin/spine-measure" "$out/pipeline" --landmarks fit -o "$out/outlines"
"$bin/spine-eval" "$out/outlines" "$out/films/truth" --landmarks-only -o "$out/tables/outlines" --force

for method in fit baseline; do
  echo
  echo "## Landmarks from the true masks, no network: --landmarks $method"
  some_may_fail "$bin/spine-measure" "$out/films/truth" --landmarks "$method" -o "$out/true_masks_$method"
  "$bin/spine-eval" "$out/true_masks_$method" "$out/films/truth" --landmarks-only \
    -o "$out/tables/true_masks_$method" --force
done

for bodies in 4 6; do
  echo
  echo "## $bodies bodies below the last ribs, a fifth as many films"
  films=$out/films_$bodies
  [[ $(($(wc -l 2>/dev/null <"$films/studies.csv" || echo 0) - 1)) == $((count / 5)) ]] ||
    "$bin/spine-simulate" -o "$films" --count $((count / 5)) --seed $((test_seed + 20000)) "${kind[@]}" \
      --lumbar-bodies $bodies --threads "$(nproc)" --force >/dev/null
  some_may_fail "$bin/spine-pipeline" "$films" -o "$out/pipeline_$bodies"
  "$bin/spine-eval" "$out/pipeline_$bodies" "$films/truth" -o "$out/tables/pipeline_$bodies" --force
done

if [[ -n $rater ]]; then
  echo
  echo "## Real films against a rater, default weights"
  some_may_fail "$bin/spine-pipeline" "$rater" -o "$out/real"
  "$bin/spine-eval" "$out/real" "$rater" --rater-landmarks -o "$out/tables/real" --force
  echo
  echo "## The same with endplates from contours"
  some_may_fail "$bin/spine-measure" "$out/real" --landmarks fit -o "$out/real_outlines"
  "$bin/spine-eval" "$out/real_outlines" "$rater" --rater-landmarks -o "$out/tables/real_outlines" --force
fi
