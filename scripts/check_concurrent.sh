#!/usr/bin/env bash
# Starts two runs, then eight, then shards, at once in one folder, again and again, and compares what
# they leave with what one run leaves alone. Then ends runs, and takes their power, at every place where
# that can make a difference, lets each go on, and compares again.
#
#   scripts/check_concurrent.sh [--rounds N]
#
#   --rounds N  how often runs start at once (default 50)
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
echo "two, eight and shards at once, $rounds times: every file whole, one table, none lost"
SPINE_PLACES=all tests/cli/killed_runs_end_like_undisturbed_ones_test.sh
echo "ended at each of these places: the results of an undisturbed run"
