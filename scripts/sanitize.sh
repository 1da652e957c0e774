#!/usr/bin/env bash
# sanitize.sh address|thread [TEST...]: builds and runs tests with sanitizers.
#   address  AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer over every module
#   thread   ThreadSanitizer over every module that starts threads and does not use LibTorch, which
#            it does not see into
# Names of tests (io, infer, ...) restrict it to them. Libraries of the distribution are not
# instrumented; suppressed reports are listed in tests/sanitizers, each with its reason. Exit status
# 1 if a test failed or a sanitizer reported anything.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

kind=${1:-}
case $kind in
  address)
    preset=asan-ubsan
    tests=(core util io dataset render stages sim film_set batch eval cli nets infer pipeline train review)
    ;;
  thread)
    preset=tsan
    tests=(util io dataset sim film_set batch eval review)
    ;;
  *)
    echo "usage: sanitize.sh address|thread [TEST...]" >&2
    exit 2
    ;;
esac
shift
(($# == 0)) || tests=("$@")

supp=$PWD/tests/sanitizers
# Inline functions exist both in our code and in LibTorch, which was built without sanitizers
# (one-definition rule).
export ASAN_OPTIONS=detect_odr_violation=0:strict_string_checks=1:detect_stack_use_after_return=1
export LSAN_OPTIONS=suppressions=$supp/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
# Tests of locks and power failures fork: the children may start threads and exit without joining
# them.
tsan=suppressions=$supp/tsan.supp:halt_on_error=0:exitcode=66:die_after_fork=0
export TSAN_OPTIONS=$tsan:report_thread_leaks=0
# ThreadSanitizer does not see OpenMP's synchronisation.
[[ $kind != thread ]] || export OMP_NUM_THREADS=1

jobs=$(awk '/MemAvailable/ { jobs = int($2 / 2500000); print (jobs < 1) ? 1 : jobs }' /proc/meminfo)
cores=$(nproc)
((jobs > cores)) && jobs=$cores

mkdir -p "build/$preset"
[[ -f build/$preset/build.ninja ]] || cmake --preset "$preset" >"build/$preset/configure.log"
cmake --build --preset "$preset" --parallel "$jobs" --target "${tests[@]/#/test_}"

failed=()
for test in "${tests[@]}"; do
  log=build/$preset/test_$test.log
  if "build/$preset/bin/test_$test" >"$log" 2>&1; then
    echo "sanitize.sh: test_$test: clean"
  else
    echo "sanitize.sh: test_$test: failed, see $log" >&2
    tail -n 30 "$log" >&2
    failed+=("$test")
  fi
done
((${#failed[@]} == 0)) || exit 1
