#!/usr/bin/env bash
# Repeatedly starts two runs, then eight, then shards, concurrently in one folder, and compares the
# results with those of a single run. Then kills runs and simulates power failures at every relevant
# failpoint, resumes each, and compares again.
#
#   scripts/check_concurrent.sh [--rounds N]
#
#   --rounds N  number of concurrent starts (default 50)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=50
while (($#)); do
  case $1 in
    --rounds) rounds=$2; shift 2 ;;
    *) echo "check_concurrent.sh: unknown option $1" >&2; exit 2 ;;
  esac
done
export SPINE_BIN=$PWD/build/release/bin SPINE_SOURCE=$PWD
SPINE_ROUNDS=$rounds tests/cli/runs_at_once_lose_nothing_test.sh
echo "two, eight and sharded runs concurrently, $rounds times: all files complete, one table, nothing lost"
SPINE_PLACES=all tests/cli/killed_runs_end_like_undisturbed_ones_test.sh
echo "stopped at each of these failpoints: the results of an undisturbed run"
