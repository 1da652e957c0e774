#!/usr/bin/env bash
# Obtains the figures on films with metal that README.md shows: simulated films, each with its twin
# without metal, that no weights were trained or tuned on. Prints them as Markdown.
#
#   scripts/figures_restoration.sh [OUT] [--anatomy DIR] [--count N] [--real FILMS]
#
#   OUT             folder for films, predictions and tables (default build/figures_restoration)
#   --anatomy DIR   mean meshes; half of the films come from them (default: parametric films only)
#   --count N       pairs of films (default 200)
#   --real FILMS    folder of real films without metal: none should be touched
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Training draws seeds from 1,000,000 on, validation from 900,000 on, figures.sh from 700,000 on.
test_seed=710000
out=build/figures_restoration anatomy="" count=200 real=""
while (($#)); do
  case $1 in
    --anatomy) anatomy=$2; shift 2 ;;
    --count) count=$2; shift 2 ;;
    --real) real=$2; shift 2 ;;
    -*) echo "figures_restoration.sh: unknown option $1" >&2; exit 2 ;;
    *) out=$1; shift ;;
  esac
done
bin=build/release/bin
kind=(--anatomy-kind parametric)
[[ -n $anatomy ]] && kind=(--anatomy "$anatomy" --anatomy-kind mixed)

# Exit code 4: some studies failed, which the tables count.
some_may_fail() { "$@" --force -q >/dev/null || [[ $? == 4 ]]; }

twins=$out/twins
[[ -f $twins/studies.csv ]] ||
  "$bin/spine-simulate" -o "$twins" --implants twins --count "$count" --seed "$test_seed" "${kind[@]}"

# Films with metal and films without it, each with their truth, in folders of their own.
rm -rf "$out/implanted" "$out/bare" "$out/pairs"
mkdir -p "$out/implanted/truth" "$out/bare/truth" "$out/pairs/truth"
for film in "$twins"/*.png; do
  study=$(basename "$film" .png)
  side=bare
  [[ $study == *-implant ]] && side=implanted
  ln -s "$(realpath "$film")" "$out/$side/"
  ln -s "$(realpath "$twins/truth/$study")" "$out/$side/truth/"
  # All films, and the truth of those with metal alone.
  ln -s "$(realpath "$film")" "$out/pairs/"
  [[ $side == bare ]] || ln -s "$(realpath "$twins/truth/$study")" "$out/pairs/truth/"
done

methods=(standard report brightness)
for method in "${methods[@]}"; do
  echo
  echo "## spine-restore --method $method, $count pairs of simulated films"
  some_may_fail "$bin/spine-restore" "$twins" --method "$method" -o "$out/restored_$method"
  "$bin/spine-eval" "$out/restored_$method" "$twins" --restoration -o "$out/tables/$method" --force
done
for inpainting in telea navier-stokes; do
  echo
  echo "## The standard mask filled in by --inpainting $inpainting"
  some_may_fail "$bin/spine-restore" "$out/implanted" --inpainting $inpainting -o "$out/restored_$inpainting"
  "$bin/spine-eval" "$out/restored_$inpainting" "$out/pairs" --restoration \
    -o "$out/tables/$inpainting" --force | grep -E "figure|---|PSNR|SSIM"
done
echo
echo "## Seconds a film of spine-restore, files and preview included"
awk -F'[:,]' '/"seconds":/ { s = $2 } /"done":/ { n = $2 } /"restore":/ { r = $2 }
  END { printf "%.2f, of which restoring %.2f\n", s / n, r / n }' "$out/restored_standard/run.json"

# A row of mean Dice by structure.
dice_row() {
  awk -F, -v name="$2" '
    NR > 1 && $3 != "" { sum[$2] += $3; count[$2]++ }
    END {
      split("L1 L2 L3 L4 L5 S F1 F2", structures, " ")
      printf "| %s |", name
      for (i = 1; i <= 8; ++i) {
        s = structures[i]; mean = sum[s] / count[s]; all += mean
        printf " %.3f |", mean
      }
      printf " %.3f |\n", all / 8
    }' "$1/dice.csv"
}
# What restoration gains, percent of what it was without.
gain_row() {
  paste -d'|' <(dice_row "$1" x) <(dice_row "$2" x) | awk -F'|' -v name="$3" '{
    printf "| %s |", name
    for (i = 3; i <= 11; ++i) printf " %+.1f %% |", 100 * ($(i + 12) / $i - 1)
    printf "\n" }'
}

echo
echo "## Dice of a segmenter that never saw metal (trans_unet_small_implant_free)"
echo
echo "| films | L1 | L2 | L3 | L4 | L5 | S | F1 | F2 | average |"
echo "|---|---|---|---|---|---|---|---|---|---|"
segment() { # FILMS SIDE NAME TITLE WEIGHTS
  some_may_fail "$bin/spine-seg" "$1" --weights "$5" -o "$out/seg_$3"
  "$bin/spine-eval" "$out/seg_$3" "$out/$2/truth" -o "$out/tables/seg_$3" --force >/dev/null
  dice_row "$out/tables/seg_$3" "$4"
}
free=trans_unet_small_implant_free
segment "$out/bare" bare bare "twins without metal" $free
segment "$out/implanted" implanted unrestored "unrestored" $free
for method in "${methods[@]}"; do
  restored=$out/restored_implanted_$method
  rm -rf "$restored" && mkdir "$restored"
  for study in "$out/restored_$method"/*-implant; do ln -s "$(realpath "$study")" "$restored/"; done
  segment "$restored" implanted "$method" "restored, $method" $free
done
gain_row "$out/tables/seg_unrestored" "$out/tables/seg_standard" "gain, standard"
echo
echo "## Dice of the default segmenter, which metal was shown to"
echo
echo "| films | L1 | L2 | L3 | L4 | L5 | S | F1 | F2 | average |"
echo "|---|---|---|---|---|---|---|---|---|---|"
segment "$out/bare" bare default_bare "twins without metal" default
segment "$out/implanted" implanted default_unrestored "unrestored" default
segment "$out/restored_implanted_standard" implanted default_restored "restored, standard" default

for side in bare implanted; do
  for restore in never auto; do
    echo
    echo "## Whole pipeline, default weights, --restore $restore: $side films"
    some_may_fail "$bin/spine-pipeline" "$out/$side" --restore $restore -o "$out/pipeline_${side}_$restore"
    "$bin/spine-eval" "$out/pipeline_${side}_$restore" "$out/$side/truth" --landmarks-only \
      -o "$out/tables/pipeline_${side}_$restore" --force
  done
done

echo
echo "## Mean absolute error with metal, times that without"
echo
echo "| --restore | PT | SS | PI | LL |"
echo "|---|---|---|---|---|"
for restore in never auto; do
  echo -n "| $restore |"
  for name in PT SS PI LL; do
    cat "$out/tables/pipeline_bare_$restore/summary.csv" \
      "$out/tables/pipeline_implanted_$restore/summary.csv" |
      awk -F, -v name=$name '
        $1 == "metric" { for (i = 1; i <= NF; ++i) if ($i == "MAE") c = i }
        $1 == name { e[++n] = $c } END { printf " %.2f |", e[2] / e[1] }'
  done
  echo
done

if [[ -n $real ]]; then
  echo
  echo "## Real films without metal: those that spine-restore changed"
  some_may_fail "$bin/spine-restore" "$real" -o "$out/real"
  awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "implant_count") c = i; next }
           $c > 0 { print $1; ++changed } END { print changed + 0 " of " NR - 1 " films" }' \
    "$out/real/measurements.csv"
fi
