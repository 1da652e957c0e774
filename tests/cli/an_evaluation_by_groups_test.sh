#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

make_files files
expect 0 spine-measure files/masks -o truth
printf 'study_id,scanner\ncase_a,old\n' >cohort.csv
expect 0 spine-eval truth truth --landmarks-only --by implant --by scanner --table cohort.csv -o report
grep -q '^| old ' stdout || fail "expected a row of the group 'old'"
grep -q '^none,PT,deg,' report/by_implant.csv || fail "expected studies without implants in by_implant.csv"
grep -q '^old,PT,deg,' report/by_scanner.csv || fail "expected the group 'old' in by_scanner.csv"

expect 2 spine-eval truth truth --by scanner
one_line 'expected --table'
expect 2 spine-eval truth truth --by age --table cohort.csv
one_line 'expected a column age, found study_id, scanner'
