#!/usr/bin/env bash
# Distributes a batch over a cluster: an array of shards, then a job that merges their tables.
#
#   scripts/slurm/submit.sh TASKS OUT INPUT... [-- options of spine-pipeline]
#
#   TASKS  shards; each is a task of the array
#   OUT    folder for the results, on a file system shared by all nodes
#
# Options of sbatch (partition, account, GPUs, time) can be given in SPINE_SBATCH_OPTIONS.
# spine-pipeline must be on the PATH of the nodes. Prints the id of the last job.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() {
  echo "submit.sh: $*" >&2
  exit 2
}

(($# >= 3)) || die "expected TASKS OUT INPUT... [-- options]"
tasks=$1 out=$2
shift 2
[[ $tasks =~ ^[1-9][0-9]*$ ]] || die "TASKS: expected a number from 1 on, got $tasks"
inputs=() options=()
while (($#)); do
  if [[ $1 == -- ]]; then
    shift
    options=("$@")
    break
  fi
  inputs+=("$1")
  shift
done
command -v sbatch >/dev/null || die "expected Slurm's sbatch on the PATH; without a cluster see lib/spine/io/README.md, GNU parallel"
read -ra more <<<"${SPINE_SBATCH_OPTIONS:-}"

array=$(sbatch --parsable --array="1-$tasks" "${more[@]}" "$here/array.sbatch" "${inputs[@]}" -o "$out" \
  "${options[@]}")
merge=$(sbatch --parsable --dependency="afterok:${array%%;*}" --kill-on-invalid-dep=yes "${more[@]}" \
  "$here/merge.sbatch" "$out")
echo "submit.sh: array ${array%%;*} of $tasks tasks, then merge ${merge%%;*}" >&2
echo "${merge%%;*}"
