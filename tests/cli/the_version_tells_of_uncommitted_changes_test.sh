#!/usr/bin/env bash
# The header with the version: clean and dirty checkouts, worktrees, sources without git.
script=$(cd "${BASH_SOURCE[0]%/*}/../../lib/cmake" && pwd)/SpineWriteVersion.cmake
source "${BASH_SOURCE[0]%/*}/support.sh"
git=$(command -v git) || exit 0
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b

# says FOLDER VERSION COMMIT DIRTY
says() {
  cmake -DGIT="$git" -DSOURCE="$scratch/$1" -DVERSION=1.2.3 -DFILE="$scratch/version.h" -P "$script"
  local wanted="#define SPINE_VERSION \"$2\" #define SPINE_COMMIT \"$3\" #define SPINE_DIRTY $4"
  local found
  found=$(grep '^#define' version.h | tr '\n' ' ')
  [[ $found == "$wanted " ]] || fail "$1: expected $wanted, got $found"
}

mkdir plain
says plain 1.2.3 unknown false

git init -q checkout
says checkout 1.2.3 unknown false
echo one >checkout/file
git -C checkout add file
git -C checkout commit -qm one
one=$(git -C checkout rev-parse HEAD)
says checkout "1.2.3+${one:0:7}" "$one" false
stamp=$(stat -c %Y.%Z version.h)
says checkout "1.2.3+${one:0:7}" "$one" false
[[ $(stat -c %Y.%Z version.h) == "$stamp" ]] || fail "expected the header to be left alone"

mkdir checkout/archive # sources without git, within another checkout
says checkout/archive 1.2.3 unknown false
says checkout "1.2.3+${one:0:7}" "$one" false # untracked files are not changes
echo two >checkout/file
says checkout "1.2.3+${one:0:7}.dirty" "$one" true
git -C checkout add file
says checkout "1.2.3+${one:0:7}.dirty" "$one" true
git -C checkout commit -qm two
two=$(git -C checkout rev-parse HEAD)
says checkout "1.2.3+${two:0:7}" "$two" false

git -C checkout worktree add -q ../tree "$one"
says tree "1.2.3+${one:0:7}" "$one" false
echo three >tree/file
says tree "1.2.3+${one:0:7}.dirty" "$one" true
says checkout "1.2.3+${two:0:7}" "$two" false
git -C checkout pack-refs --all
says checkout "1.2.3+${two:0:7}" "$two" false
