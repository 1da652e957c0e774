#!/usr/bin/env bash
# Trains the default weights anew, on simulated films alone, and enters them in a manifest. Patients, many
# of them with metal, are projected once, some of them finely. Segmentation: the first look learns on whole
# films of 128 and of 192 pixels without metal, then on films with metal as well; the second look does so on
# magnified parts, then on films most of which show metal, and at last on fine maps. What saw no metal is
# entered too, for the experiment of scripts/figures_restoration.sh. Restoration: an autoencoder learns on
# films without metal, of 128 and of 192 pixels, and the network that sees metal starts from the first look;
# its second look learns on magnified parts of patients whose maps are fine enough for the pins of cages. The
# network that draws endplates learns on fine maps too. The hours are those of two processor threads; a run
# that was interrupted goes on where it stopped when the script is started again.
#
#   scripts/train_default.sh WORK [--anatomy DIR] [--patients N] [--hours H] [--manifest FILE]
#
#   WORK            folder for path-length maps (1.2 MB a patient, 5 MB a finely projected one),
#                   checkpoints and curves
#   --anatomy DIR   mean meshes; half of the patients come from them (default: parametric ones only)
#   --patients N    patients with some metal, as many with much; a fifth of that with much metal and fine
#                   maps, and half of it with little metal and fine maps (default 6500)
#   --hours H       hours of training in all (default 8)
#   --manifest FILE where to enter the weights (default WORK/weights/manifest.json)
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
# Patients four in ten of whom have metal, and other ones of whom seven have.
first_metal=1010000 first_fine=1040000 first_fine_bare=1060000
some_metal=("${simulated[@]}" --implants 0.4 --last-seed $((first_metal - 1)))
much_metal=("${simulated[@]}" --implants 0.7 --first-seed $first_metal)
fine=(--cache "$work/cache_fine" "${simulated[@]:2}")
fine_metal=("${fine[@]}" --implants 0.7 --first-seed $first_fine --last-seed $((first_fine_bare - 1)))
fine_bare=("${fine[@]}" --implants 0.15 --first-seed $first_fine_bare)
films=("${some_metal[@]}")
mkdir -p "$work" "$(dirname "$manifest")"
sed 's/"input_size": *[0-9]*/"input_size": 128/' "$configs/trans_unet_small.json" >"$work/network_128.json"
sed 's/"input_size": *[0-9]*/"input_size": 128/' "$configs/vqgan_small.json" >"$work/vqgan_128.json"

# part KIND NAME SHARE OPTIONS...: trains for a share of the hours, or goes on with it.
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

"$train" cache "${some_metal[@]}" --films "$patients"
"$train" cache "${much_metal[@]}" --films "$patients"
"$train" cache "${fine_metal[@]}" --films $((patients / 5)) --rows 896
"$train" cache "${fine_bare[@]}" --films $((patients / 2)) --rows 896
small=$configs/trans_unet_small.json
seg bare_128 0.05 --network "$work/network_128.json" --lr 1.2e-3 --without-metal
seg bare_192 0.20 --network "$small" --start "$(best bare_128)" --lr 7e-4 --without-metal
seg bare_close_up 0.12 --network "$small" --start "$(best bare_192)" --lr 8e-4 --roi --without-metal
seg whole_192 0.10 --network "$small" --start "$(best bare_192)" --lr 8e-4 --restored 0.25
seg close_up_some 0.07 --network "$small" --start "$(best bare_close_up)" --lr 7e-4 --roi --restored 0.25
vqgan drawn_128 0.05 --network "$work/vqgan_128.json" --lr 1e-3 --quantiser-start 0.08
vqgan drawn 0.05 --network "$configs/vqgan_small.json" --start "$(best drawn_128)" --lr 1e-3 --quantiser-start 0.03
seg metal 0.09 --network "$configs/implant_finder_small.json" --start "$(best whole_192)" --lr 8e-4 --metal \
  --validation-films 100
films=("${much_metal[@]}")
seg close_up_coarse 0.09 --network "$small" --start "$(best close_up_some)" --lr 7e-4 --roi --restored 0.4
films=("${fine_metal[@]}")
seg metal_close_up 0.05 --network "$configs/implant_finder_small.json" --start "$(best metal)" --lr 8e-4 \
  --metal --roi
films=("${fine[@]}" --implants 0.15 --first-seed $first_fine)
seg close_up 0.05 --network "$small" --start "$(best close_up_coarse)" --lr 5e-4 --roi --restored 0.4
part endplate-net endplates 0.08 --network "$configs/endplate_net_small.json" --lr 3e-3 --warmup 150 \
  --restored 0.3 --foreign 0.02 --validation-films 40

export_as() {
  local run=$1 name=$2
  shift 2
  "$train" export -o "$work/$run" --name "$name" --manifest "$manifest" "$@"
}
export_as whole_192 trans_unet_small --default
export_as close_up trans_unet_small_close_up --roi-of trans_unet_small
export_as endplates endplate_net_small --endplates-of trans_unet_small
export_as bare_192 trans_unet_small_implant_free
export_as bare_close_up trans_unet_small_implant_free_close_up --roi-of trans_unet_small_implant_free
export_as drawn vqgan_small --default
export_as metal implant_finder_small --finder-of vqgan_small
export_as metal_close_up implant_finder_small_close_up --roi-of implant_finder_small
echo "to use them: SPINE_WEIGHTS_DIR=$(dirname "$manifest")"
