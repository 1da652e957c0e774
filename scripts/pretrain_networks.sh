#!/usr/bin/env bash
# Trains the networks from which scripts/reproduce_tables.sh starts, as the published ones started from
# ImageNet: U-Net, Swin-Unet and TransUNet, on simulated patients without implants that are in no
# cohort (seeds from 3,200,000), and adds them to a manifest. U-Net and Swin-Unet learn films of 128
# pixels first; TransUNet starts from trans_unet_small_implant_free. About three hours on two
# processor threads with bfloat16; an interrupted run is resumed when the script is started again.
#
#   scripts/pretrain_networks.sh WORK [--anatomy DIR] [--patients N] [--share F] [--manifest FILE]
#
#   WORK            folder for path-length maps (1.2 MB per patient), checkpoints and curves
#   --anatomy DIR   mean meshes; half of the patients come from them (default: parametric ones only)
#   --patients N    patients (default 5000)
#   --share F       fraction of the steps, for trials (default 1)
#   --manifest FILE manifest to add the weights to (default WORK/weights/manifest.json)
set -euo pipefail
export LC_ALL=C.UTF-8  # awk reads and writes numbers as the locale says
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() {
  echo "pretrain_networks.sh: $*" >&2
  exit "${code:-1}"
}

work="" patients=5000 share=1 manifest="" kind=(--anatomy-kind parametric)
while (($#)); do
  case $1 in
    --anatomy) kind=(--anatomy "$2" --anatomy-kind mixed); shift 2 ;;
    --patients) patients=$2; shift 2 ;;
    --share) share=$2; shift 2 ;;
    --manifest) manifest=$2; shift 2 ;;
    -*) code=2 die "unknown option $1" ;;
    *) work=$1; shift ;;
  esac
done
[[ -n $work ]] || code=2 die "expected a folder to work in"
manifest=${manifest:-$work/weights/manifest.json}
train=${SPINE_BIN:-build/release/bin}/spine-train
[[ -x $train ]] || die "expected $train; run scripts/test.sh first"

configs=weights/configs
films=(--cache "$work/cache" "${kind[@]}" --first-seed 3200000)
mkdir -p "$work" "$(dirname "$manifest")"
sed 's/"input_size": *[0-9]*/"input_size": 128/' "$configs/unet_small.json" >"$work/unet_128.json"
sed 's/"input_size": *[0-9]*/"input_size": 128/; s/"window": *[0-9]*/"window": 4/' "$configs/swin_unet_small.json" \
  >"$work/swin_128.json"

# part NAME NETWORK STEPS OPTIONS...: trains, or resumes training.
part() {
  local name=$1 network=$2 steps
  steps=$(awk -v n="$3" -v f="$share" 'BEGIN { n = int(n * f + 0.5); print n < 1 ? 1 : n }')
  shift 3
  grep -q "\"steps\": $steps,\?\$" "$work/$name/training.json" 2>/dev/null && return
  local resume=()
  [[ -f $work/$name/checkpoint.pt ]] && resume=(--resume)
  "$train" seg "${films[@]}" --without-implants -o "$work/$name" --network "$network" --steps "$steps" --batch 8 \
    --precision bf16 --grey-strength 0.4 "$@" "${resume[@]}"
}
export_as() { "$train" export -o "$work/$1" --name "$2" --manifest "$manifest"; }

"$train" cache "${films[@]}" --films "$patients"
part unet_128 "$work/unet_128.json" 3000 --lr 1.5e-3
part swin_128 "$work/swin_128.json" 8000 --lr 8e-4
part unet_256 "$configs/unet_small.json" 3000 --lr 1e-3 --start "$work/unet_128/best.safetensors"
part swin_256 "$configs/swin_unet_small.json" 2500 --lr 6e-4 --start "$work/swin_128/best.safetensors"
part trans_256 "$configs/trans_unet_small_256.json" 4000 --lr 8e-4 \
  --start weights/trans_unet_small_implant_free.safetensors
export_as unet_256 unet_small
export_as swin_256 swin_unet_small
export_as trans_256 trans_unet_small_256
