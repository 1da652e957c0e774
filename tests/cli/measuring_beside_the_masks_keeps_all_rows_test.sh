#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
# A folder as written by spine-seg: masks with an overlay, and the row of a failed film.
cp -r files/masks out
for study in case_a case_b; do echo picture >out/$study/overlay.png; done
cat >out/measurements.csv <<'END'
study,path,status,error,qc
case_a,case_a.png,ok,,
case_b,case_b.png,ok,,
broken,broken.png,unreadable,cut off,
END
expect 0 spine-measure out -o out
[[ $(cell out/measurements.csv broken error) == "cut off" ]] || fail "a row disappeared"
[[ -n $(cell out/measurements.csv case_a PI) ]] || fail "case_a has no value"
[[ $(cat out/case_a/overlay.png) == picture ]] || fail "the overlay was touched"
