#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# A fiftieth of a cohort and two training steps: hardly anything is learned, and the tables show it.
cohort=$scratch/cohort out=$scratch/out
expect 0 "$SPINE_SOURCE/scripts/simulate_cohort.sh" "$cohort" --share 0.02 --height 160
tables() { expect "$1" "$SPINE_SOURCE/scripts/reproduce_tables.sh" "$cohort" "$out" --steps "$2" --batch 2; }
tables 0 2
for table in "Table 1" "Table 2" "Table 3" "Table 4" "Table 5" "Table 6" Raters Weights; do
  grep -q "^## $table" "$out/tables.md" || fail "expected $table in tables.md"
done
grep -q "simulated, not clinical (seeds from" "$out/tables.md" || fail "expected the films' origin in tables.md"
# TransUNet and U-Net start from shipped weights, TransUNet once from random ones.
grep -Fq "| films without a prediction (Dice 0) | 0 | 0 | 0 | 3 |" "$out/tables.md" || fail "expected 3 films without a prediction"
grep -Eq "^\| average \| 0\.[89][0-9]+ \| [0-9.–]+ \| 0\.0[0-9]+ \| [0-9.–]+ \| 0\.93 \|" "$out/tables.md" ||
  fail "expected the Dice of TransUNet and Swin-Unet in table 2"
grep -Eq "^\| +\| TransUNet .*random initial weights \| published" "$out/tables.md" || fail "expected a column from random weights"
grep -q -- "--start weights/trans_unet_small_256.safetensors" "$out/commands.txt" || fail "expected a start from shipped weights"
grep -Eq "^\| LL +\| A – B \| 3 .* 0\.9" "$out/tables.md" || fail "expected the raters' agreement on LL"
grep -q nan "$out/tables.md" && fail "a cell is not a number"

# Repeated: the same tables from the same commands, without training.
cp "$out/tables.md" first.md
cp "$out/commands.txt" first.txt
tables 0 2
grep -q training stderr && fail "trained again"
cmp first.md "$out/tables.md" || fail "a second run gives other tables"
cmp first.txt "$out/commands.txt" || fail "a second run gives other commands"

# Interrupted during evaluation: missing results are recomputed, with the same figures.
rm -r "$out"/results/{test_unet_pen_6_seed1,raters} "$out/tables.md"
tables 0 2
cmp first.md "$out/tables.md" || fail "a resumed run gives other tables"

# Without training: the tables of the shipped weights.
expect 0 "$SPINE_SOURCE/scripts/reproduce_tables.sh" "$cohort" "$scratch/shipped" --steps 0
grep -q training stderr && fail "trained, with --steps 0"
grep -Eq "^\| average \| 0\.[89]" "$scratch/shipped/tables.md" || fail "expected the Dice of shipped weights"
expect 2 "$SPINE_SOURCE/scripts/reproduce_tables.sh" "$cohort" "$scratch/none" --steps 0 --start random
one_line "expected --start shipped"

# The folder belongs to these options.
tables 2 3
one_line "was made with steps 2"
