#!/usr/bin/env bash
# Reproduces the paper's tables on a cohort: trains every network with the same budget, evaluates
# it, and writes each table beside the published figures. Interrupted runs are resumed.
#
#   scripts/reproduce_tables.sh COHORT OUT [--steps N] [--batch N] [--sizes small|published] [--threads N]
#
#   COHORT   {train,validation,test,implanted}/<study>/{film.*, masks.tif, landmarks.json}, folders of films
#            implant_free and read, and raters.csv (case,rater,session,parameter,value of the films
#            in read). `spine-train cohort` makes the first from Labelme labels, simulate_cohort.sh all
#            of them; tables of missing parts are omitted.
#   --steps  of every network (default 2500), including the autoencoder
#   --sizes  small (default): trainable on a CPU; published: the published layouts
#
# OUT/tables.md holds the tables, OUT/commands.txt every command that produced a cell, OUT/runs the
# weights with their training records, OUT/results their results. The same weights give the same
# tables. OUT belongs to one cohort and one set of options; others are rejected.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/tables.sh

cohort="" out="" steps=2500 batch=8 sizes=small threads=0
while (($#)); do
  case $1 in
    --steps) steps=$2; shift 2 ;;
    --batch) batch=$2; shift 2 ;;
    --sizes) sizes=$2; shift 2 ;;
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
case $sizes in
  small) trans=trans_unet_small unet=unet_small swin=swin_unet_small vqgan=vqgan_small ;;
  published) trans=trans_unet_r50_vit_b16 unet=unet swin=swin_unet_tiny vqgan=vqgan_f16_1024 ;;
  *) echo "reproduce_tables.sh: --sizes: expected small or published" >&2; exit 2 ;;
esac
bin=${SPINE_BIN:-build/release/bin}
for program in spine-train spine-seg spine-restore spine-measure spine-eval; do
  [[ -x $bin/$program ]] || { echo "reproduce_tables.sh: expected $bin/$program; run scripts/test.sh first" >&2; exit 1; }
done
runs=$out/runs results=$out/results
mkdir -p "$runs" "$results"
listing=$(cd "$cohort" && find -L . -type f -printf '%P %s\n' | sort | sha256sum | cut -c1-16)
belongs_to "$out" "steps $steps, batch $batch, sizes $sizes, cohort $listing"
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

# learn NAME KIND OPTIONS...: trains, or resumes training.
learn() {
  local name=$1 kind=$2 resume=()
  shift 2
  local command=("$bin/spine-train" "$kind" -o "$runs/$name" --steps "$steps" --batch "$batch"
    --threads "$threads" "$@")
  note "${command[@]}"
  grep -q "\"steps\": $steps,\?\$" "$runs/$name/training.json" 2>/dev/null && return
  [[ -f $runs/$name/checkpoint.pt ]] && resume=(--resume)
  echo "training $name" >&2
  run "${command[@]}" "${resume[@]}"
}
learn_seg() { # NAME CONFIG PREPROCESSING
  local validate=(--validation-films 0)
  [[ -d $cohort/validation ]] && validate=(--validation-data "$cohort/validation")
  learn "$1" seg --network "$configs/$2.json" --data "$cohort/train" --preprocessing "$3" "${validate[@]}"
}
# segment RESULT RUN INPUT...: raw masks of the network, as the published code gives.
segment() {
  local result=$results/$1 weights=$runs/$2/best.safetensors
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

structures=(L1 L2 L3 L4 L5 S F1 F2)
# dice RESULT STRUCTURE: mean Dice over the films, or of all eight structures ("average"). Columns are counted
# from the right, as a study's name may hold commas.
dice() {
  awk -F, -v wanted="$2" 'NR > 1 { sum[$(NF - 4)] += $(NF - 3); ++n[$(NF - 4)] }
    END { if (wanted != "average") { printf n[wanted] ? "%.4f" : "–", n[wanted] ? sum[wanted] / n[wanted] : 0 }
          else { for (s in sum) { total += sum[s] / n[s]; ++k }; printf k ? "%.4f" : "–", k ? total / k : 0 } }' \
    "$results/$1.tables/dice.csv" 2>/dev/null || printf –
}
# published TABLE ROW COLUMN: a published figure, from the end of this file.
published() {
  awk -F'|' -v table="$1" -v row="$2" -v column="$3" '$1 == table && $2 == "row" { for (i = 3; i <= NF; ++i) if ($i == column) at = i }
    $1 == table && $2 == row { print at ? $at : "" }' <<<"$figures"
}

figures='1|row|identity|clahe|equal_hist|pen_6
1|L1|0.89429|0.88973|0.88973|0.89906
1|L2|0.93041|0.92189|0.92189|0.92186
1|L3|0.94180|0.94007|0.94007|0.93540
1|L4|0.94609|0.95478|0.95478|0.95579
1|L5|0.94923|0.94729|0.94729|0.94589
1|S|0.92864|0.93371|0.93371|0.93146
1|F1|0.90824|0.90760|0.90760|0.91238
1|F2|0.92286|0.91874|0.91874|0.92863
1|average|0.92769|0.92673|0.92673|0.92881
2|row|trans_unet
2|L1|0.89
2|L2|0.92
2|L3|0.94
2|L4|0.95
2|L5|0.94
2|S|0.93
2|F1|0.91
2|F2|0.92
2|average|0.93
3|row|error
3|PT|1.377 ± 2.876
3|SS|3.272 ± 2.750
3|LL|4.421 ± 3.752
4|row|trans_unet|unet|swin_unet
4|L1|0.83 → 0.80|0.84 → 0.76|0.79 → 0.75
4|L2|0.79 → 0.88|0.73 → 0.75|0.66 → 0.58
4|L3|0.78 → 0.86|0.80 → 0.82|0.67 → 0.61
4|L4|0.75 → 0.87|0.81 → 0.81|0.66 → 0.70
4|L5|0.65 → 0.84|0.66 → 0.71|0.57 → 0.73
4|S|0.64 → 0.81|0.62 → 0.65|0.63 → 0.73
4|F1|0.86 → 0.85|0.87 → 0.84|0.83 → 0.79
4|F2|0.86 → 0.86|0.85 → 0.82|0.78 → 0.74
4|average|0.77 → 0.85|0.772 → 0.769|0.698 → 0.702
4|gain|+10.39 %|−0.41 %|+0.54 %
7|row|r
7|disc_height_L4_L5_mean|0.973
7|LL|0.979
7|segmental_L4_L5|0.960
7|PI|0.979
7|SS|0.963
7|PI_LL|0.979'

preprocessings=(identity clahe equal_hist pen_5 pen_6)
networks=(trans_unet unet swin_unet)
test_films=$(films test)
for p in "${preprocessings[@]}"; do
  learn_seg "trans_unet_$p" $trans "$p"
  segment "test_trans_unet_$p" "trans_unet_$p" --manifest "$test_films"
  evaluate "test_trans_unet_$p" "$cohort/test"
done
learn_seg unet_pen_6 $unet pen_6
learn_seg swin_unet_pen_6 $swin pen_6
for n in unet swin_unet; do
  segment "test_${n}_pen_6" "${n}_pen_6" --manifest "$test_films"
  evaluate "test_${n}_pen_6" "$cohort/test"
done
if [[ -d $cohort/implant_free && -d $cohort/implanted ]]; then
  learn vqgan vqgan --network "$configs/$vqgan.json" --data "$cohort/implant_free" --random-erasing 0.7 \
    --adversarial-weight 0 --validation-films 0
  implanted=$(films implanted)
  for method in baseline standard; do
    once "$results/restored_$method" "$bin/spine-restore" --manifest "$implanted" -o "$results/restored_$method" \
      --method $method --weights "$runs/vqgan/best.safetensors" --implant-model implant_finder_small \
      --implant-roi implant_finder_small_close_up --threads "$threads" -q --force
  done
  for n in "${networks[@]}"; do
    segment "implanted_$n" "${n}_pen_6" --manifest "$implanted"
    evaluate "implanted_$n" "$cohort/implanted"
    for method in baseline standard; do
      segment "restored_${method}_$n" "${n}_pen_6" "$results/restored_$method"
      evaluate "restored_${method}_$n" "$cohort/implanted"
    done
  done
fi
if [[ -d $cohort/read && -f $cohort/raters.csv ]]; then
  once "$results/read_masks" "$bin/spine-seg" "$cohort/read" -o "$results/read_masks" --threads "$threads" -q --force \
    --weights "$runs/trans_unet_pen_6/best.safetensors"
  for method in baseline fit; do
    anew "$results/read_$method" "$bin/spine-measure" "$results/read_masks" -o "$results/read_$method" \
      --landmarks $method -q --force
    anew "$results/read_$method.tables" "$bin/spine-eval" "$results/read_$method" --raters "$cohort/raters.csv" \
      -o "$results/read_$method.tables" --force
  done
  anew "$results/raters" "$bin/spine-eval" --raters "$cohort/raters.csv" -o "$results/raters" --force
fi

# lost RESULT PART: number of films of a part without a prediction, which count as Dice 0.
lost() {
  local study n=0
  for study in "$cohort/$2"/*/; do
    [[ -f $results/$1/$(basename "$study")/masks.tif ]] || n=$((n + 1))
  done
  echo "$n"
}
# error_of RESULT METRIC: mean ± SD, and the number of films.
error_of() {
  local summary=$results/$1.tables/summary.csv
  [[ -f $summary ]] || { echo "none measured"; return; }
  echo "$(value_of "$summary" "$2" MAE) ± $(value_of "$summary" "$2" SD)" \
    "($(value_of "$summary" "$2" completed) of $(value_of "$summary" "$2" of))"
}
gain() { awk -v a="$1" -v b="$2" 'BEGIN { if (a + 0 > 0) printf "%+.2f %%", 100 * (b - a) / a }'; }

write_tables() {
  local p n s m
  echo "# The paper's tables"
  echo
  [[ -f $cohort/ORIGIN ]] && { echo "Films: $(cat "$cohort/ORIGIN")."; echo; }
  echo "Made by \`scripts/reproduce_tables.sh $(basename "$cohort") $(basename "$out") --steps $steps --batch $batch --sizes $sizes\`" \
    "at commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown): $steps steps of $batch films for every network," \
    "$(find "$cohort/train" -mindepth 1 -maxdepth 1 | wc -l) films to learn from. Published: the prototype's figures," \
    "of other films. commands.txt beside this file holds every command."
  echo
  echo "## Table 1: Dice of TransUNet by preprocessing ($(find "$cohort/test" -mindepth 1 -maxdepth 1 | wc -l) films)"
  echo
  printf '| |'; for p in "${preprocessings[@]}"; do printf ' %s | published |' "$p"; done; echo
  printf '|---|'; for p in "${preprocessings[@]}"; do printf -- '---|---|'; done; echo
  for s in "${structures[@]}" average; do
    printf '| %s |' "$s"
    for p in "${preprocessings[@]}"; do
      printf ' %s | %s |' "$(dice "test_trans_unet_$p" "$s")" "$(published 1 "$s" "$p")"
    done
    echo
  done
  printf '| films without a prediction (Dice 0) |'
  for p in "${preprocessings[@]}"; do printf ' %s | |' "$(lost "test_trans_unet_$p" test)"; done
  echo
  echo
  echo "## Table 2: Dice on implant-free films (TransUNet as published; U-Net and Swin-Unet beside it)"
  echo
  echo "| | TransUNet | published | U-Net | Swin-Unet |"
  echo "|---|---|---|---|---|"
  for s in "${structures[@]}" average; do
    echo "| $s | $(dice test_trans_unet_pen_6 "$s") | $(published 2 "$s" trans_unet) | $(dice test_unet_pen_6 "$s") | $(dice test_swin_unet_pen_6 "$s") |"
  done
  echo "| films without a prediction (Dice 0) | $(lost test_trans_unet_pen_6 test) | | $(lost test_unet_pen_6 test) | $(lost test_swin_unet_pen_6 test) |"
  if [[ -d $cohort/read && -f $cohort/raters.csv ]]; then
    echo
    echo "## Table 3: absolute error against the raters' means, degrees (TransUNet, pen_6)"
    echo
    echo "| | prototype's landmarks | robust fits | published |"
    echo "|---|---|---|---|"
    for s in PT SS PI LL; do
      printf '| %s |' "$s"
      for m in baseline fit; do printf ' %s |' "$(error_of "read_$m" $s)"; done
      echo " $(published 3 $s error) |"
    done
    echo
    echo "(In brackets: films measured, of those read. The prototype's \"SS\" is the angle between the endplate's" \
      "normal and the hip axis, which is PI: compare its error with PI.)"
  fi
  if [[ -d $runs/vqgan ]]; then
    local number=4
    for n in "${networks[@]}"; do
      echo
      echo "## Table $number: Dice of $n on films with implants, original → restored"
      echo
      echo "| | original → restored, prototype's steps | original → restored, standard | published |"
      echo "|---|---|---|---|"
      for s in "${structures[@]}" average; do
        printf '| %s |' "$s"
        for m in baseline standard; do
          printf ' %s → %s |' "$(dice "implanted_$n" "$s")" "$(dice "restored_${m}_$n" "$s")"
        done
        echo " $(published 4 "$s" "$n") |"
      done
      printf '| gain |'
      for m in baseline standard; do
        printf ' %s |' "$(gain "$(dice "implanted_$n" average)" "$(dice "restored_${m}_$n" average)")"
      done
      echo " $(published 4 gain "$n") |"
      printf '| films without a prediction (Dice 0) |'
      for m in baseline standard; do
        printf ' %s → %s |' "$(lost "implanted_$n" implanted)" "$(lost "restored_${m}_$n" implanted)"
      done
      echo " |"
      number=$((number + 1))
    done
  fi
  if [[ -f $results/raters/raters.md ]]; then
    echo
    echo "## Raters"
    echo
    echo "| | r of the first two raters | published |"
    echo "|---|---|---|"
    for s in PI SS LL PI_LL segmental_L4_L5 disc_height_L4_L5_mean; do
      echo "| $s | $(value_of "$results/raters/raters.csv" $s 'r (95 % CI)' | head -n 1) | $(published 7 $s r) |"
    done
    echo
    echo "(Published: \"segmental angle\" and \"disc height\" without a level, represented by L4–L5. The" \
      "prototype calls PI \"SS\".)"
    echo
    cat "$results/raters/raters.md"
  fi
  echo
  echo "## Weights"
  echo
  echo "| run | SHA-256 |"
  echo "|---|---|"
  for m in "$runs"/*/best.safetensors; do
    echo "| $(basename "$(dirname "$m")") | $(sha256sum "$m" | cut -d' ' -f1) |"
  done
  if [[ -d $runs/vqgan ]]; then
    for m in implant_finder_small implant_finder_small_close_up; do
      echo "| $m (shipped, not trained on this cohort: used by \"standard\" to detect implants) |" \
        "$(sha256sum "weights/$m.safetensors" | cut -d' ' -f1) |"
    done
  fi
}
write_tables >"$out/tables.md.new"
mv "$out/tables.md.new" "$out/tables.md"
cat "$out/tables.md"
