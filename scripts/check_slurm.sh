#!/usr/bin/env bash
# Runs a batch on a real single-node Slurm from the distribution's packages (slurm-wlm), requeues
# one of its tasks while it runs, and compares the merged table with that of a single run. Requires
# root, on a machine without a Slurm installation of its own.
#
#   scripts/check_slurm.sh [OUT] [--tasks N]
#
#   OUT  folder for films, results and the cluster's state (default build/slurm)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=build/slurm tasks=2
while (($#)); do
  case $1 in
    --tasks) tasks=$2; shift 2 ;;
    -*) echo "check_slurm.sh: unknown option $1" >&2; exit 2 ;;
    *) out=$1; shift ;;
  esac
done
for program in sbatch slurmctld slurmd munged; do
  command -v $program >/dev/null || { echo "check_slurm.sh: expected $program; apt-get install slurm-wlm" >&2; exit 1; }
done
((EUID == 0)) || { echo "check_slurm.sh: expected to be root" >&2; exit 1; }

mkdir -p "$out" && out=$(realpath "$out")
state=$out/state
rm -rf "$state" "$out/results" "$out/whole"
mkdir -p "$state"/{ctld,slurmd}
host=$(hostname -s)
export SLURM_CONF=$state/slurm.conf
cat >"$SLURM_CONF" <<EOF
ClusterName=check
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=$state/ctld
SlurmdSpoolDir=$state/slurmd
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
EOF
cleanup() {
  [[ -f $state/slurmd.pid ]] && kill "$(cat "$state/slurmd.pid")" 2>/dev/null
  [[ -f $state/slurmctld.pid ]] && kill "$(cat "$state/slurmctld.pid")" 2>/dev/null
  true
}
trap cleanup EXIT
pgrep -x munged >/dev/null || {
  mkdir -p /run/munge && chown munge: /run/munge
  runuser -u munge -- munged
}
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF"
for ((i = 0; i < 30; ++i)); do
  [[ $(sinfo -h -o %t 2>/dev/null) == idle ]] && break
  sleep 1
done
sinfo

bin=$PWD/build/release/bin
export PATH=$bin:$PATH XDG_CONFIG_HOME=$out/config
[[ -d $out/films ]] || spine-simulate -o "$out/films" --count 30 --seed 953000 --height 500 >/dev/null
fast=(--no-mirror-average --roi none --endplates none)
spine-pipeline "$out/films" -o "$out/whole" "${fast[@]}" --threads 1 -q >/dev/null || true

cd "$out"
last=$(SPINE_SBATCH_OPTIONS="--cpus-per-task=1" "$OLDPWD/scripts/slurm/submit.sh" "$tasks" "$out/results" "$out/films" \
  -- "${fast[@]}")
sleep 3
scontrol requeue "$((last - 1))_1" && echo "task 1 was requeued while it ran"
for ((i = 0; i < 300; ++i)); do
  status=$(scontrol -o show job "$last" 2>/dev/null | grep -o 'JobState=[A-Z]*' | head -n 1)
  [[ $status == JobState=COMPLETED || $status == JobState=FAILED || $status == JobState=CANCELLED ]] && break
  sleep 1
done
echo "merging step: $status"
cat "$out/spine-merge-$last.log"
[[ $status == JobState=COMPLETED ]]
for table in measurements.csv measurements_long.csv; do
  cmp "$out/whole/$table" "$out/results/$table" && echo "$table: identical to that of a single run"
done
