#!/usr/bin/env bash
# Ablation of the training variations of the endplate network: short runs from scratch that differ
# only in their films, evaluated on films of unseen patients and, with a rater's landmarks, on real
# films. Parametric bones and published meshes are separate, so that one row shows the
# generalisation from one to the other. Prints a Markdown table.
#
#   scripts/ablate_endplates.sh WORK --anatomy DIR [--rater FILMS] [--films N] [--steps N]
#
#   WORK            folder for maps and runs; finished runs are not repeated
#   --anatomy DIR   mean meshes
#   --rater FILMS  real films with a rater's landmarks
#   --films N       training patients of each anatomy (default 1000); a tenth of it for evaluation
#   --steps N       training steps per run (default 600, six films each)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work="" anatomy="" rater="" films=1000 steps=600
while (($#)); do
  case $1 in
    --anatomy) anatomy=$2; shift 2 ;;
    --rater) rater=$2; shift 2 ;;
    --films) films=$2; shift 2 ;;
    --steps) steps=$2; shift 2 ;;
    -*) echo "ablate_endplates.sh: unknown option $1" >&2; exit 2 ;;
    *) work=$1; shift ;;
  esac
done
[[ -n $work && -n $anatomy ]] || { echo "ablate_endplates.sh: expected a folder and --anatomy" >&2; exit 2; }
source scripts/tables.sh
bin=build/release/bin
mkdir -p "$work"

# Separate seed ranges: training from 1,080,000, evaluation from 920,000.
declare -A first=([parametric]=1080000 [meshes]=1090000)
for kind in parametric meshes; do
  "$bin/spine-train" cache --cache "$work/maps" --films "$films" --rows 896 --first-seed "${first[$kind]}" \
    --anatomy "$anatomy" --anatomy-kind $kind
  [[ -f $work/films_$kind/studies.csv ]] ||
    "$bin/spine-simulate" -o "$work/films_$kind" --count $((films / 10)) --seed 920000 \
      --anatomy "$anatomy" --anatomy-kind $kind >/dev/null
done

# Mean absolute errors of SS and LL, where both are measured.
errors() { # RUN FILMS
  some_may_fail "$bin/spine-pipeline" "$work/films_$2" --endplates "$1/best.safetensors" -o "$1/$2"
  "$bin/spine-eval" "$1/$2" "$work/films_$2/truth" -o "$1/tables_$2" --landmarks-only --force >/dev/null
  awk -F, '$1 == "metric" { for (i = 1; i <= NF; ++i) if ($i == "MAE") c = i }
    $1 == "SS" { ss = $c } $1 == "LL" { ll = $c } END { printf " %.2f / %.2f |", ss, ll }' \
    "$1/tables_$2/summary.csv"
}
real_films() { # RUN
  [[ -n $rater ]] || return 0
  some_may_fail "$bin/spine-pipeline" "$rater" --endplates "$1/best.safetensors" -o "$1/real"
  "$bin/spine-eval" "$1/real" "$rater" --rater-landmarks |
    awk '/^Endplate direction error/ { gsub(/,/, ""); printf " %.1f / %.1f |", $5, $9 }'
}

echo "| trained on | parametric: SS / LL | meshes: SS / LL |${rater:+ real: endplates, median / p90 |}"
echo "|---|---|---|${rater:+---|}"
run() { # NAME TITLE OPTIONS...
  local out=$work/$1 title=$2
  shift 2
  if ! grep -q "\"steps\": $steps,\?\$" "$out/training.json" 2>/dev/null; then
    rm -rf "$out"
    "$bin/spine-train" endplate-net --network weights/configs/endplate_net_small.json --cache "$work/maps" \
      --anatomy "$anatomy" --anatomy-kind mixed -o "$out" --steps "$steps" --batch 6 --workers 1 --lr 3e-3 \
      --warmup 100 --ema 0.99 --validation-films 0 "$@" 2>"$out.log"
  fi
  echo "| $title |$(errors "$out" parametric)$(errors "$out" meshes)$(real_films "$out")"
}
both=(--first-seed 1080000 --last-seed 1099999)
run all "everything" "${both[@]}"
run exposure "exposures alike" "${both[@]}" --exposure-variation 0
run greys "no change of greys" "${both[@]}" --grey-strength 0
run marks "no marks" "${both[@]}" --no-marks
run squeeze "square pixels" "${both[@]}" --no-squeeze
run parametric "parametric bones" --first-seed 1080000 --last-seed 1089999
run meshes "published meshes" --first-seed 1090000 --last-seed 1099999
