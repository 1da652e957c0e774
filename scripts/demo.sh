#!/usr/bin/env bash
# Installs missing packages, builds, measures the sample films with the default weights, and prints
# the angles. Repeated runs only do what has changed.
set -euo pipefail
export LC_ALL=C.UTF-8  # awk reads and writes numbers as the locale says
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step="start"
trap 'echo "demo.sh: failed: $step" >&2' ERR
say() { echo "== $*"; }

step="install dependencies"
say "$step"
scripts/install_dependencies.sh

step="configure"
say "$step"
mkdir -p build
cmake --preset release >build/configure.log 2>&1 || {
  cat build/configure.log >&2
  false
}

step="build"
jobs=$(nproc)
memory_jobs=$(awk '/MemAvailable/ { jobs = int($2 / 1600000); print (jobs < 1) ? 1 : jobs }' /proc/meminfo)
((jobs > memory_jobs)) && jobs=$memory_jobs
say "$step with $jobs jobs"
cmake --build --preset release --parallel "$jobs" --target spine-pipeline

step="spine-pipeline over data_samples"
say "spine-pipeline --manifest data_samples/studies.csv -o build/demo"
# Results of other weights or older versions are replaced: the folder belongs to this demo.
build/release/bin/spine-pipeline --manifest data_samples/studies.csv -o build/demo --force

echo
echo "Overlays:           build/demo/<study>/overlay.png"
for overlay in build/demo/*/overlay.png; do echo "  $overlay"; done
echo "All values:          build/demo/measurements.csv"
