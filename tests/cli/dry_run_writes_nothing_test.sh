#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 0 spine-measure files/masks -o out --dry-run
[[ ! -e out ]] || fail "something was written"
(( $(grep -c $'\tcompute$' stdout) == 2 )) || fail "expected two studies to compute"
expect 0 spine-measure files/masks -o out
expect 0 spine-measure files/masks -o out --dry-run
(( $(grep -c $'\tskip$' stdout) == 2 )) || fail "expected two studies to skip"

# For every command, after any earlier run, and with every option that names a file.
make_tiny_weights
make_weights vqgan.safetensors vqgan
export HOME=$scratch/home XDG_CONFIG_HOME=$scratch/home/config
mkdir -p home earlier/.partial-case_a "earlier/.partial-0123456789abcdef-case_b" earlier/case_a
echo half >earlier/.partial-case_a/masks.tif
echo '{}' >earlier/.partial-0123456789abcdef-case_b/.journal.json
echo half >earlier/run.json.tmp-1
echo lock >earlier/.lock-0-1-1-0
echo probe >earlier/.probe-a
printf '{\n  "comm' >earlier/run.json
printf 'study,path,sta' >earlier/measurements.csv
printf 'file,reason\nold.txt,neither image nor DICOM\n' >earlier/skipped_files.csv
listing() { find . -path ./stdout -o -path ./stderr -o -path ./before -o -path ./after -o -printf '%p %y %s %T@ %m\n' | sort; }
sums() { find . -type f ! -name stdout ! -name stderr ! -name before ! -name after -exec sha256sum {} + | sort; }
both() { listing | grep -v '^\. ' && sums; }
network=(--weights tiny.safetensors --roi none --endplates none)
both >before
for out in new/deep earlier; do
  for command in "spine-measure files/masks --film files" \
    "spine-seg files --recursive ${network[*]}" \
    "spine-pipeline files --recursive ${network[*]} --dicom-seg --dicom-sr --dicom-sc" \
    "spine-pipeline files --recursive ${network[*]} --pseudonym-key nowhere/study.key" \
    "spine-restore files --recursive --weights vqgan.safetensors --method baseline"; do
    read -ra words <<<"$command"
    for more in "" "--force --wait --shard 1/2 --keep-identifiers"; do
      read -ra options <<<"$more"
      code=0
      "${words[@]}" -o "$out" --log new.jsonl --dry-run "${options[@]}" >stdout 2>stderr || code=$?
      ((code == 0 || code == 4)) || fail "$command $more gave $code"
      grep -Eq $'\t(compute|skip|error|left)' stdout || fail "$command $more said nothing"
      both >after
      diff before after || fail "$command -o $out $more wrote something"
    done
  done
done
grep -q . home/* 2>/dev/null && fail "something was written to the home"

# Pseudonyms that are not final are reported.
spine-pipeline files --recursive "${network[@]}" -o new --dry-run >stdout 2>stderr || true
grep -q 'no pseudonymisation key yet' stderr || fail "expected a line on names that will differ"
