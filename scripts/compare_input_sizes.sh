#!/usr/bin/env bash
# Comparison of input sizes of the whole-film prediction: the default weights are trained further at
# 192, 256 and 512 pixels for the same time each, and evaluated on films of unseen patients, alone
# and followed by the ROI refinement and endplate networks of the default chain. Prints a Markdown
# table: Dice, mean absolute errors in degrees, seconds per film on this machine.
#
#   scripts/compare_input_sizes.sh WORK --anatomy DIR [--minutes N]
#
#   WORK           folder of ablate_endplates.sh, whose maps and films are used
#   --anatomy DIR  mean meshes
#   --minutes N    training time for each size (default 10); finished runs are not repeated
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work="" anatomy="" minutes=10
while (($#)); do
  case $1 in
    --anatomy) anatomy=$2; shift 2 ;;
    --minutes) minutes=$2; shift 2 ;;
    -*) echo "compare_input_sizes.sh: unknown option $1" >&2; exit 2 ;;
    *) work=$1; shift ;;
  esac
done
[[ -n $work && -n $anatomy ]] || { echo "compare_input_sizes.sh: expected a folder and --anatomy" >&2; exit 2; }
[[ -d $work/maps && -d $work/films_parametric && -d $work/films_meshes ]] ||
  { echo "compare_input_sizes.sh: run scripts/ablate_endplates.sh $work first" >&2; exit 1; }
source scripts/tables.sh
bin=build/release/bin

# Fifty films of each kind in one folder.
films=$work/films_both
rm -rf "$films" && mkdir -p "$films/truth"
for kind in parametric meshes; do
  for film in $(ls "$work/films_$kind"/*.png | head -n 50); do
    study=$(basename "$film" .png)
    ln -s "$(realpath "$film")" "$films/$kind-$study.png"
    ln -s "$(realpath "$work/films_$kind/truth/$study")" "$films/truth/$kind-$study"
  done
done

learn() { # SIZE
  local run=$work/size_$1
  [[ -f $run/best.safetensors ]] && return
  mkdir -p "$run"
  sed "s/\"input_size\": [0-9]*/\"input_size\": $1/" weights/configs/trans_unet_small.json >"$run.json"
  "$bin/spine-train" seg --network "$run.json" --start weights/trans_unet_small.safetensors \
    --cache "$work/maps" --anatomy "$anatomy" --anatomy-kind mixed --first-seed 1080000 --last-seed 1099999 \
    -o "$run" --hours "$(awk -v m="$minutes" 'BEGIN { print m / 60 }')" --batch 8 --workers 1 --lr 5e-4 \
    --warmup 20 --ema 0.99 --grey-strength 0.4 --validation-films 0 2>"$run.log"
}

judge() { # OUT
  "$bin/spine-eval" "$1" "$films/truth" -o "$1.tables" --force >/dev/null
  mean_dice "$1.tables"
  errors_of "$1.tables" MAE
}

seconds() { # OUT
  awk -F'[:,]' '/"seconds":/ { s = $2 } /"done":/ { n = $2 } END { printf " %.2f |", s / n }' "$1/run.json"
}

echo "| pixels | samples | alone: Dice | PT / SS / PI / LL | s per film | with ROI refinement: Dice | PT / SS / PI / LL | LL measured, % | s per film |"
echo "|---|---|---|---|---|---|---|---|---|"
for size in 192 256 512; do
  learn "$size"
  run=$work/size_$size weights=$work/size_$size/best.safetensors
  rm -rf "$run.alone" "$run.chain"
  some_may_fail "$bin/spine-pipeline" "$films" -o "$run.alone" --weights "$weights"
  some_may_fail "$bin/spine-pipeline" "$films" -o "$run.chain" --weights "$weights" \
    --roi trans_unet_small_roi --endplates endplate_net_small
  samples=$(awk -F'[:,]' '/"samples":/ { n = $2 } END { print n }' "$run/training.json")
  echo "| $size |$samples |$(judge "$run.alone")$(seconds "$run.alone")$(judge "$run.chain")$(
    statistic_of "$run.chain.tables" LL % %.0f)$(seconds "$run.chain")"
done
