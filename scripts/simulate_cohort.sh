#!/usr/bin/env bash
# A simulated cohort with the paper's composition, laid out for scripts/reproduce_tables.sh:
#
#   COHORT/{train,validation,test}/<study>/{film.png, masks.tif, landmarks.json}   1,025, 50, 150 films
#   COHORT/implant_free/<study>.png                                          1,532 films, no labels
#   COHORT/implanted/<study>/{film.png, masks.tif, landmarks.json, implant_mask.png}    183 films
#   COHORT/twins/<study>/{film.png, masks.tif, landmarks.json}      the same patients without implants
#   COHORT/read/<study>.png and COHORT/raters.csv                  151 films, two simulated raters
#
# Not clinical data. Separate seed ranges: training from 3,000,000, validation from 900,500,
# evaluation from 730,000.
#
#   scripts/simulate_cohort.sh COHORT [--anatomy DIR] [--height ROWS] [--share F]
#
#   --anatomy DIR   mean meshes; half of the patients come from them (default: parametric bones only)
#   --height ROWS   film height (default 700)
#   --share F       fraction of every part to generate, for trials (default 1)
#
# Existing parts are kept. A folder belongs to one set of options; others are rejected.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/tables.sh

cohort="" anatomy="" height=700 share=1
while (($#)); do
  case $1 in
    --anatomy) anatomy=$2; shift 2 ;;
    --height) height=$2; shift 2 ;;
    --share) share=$2; shift 2 ;;
    -*) echo "simulate_cohort.sh: unknown option $1" >&2; exit 2 ;;
    *) cohort=$1; shift ;;
  esac
done
[[ -n $cohort ]] || { echo "simulate_cohort.sh: expected a folder" >&2; exit 2; }
kind=(--anatomy-kind parametric)
[[ -n $anatomy ]] && kind=(--anatomy "$anatomy" --anatomy-kind mixed)
mkdir -p "$cohort"
belongs_to "$cohort" "height $height, share $share, ${kind[*]}"

# films PART COUNT SEED OPTIONS...: renders a part into PART.new.
films() {
  local part=$1 count seed=$3
  count=$(awk -v n="$2" -v f="$share" 'BEGIN { c = int(n * f + 0.5); print c < 1 ? 1 : c }')
  shift 3
  rm -rf "$cohort/$part.new"
  "${SPINE_BIN:-build/release/bin}/spine-simulate" -o "$cohort/$part.new" --count "$count" --seed "$seed" --height "$height" \
    --threads "$(nproc)" "${kind[@]}" "$@" >/dev/null
}
# labelled PART COUNT SEED OPTIONS...: studies with their films.
labelled() {
  [[ -d $cohort/$1 ]] && return
  films "$@"
  local made=$cohort/$1.new film
  for film in "$made"/*.png; do mv "$film" "$made/truth/$(basename "$film" .png)/film.png"; done
  rm "$made"/truth/*/measurements.json "$made"/truth/*/labels.png
  mv "$made/truth" "$cohort/$1"
  rm -r "$made"
}
# plain PART COUNT SEED OPTIONS...: films only.
plain() {
  [[ -d $cohort/$1 ]] && return
  films "$@"
  rm -r "$cohort/$1.new/truth" "$cohort/$1.new/studies.csv"
  if [[ -f $cohort/$1.new/raters.csv ]]; then mv "$cohort/$1.new/raters.csv" "$cohort"; fi
  mv "$cohort/$1.new" "$cohort/$1"
}

labelled train 1025 3000000
labelled validation 50 900500
plain implant_free 1532 3100000
labelled test 150 730000
labelled implanted 183 731000 --implants always
labelled twins 183 731000
plain read 151 732000 --raters 2
echo "simulated, not clinical (seeds from: train 3000000, validation 900500, implant_free 3100000, test 730000," \
  "implanted 731000, read 732000)" >"$cohort/ORIGIN"
echo "$cohort: $(for part in train validation implant_free test implanted twins read; do
  printf '%s %d, ' $part "$(find "$cohort/$part" -mindepth 1 -maxdepth 1 | wc -l)"; done | sed 's/, $//')"
