#!/usr/bin/env bash
# Trains the default weights anew, on simulated films alone, and enters them in a manifest: patients are
# projected once, then the first look learns on whole films of 128 and of 192 pixels, then the second
# look on magnified parts. The hours are those of two processor threads; a run that was interrupted goes
# on where it stopped when the script is started again.
#
#   scripts/train_default.sh WORK [--anatomy DIR] [--patients N] [--hours H] [--manifest FILE]
#
#   WORK            folder for path-length maps (1.2 MB a patient), checkpoints and curves
#   --anatomy DIR   mean meshes; half of the patients come from them (default: parametric ones only)
#   --patients N    patients (default 4000)
#   --hours H       hours of training in all (default 5)
#   --manifest FILE where to enter the weights (default WORK/weights/manifest.json)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() {
  echo "train_default.sh: $*" >&2
  exit "${code:-1}"
}

work="" anatomy="" patients=4000 hours=5 manifest=""
while (($#)); do
  case $1 in
    --anatomy) anatomy=$2; shift 2 ;;
    --patients) patients=$2; shift 2 ;;
    --hours) hours=$2; shift 2 ;;
    --manifest) manifest=$2; shift 2 ;;
    -*) code=2 die "unknown option $1" ;;
    *) work=$1; shift ;;
  esac
done
[[ -n $work ]] || code=2 die "expected a folder to work in"
manifest=${manifest:-$work/weights/manifest.json}
train=build/release/bin/spine-train
[[ -x $train ]] || die "expected $train; run scripts/test.sh first"

network=weights/configs/trans_unet_small.json
films=(--cache "$work/cache" --anatomy-kind parametric)
[[ -n $anatomy ]] && films=(--cache "$work/cache" --anatomy "$anatomy" --anatomy-kind mixed)
mkdir -p "$work" "$(dirname "$manifest")"
sed 's/"input_size": *[0-9]*/"input_size": 128/' "$network" >"$work/network_128.json"

# part NAME SHARE OPTIONS...: trains for a share of the hours, or goes on with it.
part() {
  local name=$1 share=$2
  shift 2
  local resume=()
  [[ -f $work/$name/checkpoint.pt ]] && resume=(--resume)
  "$train" seg "${films[@]}" -o "$work/$name" --batch 4 --grey-strength 0.4 --workers 1 \
    --hours "$(awk -v h="$hours" -v s="$share" 'BEGIN { print h * s }')" "$@" "${resume[@]}"
}

"$train" cache "${films[@]}" --films "$patients"
part whole_128 0.1 --network "$work/network_128.json" --lr 1.2e-3
part whole_192 0.6 --network "$network" --start "$work/whole_128/best.safetensors" --lr 7e-4
part close_up 0.3 --network "$network" --start "$work/whole_192/best.safetensors" --lr 8e-4 --close-up

"$train" export -o "$work/whole_192" --name trans_unet_small --manifest "$manifest" --default
"$train" export -o "$work/close_up" --name trans_unet_small_close_up --manifest "$manifest" \
  --close-up-of trans_unet_small
echo "to use them: SPINE_WEIGHTS_DIR=$(dirname "$manifest")"
