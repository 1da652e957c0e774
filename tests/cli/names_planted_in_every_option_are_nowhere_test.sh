#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# Every option of every command, as listed by --help, is given a value that contains the word
# DOEJANE. No output may contain it, except for a file's own name where it is used as study id by
# design.

given=$scratch/given/DOEJANE_ROOT
here=$scratch/DOEJANE_HERE/run
mkdir -p "$given" "$here"
export XDG_CONFIG_HOME=$scratch/DOEJANE_HOME/config
make_files files
make_tiny_weights
make_weights vqgan.safetensors vqgan
make_weights implant.safetensors implant
expect 0 spine-simulate -o sim --count 2 --height 200
id=$(basename "$(find sim/truth -mindepth 1 -maxdepth 1 | sort | head -n 1)")

# Option values: folders and files with planted names, beside planted files.
mkdir -p "$given"/{DOEJANE_FILMS/DOEJANE_A,DOEJANE_FILMS/DOEJANE_B,DOEJANE_MASKS,DOEJANE_EMPTY}
for folder in DOEJANE_A DOEJANE_B; do cp files/films/alpha.png "$given/DOEJANE_FILMS/$folder/case_a.png"; done
cp files/films/alpha.png "$given/DOEJANE_FILMS/case_b.png"
cp files/films/dx.dcm "$given/DOEJANE_FILMS/DOEJANE.dcm"
echo x >"$given/DOEJANE_FILMS/DOEJANE.hl7"
cp -r files/masks/. "$given/DOEJANE_MASKS"
echo x >"$given/DOEJANE_MASKS/DOEJANE.DOEJANE"
mkdir -p "$given/DOEJANE_STUDIES/$id"
cp sim/truth/"$id"/* "$given/DOEJANE_STUDIES/$id/"
cp sim/"$id".png "$given/DOEJANE_STUDIES/$id/film.png"
cp tiny.safetensors "$given/DOEJANE_W.safetensors"
spine-weights inspect tiny.safetensors 2>/dev/null | sed -n 's/^network *//p' >"$given/DOEJANE_NET.json" || true
printf 'DOEJANE,%s\n' "$given/DOEJANE_FILMS/case_b.png" >"$given/DOEJANE_TABLE.csv"
printf 'study_id,path\nx,%s\ny,%s\n' "$given/DOEJANE_FILMS/case_b.png" "$given/DOEJANE_NONE.png" \
  >"$given/DOEJANE_MANIFEST.csv"
printf '/DOEJANE/x\nDOEJANE = "DOEJANE"\n' >"$given/DOEJANE_BAD.toml"
printf 'output = "%s"\nlog = "DOEJANE.jsonl"\n' "$here/DOEJANE_OUT/x" >"$given/DOEJANE_GOOD.toml"
ln -s DOEJANE_FILMS "$given/DOEJANE_LINK"

commands=0 leaks=0
# run COMMAND...: runs it in an empty folder, then searches all its output.
run() {
  cd "$here"
  find "$here" -mindepth 1 -delete
  ln -s "$given/DOEJANE_FILMS" DOEJANE_FILMS
  local code=0
  commands=$((commands + 1))
  "$@" >stdout 2>stderr </dev/null || code=$?
  ((code <= 4 || code == 124 || code == 130)) || fail "exit code $code of: $*"
  local word='DOEJANE|D\x00O\x00E\x00J\x00A\x00N\x00E' found
  found=$(LC_ALL=C grep -rlaiP "$word" . || true)
  # The first folder is named by the option itself.
  found+=$(find . -mindepth 2 -iname '*doejane*')
  [[ -z $found ]] && return
  leaks=$((leaks + 1))
  echo "LEAK: $*" >&2
  echo "  in: "$found >&2
  { LC_ALL=C grep -rhaiPo ".{0,60}($word).{0,40}" . || true; } | head -n 2 | cut -c 1-160 | sed 's/^/  /' >&2
}

# Names of the options that take a value.
options_of() {
  "$@" --help | awk '/^  -/ && !/^  [^ ]+  +/ && match($0, /--[a-z][a-z-]*/) {
    print substr($0, RSTART, RLENGTH) }' | sort -u
}
# A command line without one option.
without() {
  local left_out=$1
  shift
  rest=()
  while (($# > 0)); do
    if [[ $1 == "$left_out" ]]; then shift 2; else rest+=("$1"); shift; fi
  done
}

word=DOEJANE_DOE
# every_option VALUES COMMAND... -- BASE...: each option in turn, added to BASE.
every_option() {
  local -n tried=$1
  shift
  local command=()
  while [[ $1 != -- ]]; do command+=("$1"); shift; done
  shift
  local base=("$@") option value form
  local listed
  listed=$(options_of "${command[@]}")
  for option in $listed; do
    without "$option" "${base[@]}"
    form=0
    for value in "${tried[@]}"; do
      form=$((form + 1))
      if ((form % 2)); then
        run "${command[@]}" "${rest[@]}" "$option=$value"
      else
        run "${command[@]}" "${rest[@]}" "$option" "$value"
      fi
      # For numbers and fixed choices the parser rejects all words alike.
      if ((form % 2 == 0)) && grep -q -- '--help)$' stderr; then break; fi
    done
  done
}

# shellcheck disable=SC2034  # passed by name
all=("$word" "DOEJANE_FILMS" "DOEJANE_FILMS/" "$given/DOEJANE_MASKS" "$given/DOEJANE_MASKS/case_a/"
  "$given/DOEJANE_W.safetensors" "$given/DOEJANE_TABLE.csv" "$given/DOEJANE_MANIFEST.csv"
  "$given/DOEJANE_LINK/." "../../given/DOEJANE_ROOT/DOEJANE_FILMS" "$here/DOEJANE_OUT/x"
  "$given/DOEJANE_NONE/DOEJANE, JOHN: x" "$given/DOEJANE_BAD.toml" "$given/DOEJANE_GOOD.toml"
  "$given/DOEJANE_EMPTY" "$given")
# shellcheck disable=SC2034
few=("DOEJANE_FILMS/" "$given/DOEJANE_W.safetensors")
# shellcheck disable=SC2034
one=("DOEJANE_FILMS")

export SPINE_WEIGHTS_DIR=$SPINE_SOURCE/weights
masks=$given/DOEJANE_MASKS films=$given/DOEJANE_FILMS
tiny=(--weights "$given/DOEJANE_W.safetensors")

# spine-measure is fast: everything.
every_option all spine-measure -- "$masks" --output result --log l.jsonl -v
for input in "${all[@]}" "$masks/case_a/masks.tif" "$masks/DOEJANE.DOEJANE"; do
  run spine-measure "$input" -o result --film "$films" --log l.jsonl -v
  run spine-measure "$masks" "$input" "-oDOEJANE_OUT" --dry-run
done
run spine-measure "$masks" -oDOEJANE_OUT --film="$films/"
run spine-measure "$masks" -o DOEJANE_OUT/x --film DOEJANE_FILMS --frame 2
run spine-measure "$masks" -o/proc/DOEJANE
run spine-measure "$masks" --no-such=DOEJANE DOEJANE
run timeout -s INT 0.05 spine-measure "$masks" "$films" "$films" -o result
run spine-pipeline merge DOEJANE_FILMS
run spine-pipeline merge "$masks" DOEJANE
run spine-pipeline verify "$masks/"
run spine-pipeline keys DOEJANE_NONE --pseudonym-key "$films"

# The review: tables, and a server that is stopped.
spine-measure "$masks" -o "$given/DOEJANE_RESULTS" -q
every_option few spine-review -- "$given/DOEJANE_RESULTS" --export result.csv
run timeout -s INT 0.5 spine-review "$given/DOEJANE_RESULTS" --films "$films"
run spine-review "$given/DOEJANE_NONE" --films DOEJANE
run timeout -s INT 1 spine-review -o "$given/DOEJANE_NEW" --films "$films" --pipeline-program /bin/false --pipeline DOEJANE
run spine-review -o "$given/DOEJANE_NEW" --films DOEJANE
run spine-review "$masks" --export result.csv

# Commands with networks.
every_option few spine-seg -- "$films/case_b.png" --output result "${tiny[@]}" --roi none \
  --endplates none --threads 1
cp "$scratch"/{vqgan,implant}.safetensors "$given"
every_option one spine-restore -- "$films/case_b.png" --output result --method brightness --threads 1 \
  --weights "$given/vqgan.safetensors" --implant-model "$given/implant.safetensors" --implant-roi none
run spine-pipeline "$films" --recursive -oDOEJANE_OUT "${tiny[@]}" --threads 1 --log DOEJANE.jsonl -v \
  --dicom-sr --dicom-sc --dicom-seg --no-mirror-average
run spine-pipeline "$films" --recursive -o DOEJANE_OUT --dry-run "${tiny[@]}"
run spine-pipeline --manifest "$given/DOEJANE_MANIFEST.csv" -o result "${tiny[@]}" --threads 1
run spine-pipeline "$films" --config "$given/DOEJANE_GOOD.toml" "${tiny[@]}" --threads 1
for option in $(options_of spine-pipeline); do
  without "$option" --output result "${tiny[@]}"
  run spine-pipeline "$given/DOEJANE_EMPTY" DOEJANE_NONE "${rest[@]}" "$option" "DOEJANE_FILMS/"
done

# Training, evaluation and simulation.
study=$given/DOEJANE_STUDIES
every_option few spine-eval -- "$study" "$study" --output result
run spine-eval "$masks" "$study" -oDOEJANE_OUT --by status
run spine-eval "$given/DOEJANE_NONE" "$study"
run spine-eval "$study" "$study" --against "$masks" -o result
every_option few spine-simulate -- --output result --count 1 --height 64
run spine-simulate -oDOEJANE_OUT --count 1 --height 100 --contact-sheet DOEJANE_SHEET.png
for task in inspect import verify; do
  every_option few spine-weights $task -- "$given/DOEJANE_W.safetensors" --output o.safetensors
  run spine-weights $task "$given/DOEJANE_NONE.safetensors"
  run spine-weights $task "$word"
done
run spine-weights inspect "$given/DOEJANE_W.safetensors"
run spine-weights verify "$given/DOEJANE_W.safetensors"
for task in cache cohort export bench endplates spreads; do
  every_option few spine-train $task -- --output result
done
seen=" "
for task in seg vqgan endplate-net; do
  for option in $(options_of spine-train $task); do
    # Each option once: they are declared by the same code.
    [[ $seen == *" $option "* ]] && continue
    seen+="$option "
    without "$option" --network "$given/DOEJANE_NET.json" --output result --steps 1 --data "$films"
    run spine-train $task "${rest[@]}" "$option" "DOEJANE_FILMS/"
  done
done
training=(--network "$given/DOEJANE_NET.json" --steps 1 --batch 1 --threads 1 --device cpu
  --data "$study" --validation-data "$study")
run spine-train seg "${training[@]}" -oDOEJANE_OUT/x --export tiny --manifest DOEJANE_M.json
[[ ! -s DOEJANE_OUT/x/training.json ]] || grep -q -- '--data DATA' DOEJANE_OUT/x/training.json ||
  fail "the record of a training does not hold its options"
run spine-train cohort "$study" -o DOEJANE_OUT

((leaks == 0)) || fail "$leaks of $commands commands reveal a planted name"
cd "$scratch"
# The search finds names that are kept on request.
cd "$here" && find . -mindepth 1 -delete
spine-measure "$masks" -o result --keep-identifiers >stdout 2>stderr
grep -q DOEJANE result/run.json || fail "the search would find nothing"
grep -q '"output": "result"' result/run.json || fail "the record does not hold what was given"
spine-measure "$masks" -o other >stdout 2>stderr
grep -q '"output": "OUT"' other/run.json || fail "the record holds no options"
