#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

script=$SPINE_SOURCE/scripts/plot_agreement.py
python=
for candidate in python3 /usr/bin/python3; do
  "$candidate" -c 'import matplotlib, scipy' 2>/dev/null && python=$candidate && break
done
if [[ -z $python ]]; then
  echo "SKIPPED: no python3 with matplotlib and scipy (scripts/install_dependencies.sh --plots)"
  exit 77
fi
plot() { MPLCONFIGDIR=$scratch/matplotlib "$python" "$script" "$@"; }

# Differences 1, 2, 3: bias 2, SD 1, limits 2 -+ 1.96; a study without a prediction does not count.
mkdir report
{
  echo "study,metric,unit,truth,predicted,error,standard_error"
  for i in 1 2 3; do
    for metric in PT SS; do echo "film $i,$metric,deg,-$i.0,$((i - i)).0,$i.0,0.5"; done
  done
  echo "film 4,SS,deg,30.0,,,"
} >report/errors.csv
printf 'metric,unit,films,kept,mae,best\nSS,deg,3,1.00,2.0,2.0\nSS,deg,3,0.50,2.5,1.0\n' >report/risk_coverage.csv
expect 0 plot report
for name in bland_altman scatter errors risk_coverage; do
  [[ -s report/$name.svg ]] || fail "no report/$name.svg"
  "$python" -c 'import sys, xml.etree.ElementTree as x; x.parse(sys.argv[1])' report/$name.svg || fail "$name.svg is no XML"
  ! grep -q 'simulated' report/$name.svg || fail "$name.svg calls the films simulated"
done
for text in 'SS, n = 3' 'bias' '2.00' '3.96' '0.04' '\[−0.48, 4.48\]' 'mean of truth and prediction (°)'; do
  grep -q -- "$text" report/bland_altman.svg || fail "expected '$text' in bland_altman.svg"
done
cp report/bland_altman.svg before.svg
expect 0 plot report --metrics PT,SS
cmp before.svg report/bland_altman.svg || fail "the same tables give another plot"

# Films named by spine-simulate are called simulated; PDF; the worst studies with and without overlay.
sed -i 's/film /sim-00000/' report/errors.csv
expect 0 plot report -o drawn --metrics SS --overlays nowhere
grep -q 'simulated films' drawn/bland_altman.svg || fail "the title does not say simulated"
grep -q 'no overlay' drawn/worst_SS.svg || fail "expected a tile without overlay"
expect 0 plot report -o drawn --format pdf
[[ $(head -c 5 drawn/bland_altman.pdf) == %PDF- ]] || fail "no PDF"

# Raters: every two, and the sessions of each.
{
  echo "case,rater,session,parameter,value"
  for i in 1 2 3 4; do echo "f$i,Dr. A/1,1,SS,3$i" && echo "f$i,李,1,SS,4$i" && echo "f$i,李,2,SS,5$i"; done
} >raters.csv
expect 0 plot --raters raters.csv -o raters
grep -q 'Dr. A/1 – 李, n = 4' raters/bland_altman_SS.svg || fail "the raters are not compared"
grep -q '李, session 1 – 李, session 2, n = 4' raters/bland_altman_SS.svg || fail "the sessions are not compared"

expect 1 plot report --metrics none
one_line 'expected completed measurements'
expect 1 plot nowhere -o drawn
one_line 'errors.csv: No such file'
expect 2 plot
expect 2 plot --raters raters.csv
