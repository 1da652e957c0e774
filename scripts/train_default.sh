#!/usr/bin/env bash
# Trains the default weights from scratch, on simulated films only, and adds them to a manifest.
# Patients, many of them with implants, are projected once, some of them finely. Segmentation: the
# whole-film network is trained on implant-free films of 128 and of 192 pixels, then also on films
# with implants; the ROI network likewise on magnified regions, then on films most of which contain
# implants, and finally on fine maps. The weights trained without implants are added too, for the
# experiment of scripts/figures_restoration.sh. Restoration: an autoencoder is trained on
# implant-free films of 128 and of 192 pixels, and the implant detection network starts from the
# whole-film network; its ROI network is trained on magnified regions of patients whose maps resolve
# the pins of cages. The endplate network is trained on fine maps too, then on patients with
# varied lumbosacral junctions, and both are averaged. Hours refer to two processor
# threads; an interrupted run is resumed when the script is started again.
#
#   scripts/train_default.sh WORK [--anatomy DIR] [--patients N] [--hours H] [--manifest FILE]
#
#   WORK            folder for path-length maps (1.2 MB per patient, 5 MB per finely projected one),
#                   checkpoints and curves
#   --anatomy DIR   mean meshes; half of the patients come from them (default: parametric ones only)
#   --patients N    patients of the set with 40 % implants, as many of the set with 70 %; a fifth of that
#                   with 70 % implants and fine maps, twice half of it with 15 % and fine maps (default 6500)
#   --hours H       total hours of training (default 8)
#   --manifest FILE manifest to add the weights to (default WORK/weights/manifest.json)
set -euo pipefail
export LC_ALL=C.UTF-8  # awk reads and writes numbers as the locale says
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() {
  echo "train_default.sh: $*" >&2
  exit "${code:-1}"
}

work="" anatomy="" patients=6500 hours=8 manifest=""
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

configs=weights/configs
simulated=(--cache "$work/cache" --anatomy-kind parametric)
[[ -n $anatomy ]] && simulated=(--cache "$work/cache" --anatomy "$anatomy" --anatomy-kind mixed)
# Patients of whom 40 % have implants, and others of whom 70 % have.
first_implants=1010000 first_fine=1040000 first_fine_bare=1060000
some_implants=("${simulated[@]}" --implants 0.4 --last-seed $((first_implants - 1)))
much_implants=("${simulated[@]}" --implants 0.7 --first-seed $first_implants)
fine=(--cache "$work/cache_fine" "${simulated[@]:2}")
fine_implants=("${fine[@]}" --implants 0.7 --first-seed $first_fine --last-seed $((first_fine_bare - 1)))
fine_bare=("${fine[@]}" --implants 0.15 --first-seed $first_fine_bare)
junctions=(--cache "$work/cache_junctions" "${simulated[@]:2}" --implants 0.15 --junctions 0.75 --first-seed 1080000)
films=("${some_implants[@]}")
mkdir -p "$work" "$(dirname "$manifest")"
sed 's/"input_size": *[0-9]*/"input_size": 128/' "$configs/trans_unet_small.json" >"$work/network_128.json"
sed 's/"input_size": *[0-9]*/"input_size": 128/' "$configs/vqgan_small.json" >"$work/vqgan_128.json"

# part KIND NAME SHARE OPTIONS...: trains for a share of the hours, or resumes training.
part() {
  local kind=$1 name=$2 share=$3 batch=4
  [[ $kind == endplate-net ]] && batch=6
  shift 3
  local resume=()
  [[ -f $work/$name/checkpoint.pt ]] && resume=(--resume)
  "$train" "$kind" "${films[@]}" -o "$work/$name" --batch $batch --workers 1 \
    --hours "$(awk -v h="$hours" -v s="$share" 'BEGIN { print h * s }')" "$@" "${resume[@]}"
}
seg() { part seg "$@" --grey-strength 0.4; }
vqgan() { part vqgan "$@" --no-marks --random-erasing 0.7 --adversarial-weight 0; }
best() { echo "$work/$1/best.safetensors"; }

"$train" cache "${some_implants[@]}" --films "$patients"
"$train" cache "${much_implants[@]}" --films "$patients"
"$train" cache "${fine_implants[@]}" --films $((patients / 5)) --rows 896
"$train" cache "${fine_bare[@]}" --films $((patients / 2)) --rows 896
"$train" cache "${junctions[@]}" --films $((patients / 2)) --rows 896
small=$configs/trans_unet_small.json
seg bare_128 0.05 --network "$work/network_128.json" --lr 1.2e-3 --without-implants
seg bare_192 0.20 --network "$small" --start "$(best bare_128)" --lr 7e-4 --without-implants
seg bare_roi 0.12 --network "$small" --start "$(best bare_192)" --lr 8e-4 --roi --without-implants
seg whole_192 0.10 --network "$small" --start "$(best bare_192)" --lr 8e-4 --restored 0.25
seg roi_some 0.07 --network "$small" --start "$(best bare_roi)" --lr 7e-4 --roi --restored 0.25
vqgan drawn_128 0.05 --network "$work/vqgan_128.json" --lr 1e-3 --quantiser-start 0.08
vqgan drawn 0.05 --network "$configs/vqgan_small.json" --start "$(best drawn_128)" --lr 1e-3 --quantiser-start 0.03
seg implant 0.09 --network "$configs/implant_net_small.json" --start "$(best whole_192)" --lr 8e-4 --implant-masks \
  --validation-films 100
films=("${much_implants[@]}")
seg roi_coarse 0.09 --network "$small" --start "$(best roi_some)" --lr 7e-4 --roi --restored 0.4
films=("${fine_implants[@]}")
seg implant_roi 0.05 --network "$configs/implant_net_small.json" --start "$(best implant)" --lr 8e-4 \
  --implant-masks --roi
films=("${fine[@]}" --implants 0.15 --first-seed $first_fine)
seg roi 0.05 --network "$small" --start "$(best roi_coarse)" --lr 5e-4 --roi --restored 0.4
part endplate-net endplates 0.08 --network "$configs/endplate_net_small.json" --lr 3e-3 --warmup 150 \
  --restored 0.3 --foreign 0.02 --validation-films 40
films=("${junctions[@]}")
part endplate-net endplates_junctions 0.08 --network "$configs/endplate_net_small.json" --start "$(best endplates)" \
  --lr 2e-3 --warmup 100 --restored 0.3 --foreign 0.02 --validation-films 40

export_as() {
  local run=$1 name=$2
  shift 2
  "$train" export -o "$work/$run" --name "$name" --manifest "$manifest" "$@"
}
export_as whole_192 trans_unet_small --default
export_as roi trans_unet_small_roi --roi-of trans_unet_small
export_as endplates_junctions endplate_net_small --endplates-of trans_unet_small --average "$(best endplates)"
export_as bare_192 trans_unet_small_implant_free
export_as bare_roi trans_unet_small_implant_free_roi --roi-of trans_unet_small_implant_free
export_as drawn vqgan_small --default
export_as implant implant_net_small --implant-model-of vqgan_small
export_as implant_roi implant_net_small_roi --roi-of implant_net_small
echo "to use them: SPINE_WEIGHTS_DIR=$(dirname "$manifest")"
