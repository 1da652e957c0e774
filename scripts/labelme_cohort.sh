#!/usr/bin/env bash
# Converts a folder of films with Labelme JSON beside them to a cohort split by patient, as required
# by scripts/reproduce_tables.sh and `spine-train seg --data`. Builds what it needs first.
#
#   scripts/labelme_cohort.sh LABELLED COHORT [--labels CSV] [--patients CSV] [--shares A,B,C] [--force]
#
# Options as in `spine-train cohort --help`: --labels maps classes that are not named L1 ... F2,
# --patients assigns films to patients, so that no patient is in two splits.
set -euo pipefail
root=$(dirname "${BASH_SOURCE[0]}")/..

(($# >= 2)) && [[ $1 != -* && $2 != -* ]] ||
  { echo "labelme_cohort.sh: expected LABELLED COHORT [options]" >&2; exit 2; }
labelled=$1 cohort=$2
shift 2
bin=$root/build/release/bin/spine-train
if [[ ! -x $bin ]]; then
  (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target spine-train)
fi
"$bin" cohort "$labelled" -o "$cohort" "$@"
echo "next: scripts/reproduce_tables.sh $(realpath "$cohort") OUT"
