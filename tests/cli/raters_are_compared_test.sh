#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

{
  echo "case,rater,session,parameter,value"
  for i in 1 2 3 4 5; do
    echo "f$i,A,1,SS,$((30 + i * 3))"
    echo "f$i,A,2,SS,$((31 + i * 3))"
    echo "f$i,B,1,SS,$((30 + i * 3 + i % 2))"
  done
} >raters.csv
expect 0 spine-eval --raters raters.csv -o report
grep -q 'A – B, means of sessions' stdout || fail "raters are not compared"
grep -q 'A, sessions 1 – 2' stdout || fail "sessions are not compared"
for file in raters.csv raters.md raters.tex; do [[ -s report/$file ]] || fail "no report/$file"; done
expect 1 spine-eval --raters raters.csv -o report
one_line 'force'
expect 0 spine-eval --raters raters.csv -o report --force --pictures
grep -qx 'spine-eval: --pictures has no effect .* scripts/plot_agreement.py' stderr || fail "no notice of --pictures"
[[ -z $(find report -name '*.png') ]] || fail "pictures were written"

sed 's/f3,B,1,SS,.*/f3,B,1,SS,many/' raters.csv >wrong.csv
expect 1 spine-eval --raters wrong.csv
one_line 'line 10: expected a number as value, found "many"'
head -3 raters.csv >few.csv
expect 0 spine-eval --raters few.csv
grep -q 'not enough cases' stdout || fail "too few cases are not reported"
head -1 raters.csv >none.csv
expect 3 spine-eval --raters none.csv
one_line 'expected two raters or two sessions'
expect 2 spine-eval
one_line 'expected PRED and TRUTH, PRED and --retest, or --raters'
expect 2 spine-eval a b --raters raters.csv
expect 3 spine-eval nowhere --raters raters.csv
one_line 'no such folder'
