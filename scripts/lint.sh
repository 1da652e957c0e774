#!/usr/bin/env bash
# lint.sh format: checks that every source is formatted by clang-format 14.
# lint.sh tidy [FILE...]: clang-tidy on the given sources, or on all modules without a network.
# lint.sh tidy-networks: clang-tidy on nets, infer and train, in the groups of SPINE_UNITY_BUILD, as
#   LibTorch's headers take minutes per group.
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
  tidy | tidy-networks)
    what=$1
    shift
    tool=$(find_tool clang-tidy)
    tree=build/$what groups=OFF checks=""
    [[ $what == tidy ]] || groups=ON checks=-bugprone-suspicious-include  # a group includes sources
    mkdir -p "$tree"
    {
      cmake --preset release -B "$tree" -DSPINE_UNITY_BUILD=$groups &&
        cmake --build "$tree" --target spine_version_header
    } >"$tree/configure.log" || die "$what: see $tree/configure.log"
    files=("$@")
    if ((${#files[@]} == 0)); then
      if [[ $what == tidy ]]; then
        # Clang 14 has no coroutines for Boost.Asio.
        mapfile -t files < <(git ls-files 'lib/spine/*.cpp' ':!*/http_server.cpp' |
          grep -Ev '^lib/spine/(nets|infer|train)/')
      else
        mapfile -t files < <(find "$tree"/lib/spine/{nets,infer,train} -name 'unity_*.cxx' | sort)
      fi
    fi
    printf '%s\n' "${files[@]}" |
      xargs -P "$(nproc)" -n 1 "$tool" --quiet -p "$tree" --checks="$checks" \
        --extra-arg-before=-include --extra-arg-before="$PWD/tests/fuzz/vector_for_clang.h" || die "tidy: warnings above"
    ;;
  *)
    echo "usage: lint.sh format | tidy [FILE...] | tidy-networks" >&2
    exit 2
    ;;
esac
