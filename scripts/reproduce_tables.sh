#!/usr/bin/env bash
# Reproduces the paper's tables on a cohort: trains every network with the same budget from the
# shipped pre-trained weights, evaluates it, and writes each table beside the published figures.
# Interrupted runs are resumed.
#
#   scripts/reproduce_tables.sh COHORT OUT [--steps N] [--batch N] [--seeds N] [--start shipped|random]
#                               [--sizes small|published] [--precision auto|fp32|bf16] [--threads N]
#
#   COHORT   {train,validation,test,implanted,twins}/<study>/{film.*, masks.tif, landmarks.json}, folders of
#            films implant_free and read, and raters.csv (case,rater,session,parameter,value of the films
#            in read). `spine-train cohort` makes the first from Labelme labels, simulate_cohort.sh all
#            of them; tables of missing parts are omitted.
#   --steps  of every network (default 2500), including the autoencoder; 0: no training, the tables of
#            the pre-trained weights as they are
#   --seeds  runs of each preprocessing of table 1, each with its own seed (default 1)
#   --start  shipped (default): weights/trans_unet_small_256, unet_small, swin_unet_small and vqgan_small,
#            which saw no film of any cohort and no implant, and TransUNet from random weights for
#            comparison; random: all from random weights
#   --sizes  small (default): trainable on a CPU; published: the published layouts, from random weights
#   --precision of the training (default auto: full precision on processors)
#
# OUT/tables.md holds the tables, OUT/commands.txt every command that produced a cell, OUT/runs the
# weights with their training records, OUT/results their results, OUT/plots Bland-Altman and scatter plots
# of table 3 (if matplotlib is installed). The same weights give the same tables. OUT belongs to one
# cohort and one set of options; others are rejected.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/tables.sh

cohort="" out="" steps=2500 batch=8 seeds=1 start=shipped sizes=small precision=auto threads=0
while (($#)); do
  case $1 in
    --steps) steps=$2; shift 2 ;;
    --batch) batch=$2; shift 2 ;;
    --seeds) seeds=$2; shift 2 ;;
    --start) start=$2; shift 2 ;;
    --sizes) sizes=$2; shift 2 ;;
    --precision) precision=$2; shift 2 ;;
    --threads) threads=$2; shift 2 ;;
    -*) echo "reproduce_tables.sh: unknown option $1" >&2; exit 2 ;;
    *) if [[ -z $cohort ]]; then cohort=$1; else out=$1; fi; shift ;;
  esac
done
[[ -n $cohort && -n $out ]] || { echo "reproduce_tables.sh: expected COHORT and OUT" >&2; exit 2; }
for part in train test; do
  [[ -n $(find "$cohort/$part" -mindepth 1 -maxdepth 1 2>/dev/null | head -n 1) ]] ||
    { echo "reproduce_tables.sh: $cohort: expected films in $part" >&2; exit 3; }
done
configs=weights/configs
declare -A layouts shipped=()
case $sizes in
  small) layouts=([trans_unet]=trans_unet_small_256 [unet]=unet_small [swin_unet]=swin_unet_small [vqgan]=vqgan_small) ;;
  published)
    layouts=([trans_unet]=trans_unet_r50_vit_b16 [unet]=unet [swin_unet]=swin_unet_tiny [vqgan]=vqgan_f16_1024)
    start=random ;;
  *) echo "reproduce_tables.sh: --sizes: expected small or published" >&2; exit 2 ;;
esac
case $start in
  shipped)
    for pair in trans_unet=trans_unet_small_256 unet=unet_small swin_unet=swin_unet_small vqgan=vqgan_small; do
      file=weights/${pair#*=}.safetensors
      if [[ -f $file ]]; then shipped[${pair%%=*}]=$file; fi
    done ;;
  random) ;;
  *) echo "reproduce_tables.sh: --start: expected shipped or random" >&2; exit 2 ;;
esac
if ((steps == 0)) && [[ -z ${shipped[trans_unet]:-} || -z ${shipped[vqgan]:-} ]]; then
  echo "reproduce_tables.sh: --steps 0: expected --start shipped and --sizes small, whose weights are used as they are" >&2
  exit 2
fi
bin=${SPINE_BIN:-build/release/bin}
for program in spine-train spine-seg spine-restore spine-measure spine-pipeline spine-eval; do
  [[ -x $bin/$program ]] || { echo "reproduce_tables.sh: expected $bin/$program; run scripts/test.sh first" >&2; exit 1; }
done
runs=$out/runs results=$out/results
mkdir -p "$runs" "$results"
listing=$(cd "$cohort" && find -L . -type f -printf '%P %s\n' | sort | sha256sum | cut -c1-16)
belongs_to "$out" "steps $steps, batch $batch, seeds $seeds, start $start, sizes $sizes, precision $precision, cohort $listing"
commands=$out/commands.txt
: >"$commands"

note() {
  printf '%q ' "$@" >>"$commands"
  echo >>"$commands"
}
# run COMMAND...: runs it. Exit codes 4 (some studies failed) and 3 (nothing to evaluate) are
# reported by the tables.
run() {
  local code=0
  "$@" >>"$out/log.txt" 2>&1 || code=$?
  ((code == 0 || code == 3 || code == 4)) && return $((code > 0))
  echo "reproduce_tables.sh: $1 failed; see $out/log.txt" >&2
  exit $code
}
# once FOLDER COMMAND...: logs it, and runs it unless it already produced FOLDER successfully.
once() {
  local folder=$1
  shift
  note "$@"
  [[ -f $folder/.done ]] && return
  rm -rf "$folder"
  if run "$@"; then touch "$folder/.done"; fi
}
# anew FOLDER COMMAND...: logs it and runs it for a folder of tables.
anew() {
  local folder=$1
  shift
  note "$@"
  rm -rf "$folder"
  run "$@" || true
}

# learn NAME NETWORK KIND OPTIONS...: trains, or resumes training.
learn() {
  local name=$1 network=$2 kind=$3 resume=()
  shift 3
  local command=("$bin/spine-train" "$kind" -o "$runs/$name" --network "$configs/${layouts[$network]}.json" --steps "$steps"
    --batch "$batch" --precision "$precision" --threads "$threads" "$@")
  note "${command[@]}"
  grep -q "\"steps\": $steps,\?\$" "$runs/$name/training.json" 2>/dev/null && return
  [[ -f $runs/$name/checkpoint.pt ]] && resume=(--resume)
  echo "training $name" >&2
  run "${command[@]}" "${resume[@]}"
}
# initial NETWORK: the options that start its training from the shipped weights.
initial() { if [[ -n ${shipped[$1]:-} ]]; then echo "--start ${shipped[$1]}"; fi; }
# learn_seg NAME NETWORK PREPROCESSING SEED OPTIONS...
learn_seg() {
  local name=$1 network=$2 preprocessing=$3 seed=$4 validate=(--validation-films 0)
  shift 4
  [[ -d $cohort/validation ]] && validate=(--validation-data "$cohort/validation")
  learn "$name" "$network" seg --data "$cohort/train" --preprocessing "$preprocessing" --seed "$seed" \
    --validation-steps $((steps < 15 ? 1 : steps / 15)) "${validate[@]}" "$@"
}
# weights_of RUN NETWORK: the weights of a run, or the shipped ones without training.
weights_of() { if ((steps > 0)); then echo "$runs/$1/best.safetensors"; else echo "${shipped[$2]}"; fi; }
# segment RESULT WEIGHTS INPUT...: raw masks of the network, as the published code gives.
segment() {
  local result=$results/$1 weights=$2
  shift 2
  once "$result" "$bin/spine-seg" "$@" -o "$result" --weights "$weights" --plain --threads "$threads" -q --force
}
cell() { printf '"%s"' "${1//\"/\"\"}"; } # of a CSV
# films PART: a manifest of the films of a part of the cohort.
films() {
  local manifest=$results/$1.csv study film
  echo "study_id,path" >"$manifest"
  for study in "$cohort/$1"/*/; do
    for film in "$study"film.*; do
      echo "$(cell "$(basename "$study")"),$(cell "$(realpath "$film")")" >>"$manifest"
    done
  done
  echo "$manifest"
}
evaluate() { # RESULT TRUTH
  anew "$results/$1.tables" "$bin/spine-eval" "$results/$1" "$2" -o "$results/$1.tables" --force
}

test_films=$(films test)
# judge RUN NETWORK: the Dice of a run on the test films.
judge() {
  segment "test_$1" "$(weights_of "$1" "$2")" --manifest "$test_films"
  evaluate "test_$1" "$cohort/test"
}
# tried NETWORK PREPROCESSING SEED: trains and judges; without training, judges the shipped weights.
tried() {
  # shellcheck disable=SC2046
  ((steps == 0)) || learn_seg "$1_$2_seed$3" "$1" "$2" "$3" $(initial "$1")
  judge "$1_$2_seed$3" "$1"
}
networks=(trans_unet unet swin_unet) preprocessings=(identity clahe equal_hist pen_5 pen_6)
if ((steps == 0)); then  # one TransUNet, and of the others those that are shipped
  networks=(trans_unet) preprocessings=(pen_6) seeds=1
  for n in unet swin_unet; do
    if [[ -n ${shipped[$n]:-} ]]; then networks+=("$n"); fi
  done
fi
for ((seed = 1; seed <= seeds; ++seed)); do
  for p in "${preprocessings[@]}"; do tried trans_unet "$p" "$seed"; done
done
for n in "${networks[@]:1}"; do tried "$n" pen_6 1; done
if ((steps > 0)) && [[ -n ${shipped[trans_unet]:-} ]]; then
  learn_seg trans_unet_pen_6_random trans_unet pen_6 1
  judge trans_unet_pen_6_random trans_unet
fi

# With the default weights, the whole pipeline.
pipeline() { # RESULT INPUT OPTIONS...
  local result=$results/$1
  shift
  once "$result" "$bin/spine-pipeline" "$@" -o "$result" --threads "$threads" -q --force
}
if [[ -d $cohort/implant_free && -d $cohort/implanted ]]; then
  # shellcheck disable=SC2046
  ((steps == 0)) || learn vqgan vqgan vqgan --data "$cohort/implant_free" --random-erasing 0.7 --adversarial-weight 0 \
    --validation-films 0 $(initial vqgan)
  implanted=$(films implanted) twins=""
  if [[ -d $cohort/twins ]]; then twins=$(films twins); fi
  for method in baseline standard; do
    once "$results/restored_$method" "$bin/spine-restore" --manifest "$implanted" -o "$results/restored_$method" \
      --method $method --weights "$(weights_of vqgan vqgan)" --implant-model implant_net_small \
      --implant-roi implant_net_small_roi --threads "$threads" -q --force
  done
  for n in "${networks[@]}"; do
    weights=$(weights_of "${n}_pen_6_seed1" "$n")
    segment "implanted_$n" "$weights" --manifest "$implanted"
    evaluate "implanted_$n" "$cohort/implanted"
    for method in baseline standard; do
      segment "restored_${method}_$n" "$weights" "$results/restored_$method"
      evaluate "restored_${method}_$n" "$cohort/implanted"
    done
    if [[ -n $twins ]]; then
      segment "twins_$n" "$weights" --manifest "$twins"
      evaluate "twins_$n" "$cohort/twins"
    fi
  done
  for restore in never auto; do
    pipeline "default_$restore" --manifest "$implanted" --restore $restore
    evaluate "default_$restore" "$cohort/implanted"
  done
  if [[ -n $twins ]]; then
    pipeline default_twins --manifest "$twins"
    evaluate default_twins "$cohort/twins"
  fi
fi
if [[ -d $cohort/read && -f $cohort/raters.csv ]]; then
  # compare RESULT: with the raters' means.
  compare() {
    anew "$results/$1.tables" "$bin/spine-eval" "$results/$1" --raters "$cohort/raters.csv" -o "$results/$1.tables" --force
  }
  once "$results/read_masks" "$bin/spine-seg" "$cohort/read" -o "$results/read_masks" --threads "$threads" -q --force \
    --weights "$(weights_of trans_unet_pen_6_seed1 trans_unet)"
  pipeline read_default "$cohort/read"
  for result in baseline:read_masks:read_baseline fit:read_masks:read_fit baseline:read_default:read_default_baseline; do
    IFS=: read -r method masks measured <<<"$result"
    anew "$results/$measured" "$bin/spine-measure" "$results/$masks" -o "$results/$measured" --landmarks "$method" -q --force
    compare "$measured"
  done
  compare read_default
  anew "$results/raters" "$bin/spine-eval" --raters "$cohort/raters.csv" -o "$results/raters" --force
  if python3 -c "import matplotlib, scipy" 2>/dev/null; then
    anew "$out/plots" python3 scripts/plot_agreement.py "$results/read_default.tables" -o "$out/plots" --format svg
  fi
fi

if ((steps > 0)); then
  budget="$steps steps of $batch films for every network, $(find "$cohort/train" -mindepth 1 -maxdepth 1 | wc -l) films to learn from"
  [[ $start == shipped ]] && budget+=", from ${shipped[*]:-random weights} (others from random weights)"
else
  budget="no training: ${shipped[*]} as they are"
fi
python3 scripts/paper_tables.py "$cohort" "$out" --budget "$budget" --command "scripts/reproduce_tables.sh \
$(basename "$cohort") $(basename "$out") --steps $steps --batch $batch --seeds $seeds --start $start --sizes $sizes --precision $precision" >"$out/tables.md.new"
mv "$out/tables.md.new" "$out/tables.md"
cat "$out/tables.md"
