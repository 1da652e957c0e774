#!/usr/bin/env bash
# The papers (Markdown files) agree with the code: links, columns, flags, schemas, options.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

root=$SPINE_SOURCE
stages=$root/lib/spine/stages/README.md
io=$root/lib/spine/io/README.md
wrong=0
complain() {
  echo "  $*" >&2
  wrong=$((wrong + 1))
}

# Every paper and every source, by its path in the repository.
(
  cd "$root"
  find .github apps lib scripts tests weights data_samples -type f -not -path '*/corpus/*' -printf '%p\n'
  echo README.md
) | sort >files
grep '\.md$' files >papers
grep -E '^(apps|lib|scripts|tests)/.*\.(h|cpp|inc|in|txt|cmake|sh|sbatch|py|supp)$' files >sources
(($(wc -l <papers) >= 9 && $(wc -l <sources) >= 400)) || fail "expected papers and sources, found too few"

# --- README.md is a summary. ---

lines=$(wc -l <"$root/README.md")
((lines <= 200)) || complain "README.md: expected at most 200 lines, got $lines"

# --- Links and named papers exist. ---

while IFS= read -r paper; do
  folder=$(dirname "$root/$paper")
  while IFS= read -r target; do
    case $target in
      "" | \#* | http://* | https://* | mailto:*) continue ;;
    esac
    [[ -e $folder/${target%%#*} ]] || complain "$paper: no file for the link ($target)"
  done < <(grep -oE '\]\([^) ]+\)' "$root/$paper" | sed 's/^](//; s/)$//')
done <papers

# Output of commands and tests is not a paper.
written='^(summary|raters|rater|restoration|retest|paired|tables|first)\.md$'
(cd "$root" && xargs -d '\n' grep -HnoE '[A-Za-z0-9_./-]*[A-Za-z0-9_]\.md\b') < <(cat papers sources) >named || true
while IFS=: read -r file line name; do
  [[ $(basename "$name") =~ $written || $file == tests/cli/papers_describe* ]] && continue
  name=${name#./}
  while [[ $name == ../* ]]; do name=${name#../}; done
  [[ -e $(dirname "$root/$file")/$name ]] || grep -Eq "(^|/)${name//./\\.}\$" papers ||
    complain "$file:$line: there is no paper $name"
done <named

# --- Columns of measurements.csv. ---

expect 0 spine-measure "$root/data_samples/truth/sim-600001/landmarks.json" -o out --no-progress
head -1 out/measurements.csv | tr -d '\r' | tr ',' '\n' >columns
(($(wc -l <columns) > 50)) || fail "expected the columns of measurements.csv, got $(cat columns)"
while IFS= read -r column; do
  case $column in
    study | path | status | error | qc | length_unit) paper=$io ;;
    *) paper=$stages ;;
  esac
  family=$(sed -E 's/(segmental|disc_angle|disc_height|slip|meyerding)_L[1-5]_(L[1-5]|S1)/\1_<level>/; s/^wedge_L[1-5]$/wedge_<body>/' <<<"$column")
  grep -Fq "| \`$family\` |" "$paper" || complain "$paper: no row for the column $column (| \`$family\` |)"
done <columns

# --- Flags: name, source, whether it is a reason for review. ---

header=$(find "$root/lib" -path "*core/flags.h")
sed -n '/kFlags = /,/^});/p' "$header" | tr -s '\n ' '  ' |
  grep -oE '\{"[A-Za-z0-9_]+", FlagSource::[a-z]+(, false)?\}' |
  sed -E 's/\{"([A-Za-z0-9_]+)", FlagSource::([a-z]+)(, false)?\}/\1 \2 \3/' |
  awk '{ print $1, $2, ($3 == "") ? "yes" : "no" }' | sort >flags
(($(wc -l <flags) > 40)) || fail "expected the table of flags in flags.h, found $(wc -l <flags) flags"
grep -E '^\| `[^|]*\| (reading|restoration|segmentation|landmarks|values) \| (yes|no) \|' "$stages" |
  awk -F' *[|] *' '{ n = split($2, names, /[`, ]+/)
    for (i = 1; i <= n; i++) if (names[i] != "") print names[i], $3, $4 }' | sort >described
diff flags described >difference || complain "$stages: flags of flags.h (<) and of the paper (>): $(grep '^[<>]' difference | tr '\n' ' ')"

# --- Schemas. ---

while IFS= read -r schema; do
  xargs -d '\n' grep -Fq "$schema" < <(sed "s|^|$root/|" papers) || complain "no paper describes the schema $schema"
done < <(cd "$root" && grep -rhoE '"spine-[a-z-]+/[0-9]+"' lib apps | sort -u)

# --- Options. ---

for command in spine-{pipeline,seg,restore,measure,simulate,train,eval,weights,review}; do
  expect 0 $command --help
  cat stdout >>help
  # Lines of the part "Subcommands:"; spine-pipeline lists its own in its text.
  tasks=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' stdout)
  [[ $command != spine-pipeline ]] || tasks="merge verify keys"
  for task in $tasks; do
    expect 0 $command "$task" --help
    cat stdout >>help
  done
done
options_in() { grep -ohE -- '(^|[^-A-Za-z<!])--[a-z][a-z0-9-]*' "$@" | sed 's/^[^-]*//' | sort -u; }
options_in help >known
options_in "$root"/scripts/*.sh "$root"/scripts/*.py "$root"/scripts/slurm/* >>known
printf -- '--%s\n' preset build install prefix >>known # of cmake
while IFS= read -r paper; do
  [[ $paper != *CHANGELOG.md ]] || continue  # names options that are no more
  while IFS= read -r option; do
    grep -Fxq -- "$option" known || complain "$paper: no command has the option $option"
  done < <(options_in "$root/$paper")
done <papers

((wrong == 0)) || fail "$wrong places where papers and code differ"
