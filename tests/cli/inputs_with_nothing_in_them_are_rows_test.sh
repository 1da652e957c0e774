#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
mkdir empty locked
chmod 000 locked
# root could read it anyway.
plain=()
if ((EUID == 0)); then plain=(setpriv --bounding-set=-dac_override,-dac_read_search); fi
expect 4 "${plain[@]}" spine-measure files/masks empty locked nowhere -o out
(( $(rows out/measurements.csv) == 5 )) || fail "expected five rows"
[[ $(cell out/measurements.csv INPUT_2 status) == not_found ]] || fail "empty should be not_found"
[[ $(cell out/measurements.csv INPUT_4 status) == not_found ]] || fail "nowhere should be not_found"
[[ $(cell out/measurements.csv INPUT_3 status) == unreadable ]] || fail "locked is unreadable"
cell out/measurements.csv INPUT_3 error | grep -q 'Permission denied' || fail "no reason for locked"
expect 1 "${plain[@]}" spine-measure locked -o out2
one_line '^spine-measure: input: INPUT: .*Permission denied'

cp files/masks/case_a/masks.tif secret.tif
chmod 000 secret.tif
expect 4 "${plain[@]}" spine-measure files/masks/case_a secret.tif -o out3
cell out3/measurements.csv secret error | grep -q 'Permission denied' || fail "no reason for secret"
