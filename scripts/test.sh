#!/usr/bin/env bash
# Installs missing packages, builds once and runs the everyday tests. Options add slower checks:
#   --slow    tests with the label `slow`, too
#   --asan    every module under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer
#   --tsan    multi-threaded modules under ThreadSanitizer
#   --tidy    clang-tidy on every module
#   --format  require clang-format 14 (otherwise the check is skipped if it is not installed)
#   --all     all of these
set -euo pipefail
export LC_ALL=C.UTF-8  # awk reads and writes numbers as the locale says
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step="options"
trap 'echo "test.sh: failed: $step" >&2' ERR

slow=false asan=false tsan=false tidy=false format=false
for option in "$@"; do
  case $option in
    --slow) slow=true ;;
    --asan) asan=true ;;
    --tsan) tsan=true ;;
    --tidy) tidy=true ;;
    --format) format=true ;;
    --all) slow=true asan=true tsan=true tidy=true format=true ;;
    *)
      echo "test.sh: expected --slow, --asan, --tsan, --tidy, --format or --all, got $option" >&2
      exit 2
      ;;
  esac
done

say() { echo "== $*"; }

step="install dependencies"
say "$step"
scripts/install_dependencies.sh --tests

step="check the format (clang-format -i changes the files named above)"
if $format || command -v clang-format-14 >/dev/null; then
  say "check the format"
  scripts/lint.sh format
fi

# Parallel builds are limited by memory: LibTorch's headers need 1.5 GB per compiler.
memory_jobs=$(awk '/MemAvailable/ { jobs = int($2 / 1600000); print (jobs < 1) ? 1 : jobs }' /proc/meminfo)
jobs=$(nproc)
((jobs > memory_jobs)) && jobs=$memory_jobs

step="configure"
say "$step"
mkdir -p build
cmake --preset release >build/configure.log 2>&1 || {
  cat build/configure.log >&2
  false
}

step="build"
say "$step with $jobs jobs"
cmake --build --preset release --parallel "$jobs"

if $tidy; then
  step="clang-tidy"
  say "$step"
  scripts/lint.sh tidy
  scripts/lint.sh tidy-networks
fi

if $asan; then
  step="tests with AddressSanitizer"
  say "$step"
  scripts/sanitize.sh address
fi

if $tsan; then
  step="tests with ThreadSanitizer"
  say "$step"
  scripts/sanitize.sh thread
fi

step="tests"
say "$step"
# Tests share the cores: threads that wait for others must not spin.
export OMP_WAIT_POLICY=PASSIVE
chosen=(--label-exclude slow)
if $slow; then chosen=(); fi
ctest --preset release --parallel "$jobs" "${chosen[@]}"
