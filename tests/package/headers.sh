#!/usr/bin/env bash
# Compiles every installed header by itself against the installed headers alone.
# Usage: headers.sh BUILD_DIR COMPILER COMPONENT; COMPONENT is measure (headers that need no
# LibTorch) or network (the others). The compiler's flags are those of compile_commands.json.
set -euo pipefail
build=$1 compiler=$2 component=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --component development --prefix "$scratch/prefix" >"$scratch/install.log" || {
  tail -20 "$scratch/install.log" >&2
  exit 1
}
cd "$scratch/prefix/include"
# Include folders of third parties, from a source of the trainer, which uses all of them.
mapfile -t folders < <(grep -h '"command".*spine_train\.dir/' "$build/compile_commands.json" |
  grep -oE -- '-isystem [^ ]+' | sort -u | sed 's/-isystem //')
# SPINE_TORCH_VERSION is a definition that spine::pipeline gives to what links it.
flags=(-std=c++20 '-DSPINE_TORCH_VERSION=""' -fsyntax-only -I . "${folders[@]/#/-isystem}")

# needs_torch HEADER: whether it includes LibTorch, directly or not.
needs_torch() {
  local header
  grep -Eq '^#include <(torch|ATen|c10)/' "$1" && return
  while read -r header; do
    needs_torch "$header" && return
  done < <(sed -n 's/^#include "\(spine\/.*\)"/\1/p' "$1")
  return 1
}

checked=0 failed=0
for header in $(find spine -name '*.h' | sort); do
  kind=measure
  ! needs_torch "$header" || kind=network
  [[ $kind == "$component" ]] || continue
  checked=$((checked + 1))
  "$compiler" "${flags[@]}" -x c++ "$header" 2>"$scratch/errors" || {
    echo "headers.sh: $header does not compile by itself" >&2
    grep -m 3 error "$scratch/errors" >&2
    failed=1
  }
done
echo "headers.sh: $checked headers checked"
((checked > 0 && failed == 0))
