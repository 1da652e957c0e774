#!/usr/bin/env bash
# Installs a build to a fresh prefix, builds a project of its own against it, and runs it.
# Usage: run.sh BUILD_DIR CONSUMER_DIR
set -euo pipefail
build=$1 consumer=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cmake --install "$build" --prefix "$scratch/prefix" >"$scratch/install.log" || {
  tail -20 "$scratch/install.log" >&2
  exit 1
}
# LibTorch is hidden from the consumer: measuring must do without it.
cmake -S "$consumer" -B "$scratch/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$scratch/prefix" -DCMAKE_DISABLE_FIND_PACKAGE_Torch=ON
cmake --build "$scratch/build"
"$scratch/build/consumer"
"$scratch/prefix/bin/spine-measure" --version
