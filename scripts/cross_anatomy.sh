#!/usr/bin/env bash
# Generalisation across anatomies: ROI and endplate networks trained from scratch in short runs on
# parametric bones alone or on published meshes alone, evaluated on films of unseen patients of
# both. The whole-film prediction, which only locates the bodies, uses the default weights, trained
# on both. Prints a Markdown table: Dice, and means and medians of absolute errors in degrees.
#
#   scripts/cross_anatomy.sh WORK --anatomy DIR [--steps N]
#
#   WORK           folder of ablate_endplates.sh, whose maps, films and endplate runs are used
#   --anatomy DIR  mean meshes
#   --steps N      training steps of the ROI network (default 1000, eight samples each); finished runs
#                   are not repeated
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work="" anatomy="" steps=1000
while (($#)); do
  case $1 in
    --anatomy) anatomy=$2; shift 2 ;;
    --steps) steps=$2; shift 2 ;;
    -*) echo "cross_anatomy.sh: unknown option $1" >&2; exit 2 ;;
    *) work=$1; shift ;;
  esac
done
[[ -n $work && -n $anatomy ]] || { echo "cross_anatomy.sh: expected a folder and --anatomy" >&2; exit 2; }
for kind in parametric meshes; do
  [[ -f $work/$kind/best.safetensors && -d $work/films_$kind ]] ||
    { echo "cross_anatomy.sh: run scripts/ablate_endplates.sh $work first" >&2; exit 1; }
done
source scripts/tables.sh
bin=build/release/bin
declare -A first=([parametric]=1080000 [meshes]=1090000)

learn() { # KIND
  local run=$work/roi_$1 weights=$work/weights_$1
  if ! grep -q "\"steps\": $steps,\?\$" "$run/training.json" 2>/dev/null; then
    rm -rf "$run"
    "$bin/spine-train" seg --roi --network weights/configs/trans_unet_small.json --cache "$work/maps" \
      --anatomy "$anatomy" --anatomy-kind mixed --first-seed "${first[$1]}" \
      --last-seed $((${first[$1]} + 9999)) -o "$run" --steps "$steps" --batch 8 --workers 1 --lr 1.5e-3 \
      --warmup 100 --ema 0.995 --grey-strength 0.4 --validation-films 0 2>"$run.log"
  fi
  rm -rf "$weights"
  cp -r weights "$weights"
  local enter=("$bin/spine-train" export --manifest "$weights/manifest.json")
  "${enter[@]}" -o "$run" --name roi --roi-of trans_unet_small >/dev/null 2>&1
  "${enter[@]}" -o "$work/$1" --name endplates --endplates-of trans_unet_small >/dev/null 2>&1
}

judge() { # LEARNED ASKED
  local out=$work/cross_$1_$2
  SPINE_WEIGHTS_DIR=$work/weights_$1 some_may_fail "$bin/spine-pipeline" "$work/films_$2" -o "$out"
  "$bin/spine-eval" "$out" "$work/films_$2/truth" -o "$out.tables" --force >/dev/null
  mean_dice "$out.tables"
  errors_of "$out.tables" MAE
  errors_of "$out.tables" median
}

echo "| trained on | parametric: Dice | PT / SS / PI / LL | medians | meshes: Dice | PT / SS / PI / LL | medians |"
echo "|---|---|---|---|---|---|---|"
for kind in parametric meshes; do
  learn $kind
  echo "| $kind |$(judge $kind parametric)$(judge $kind meshes)"
done
