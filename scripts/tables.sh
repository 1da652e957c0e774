# Sourced by the scripts that print Markdown tables of many runs, or generate films for them.

export LC_ALL=C.UTF-8  # awk reads and writes numbers as the locale says

# some_may_fail COMMAND...: runs it silently, overwriting; exit code 4 (some studies failed) is
# accounted for by the tables.
some_may_fail() { "$@" --force -q >/dev/null || [[ $? == 4 ]]; }

# belongs_to FOLDER OPTIONS: records the options in the folder, and rejects a folder with other
# options.
belongs_to() {
  if [[ -f $1/options.txt && $(<"$1/options.txt") != "$2" ]]; then
    echo "$(basename "$0"): $1 was made with $(<"$1/options.txt"), not with $2; use another folder" >&2
    exit 2
  fi
  echo "$2" >"$1/options.txt"
}

# value_of FILE ROW COLUMN: a cell of a CSV whose cells contain no commas.
value_of() {
  awk -F, -v row="$2" -v column="$3" 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == column) at = i }
    $1 == row { print $at }' "$1"
}

# mean_dice TABLES: a cell: mean over studies and structures of the output of spine-eval -o.
mean_dice() {
  awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "dice") c = i; next } { sum += $c; ++n }
    END { printf " %.3f |", sum / n }' "$1/dice.csv"
}

# errors_of TABLES STATISTIC: a cell: PT / SS / PI / LL in degrees; the statistic is a column of
# summary.csv.
errors_of() {
  awk -F, -v name="$2" '$1 == "metric" { for (i = 1; i <= NF; ++i) if ($i == name) c = i } { value[$1] = $c }
    END { printf " %.2f / %.2f / %.2f / %.2f |", value["PT"], value["SS"], value["PI"], value["LL"] }' \
    "$1/summary.csv"
}

# statistic_of TABLES METRIC STATISTIC FORMAT: a cell: one value of that table.
statistic_of() { printf " $4 |" "$(value_of "$1/summary.csv" "$2" "$3")"; }
