#!/usr/bin/env bash
# lint.sh format: is every source formatted as clang-format 14 does it?
# lint.sh tidy [FILE...]: clang-tidy on the named sources, or on all modules; needs
#   build/release, built, since modules with a network include a precompiled header.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() {
  echo "lint.sh: $*" >&2
  exit 1
}

find_tool() {
  for name in "$1-14" "$1"; do
    if command -v "$name" >/dev/null; then
      echo "$name"
      return
    fi
  done
  die "expected $1 14, found none; apt-get install $1-14"
}

case ${1:-} in
  format)
    tool=$(find_tool clang-format)
    git ls-files -z 'lib/*.h' 'lib/*.cpp' 'apps/*.cpp' 'tests/*.h' 'tests/*.cpp' |
      xargs -0 "$tool" --dry-run --Werror || die "format: clang-format -i is needed"
    ;;
  tidy)
    shift
    tool=$(find_tool clang-tidy)
    [[ -f build/release/compile_commands.json ]] || die "tidy: expected build/release, run cmake --preset release"
    files=("$@")
    if ((${#files[@]} == 0)); then
      mapfile -t files < <(git ls-files 'lib/spine/*.cpp')
    fi
    printf '%s\n' "${files[@]}" |
      xargs -P "$(nproc)" -n 1 "$tool" --quiet -p build/release || die "tidy: warnings above"
    ;;
  *)
    echo "usage: lint.sh format | tidy [FILE...]" >&2
    exit 2
    ;;
esac
