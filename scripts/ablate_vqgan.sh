#!/usr/bin/env bash
# Ablation of the terms of the autoencoder's loss: short runs of 128 pixels from scratch that differ
# only in these terms, evaluated on the same validation films. Prints a Markdown table.
#
#   scripts/ablate_vqgan.sh WORK [--anatomy DIR] [--cache DIR] [--steps N]
#
#   WORK           folder for the runs; finished runs are not repeated
#   --anatomy DIR  mean meshes; half of the films come from them (default: parametric films only)
#   --cache DIR    path-length maps (default WORK/cache; if empty, 500 patients are projected)
#   --steps N      training steps per run (default 800, four films each)
set -euo pipefail
export LC_ALL=C.UTF-8  # awk reads and writes numbers as the locale says
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work="" anatomy="" cache="" steps=800
while (($#)); do
  case $1 in
    --anatomy) anatomy=$2; shift 2 ;;
    --cache) cache=$2; shift 2 ;;
    --steps) steps=$2; shift 2 ;;
    -*) echo "ablate_vqgan.sh: unknown option $1" >&2; exit 2 ;;
    *) work=$1; shift ;;
  esac
done
[[ -n $work ]] || { echo "ablate_vqgan.sh: expected a folder to work in" >&2; exit 2; }
train=build/release/bin/spine-train
films=(--cache "${cache:-$work/cache}" --anatomy-kind parametric)
[[ -n $anatomy ]] && films=(--cache "${cache:-$work/cache}" --anatomy "$anatomy" --anatomy-kind mixed)
mkdir -p "$work"
[[ -n $cache ]] || "$train" cache "${films[@]}" --films 500
network=$work/network.json
sed 's/"input_size": *[0-9]*/"input_size": 128/' weights/configs/vqgan_small.json >"$network"

echo "| loss | PSNR, dB | SSIM | codes in use (perplexity) |"
echo "|---|---|---|---|"
run() { # NAME TITLE OPTIONS...
  local out=$work/$1 title=$2
  shift 2
  if ! grep -q "\"steps\": $steps,\?\$" "$out/training.json" 2>/dev/null; then
    rm -rf "$out"
    "$train" vqgan --network "$network" "${films[@]}" -o "$out" --steps "$steps" --batch 4 --workers 1 \
      --no-marks --lr 1e-3 --quantiser-start 0.15 --validation-films 24 --adversarial-start 0.6 "$@" \
      2>"$out.log"
  fi
  # The last point of the validation curve.
  awk -v title="$title" -F'[:,]' '
    /"psnr_db"/ { psnr = $2 } /"ssim"/ { ssim = $2 } /"perplexity"/ { codes = $2 }
    END { printf "| %s |%s |%s |%s |\n", title, psnr, ssim, codes }' "$out/training.json"
}
terms() { # GRADIENT STRUCTURE ADVERSARIAL
  echo "--gradient-weight $1 --structure-weight $2 --adversarial-weight $3"
}
# shellcheck disable=SC2046  # options are words
{
  run pixel "pixels" $(terms 0 0 0)
  run gradient "pixels, gradients" $(terms 1 0 0)
  run structure "pixels, structure" $(terms 0 0.2 0)
  run both "pixels, gradients, structure" $(terms 1 0.2 0)
  run adversarial "pixels, gradients, structure, adversarial" $(terms 1 0.2 0.1)
  run erasing "pixels, gradients, structure; 70 % of the films with random erasing" $(terms 1 0.2 0) --random-erasing 0.7
}
