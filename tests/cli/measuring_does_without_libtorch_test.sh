#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

ldd "$SPINE_BIN/spine-measure" >libraries
! grep -Ei "lib(torch|c10|caffe)" libraries || fail "spine-measure links LibTorch"
grep -q opencv_core libraries || fail "ldd printed nothing"
