#!/usr/bin/env bash
# Computes the figures of weights/README.md on films with implants: simulated films, each with an
# implant-free twin, that were not used for training or tuning. Prints them as Markdown.
#
#   scripts/figures_restoration.sh [OUT] [--anatomy DIR] [--count N] [--real FILMS]
#
#   OUT             folder for films, predictions and tables (default build/figures_restoration)
#   --anatomy DIR   mean meshes; half of the films come from them (default: parametric films only)
#   --count N       pairs of films (default 200)
#   --real FILMS    folder of real films without implants: none should be changed; with a rater's landmarks
#                   beside them (and python3-opencv) simulated implants are pasted into them as well
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Training uses seeds from 1,000,000, validation from 900,000, figures.sh from 700,000.
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

source scripts/tables.sh

twins=$out/twins
[[ -f $twins/studies.csv ]] ||
  "$bin/spine-simulate" -o "$twins" --implants twins --count "$count" --seed "$test_seed" "${kind[@]}"

# Films with and without implants, each with their truth, in separate folders.
rm -rf "$out/implanted" "$out/bare" "$out/pairs"
mkdir -p "$out/implanted/truth" "$out/bare/truth" "$out/pairs/truth"
for film in "$twins"/*.png; do
  study=$(basename "$film" .png)
  side=bare
  [[ $study == *-implant ]] && side=implanted
  ln -s "$(realpath "$film")" "$out/$side/"
  ln -s "$(realpath "$twins/truth/$study")" "$out/$side/truth/"
  # All films, but the truth of those with implants only.
  ln -s "$(realpath "$film")" "$out/pairs/"
  [[ $side == bare ]] || ln -s "$(realpath "$twins/truth/$study")" "$out/pairs/truth/"
done

methods=(standard baseline brightness)
for method in "${methods[@]}"; do
  echo
  echo "## spine-restore --method $method, $count pairs of simulated films"
  # Text is not redacted, as pixels outside the mask are compared.
  some_may_fail "$bin/spine-restore" "$twins" --keep-identifiers --method "$method" -o "$out/restored_$method"
  "$bin/spine-eval" "$out/restored_$method" "$twins" --restoration -o "$out/tables/$method" --force
done
echo
echo "## Seconds per film of spine-restore, including files and preview"
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
    }' "$out/tables/$1/dice.csv"
}
# Change by restoration, in percent of the value without.
gain_row() {
  paste -d'|' <(dice_row "$1" x) <(dice_row "$2" x) | awk -F'|' -v name="$3" '{
    printf "| %s |", name
    for (i = 3; i <= 11; ++i) printf " %+.1f %% |", 100 * ($(i + 12) / $i - 1)
    printf "\n" }'
}
dice_head() {
  echo
  echo "## Dice, $1"
  echo
  echo "| films | L1 | L2 | L3 | L4 | L5 | S | F1 | F2 | average |"
  echo "|---|---|---|---|---|---|---|---|---|---|"
}

# The prototype's experiment: a segmentation network trained without implants, without and with
# restoration.
free=trans_unet_small_implant_free
segment_free() { # FILMS SIDE NAME
  some_may_fail "$bin/spine-seg" "$1" --weights $free -o "$out/$3"
  some_may_fail "$bin/spine-measure" "$out/$3" -o "$out/$3"
  "$bin/spine-eval" "$out/$3" "$out/$2/truth" -o "$out/tables/$3" --force >/dev/null
}
segment_free "$out/bare" bare free_bare
segment_free "$out/implanted" implanted free_unrestored
for method in "${methods[@]}"; do
  restored=$out/restored_implanted_$method
  rm -rf "$restored" && mkdir "$restored"
  for study in "$out/restored_$method"/*-implant; do ln -s "$(realpath "$study")" "$restored/"; done
  segment_free "$restored" implanted "free_$method"
done
dice_head "segmentation weights trained without implants ($free)"
dice_row free_bare "twins without implants"
dice_row free_unrestored "with implants, unrestored"
for method in "${methods[@]}"; do dice_row "free_$method" "with implants, restored: $method"; done
for method in "${methods[@]}"; do gain_row free_unrestored "free_$method" "gain of $method"; done

# The default weights, trained with implants.
run_pipeline() { # SIDE RESTORE
  some_may_fail "$bin/spine-pipeline" "$out/$1" --restore "$2" -o "$out/default_$1_$2"
  "$bin/spine-eval" "$out/default_$1_$2" "$out/$1/truth" -o "$out/tables/default_$1_$2" --force
}
for run in "bare auto" "implanted never" "implanted auto"; do
  read -r side restore <<<"$run"
  echo
  echo "## Whole pipeline, default weights, --restore $restore: $side films"
  run_pipeline "$side" "$restore"
done
dice_head "default weights, trained with implants"
dice_row default_bare_auto "twins without implants"
dice_row default_implanted_never "with implants, unrestored"
dice_row default_implanted_auto "with implants, film and restored film (--restore auto)"

# Mean absolute errors on films with implants, and their ratio to those on the twins.
error_row() { # TABLE OF_TWINS NAME
  echo -n "| $3 |"
  for name in PT SS PI LL; do
    cat "$out/tables/$2/summary.csv" "$out/tables/$1/summary.csv" | awk -F, -v name=$name '
      $1 == "metric" { for (i = 1; i <= NF; ++i) if ($i == "MAE") c = i }
      $1 == name { e[++n] = $c } END { printf " %.2f (%.2f) |", e[2], e[2] / e[1] }'
  done
  echo
}
echo
echo "## Mean absolute error in degrees, and ratio to the twins"
echo
echo "| films, weights | PT | SS | PI | LL |"
echo "|---|---|---|---|---|"
error_row free_bare free_bare "twins, trained without implants"
error_row free_unrestored free_bare "with implants, trained without implants, unrestored"
error_row free_standard free_bare "with implants, trained without implants, restored"
error_row default_bare_auto default_bare_auto "twins, default"
error_row default_implanted_never default_bare_auto "with implants, default, unrestored"
error_row default_implanted_auto default_bare_auto "with implants, default, --restore auto"

if [[ -n $real ]]; then
  echo
  echo "## Real films without implants: those changed by spine-restore"
  some_may_fail "$bin/spine-restore" "$real" -o "$out/real"
  awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "implant_count") c = i; next }
           $c > 0 { print $1; ++changed } END { print changed + 0 " of " NR - 1 " films" }' \
    "$out/real/measurements.csv"
  if /usr/bin/python3 -c 'import cv2' 2>/dev/null; then
    echo
    echo "## Real films with simulated implants pasted in"
    rm -rf "$out/pasted"
    /usr/bin/python3 scripts/paste_hardware.py "$real" "$twins" "$out/pasted"
    some_may_fail "$bin/spine-restore" "$out/pasted" --keep-identifiers -o "$out/restored_pasted"
    "$bin/spine-eval" "$out/restored_pasted" "$out/pasted" --restoration -o "$out/tables/pasted" --force
  fi
fi

for inpainting in telea navier-stokes; do
  echo
  echo "## The standard mask inpainted by --inpainting $inpainting"
  some_may_fail "$bin/spine-restore" "$out/implanted" --inpainting $inpainting -o "$out/restored_$inpainting"
  "$bin/spine-eval" "$out/restored_$inpainting" "$out/pairs" --restoration \
    -o "$out/tables/$inpainting" --force | grep -E "figure|---|PSNR|SSIM"
done
