#!/usr/bin/env bash
# Results do not depend on the number of concurrent studies or the batch size.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

mkdir films
cp "$SPINE_SOURCE"/data_samples/films/*.png films/
for film in films/*.png; do cp "$film" "${film%.png}_again.png"; done

run() { # OUT OPTION...
  local out=$1
  shift
  expect 0 spine-pipeline films -o "$out" --keep-identifiers --restore auto "$@"
  # Times and the options themselves.
  rm -rf "$out".{json,lock}
  mv "$out/run.json" "$out.json"
}
run one --threads 1
for options in "--threads 2" "--threads 5 --batch 1" "--threads 3 --batch 64"; do
  read -ra words <<<"$options"
  run other "${words[@]}"
  diff -r one other >differences || fail "different results with $options: $(head -n 3 differences)"
  rm -rf other other.json
done
