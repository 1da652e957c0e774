# Sourced by the scripts that print Markdown tables of many short runs.

export LC_ALL=C.UTF-8  # awk reads and writes numbers as the locale says

# some_may_fail COMMAND...: writes anew and silently; exit code 4, some studies failed, is counted by the tables.
some_may_fail() { "$@" --force -q >/dev/null || [[ $? == 4 ]]; }

# mean_dice TABLES: a cell, the mean over studies and structures of what spine-eval -o wrote.
mean_dice() {
  awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "dice") c = i; next } { sum += $c; ++n }
    END { printf " %.3f |", sum / n }' "$1/dice.csv"
}

# errors_of TABLES STATISTIC: a cell, PT / SS / PI / LL in degrees; the statistic is a column of summary.csv.
errors_of() {
  awk -F, -v name="$2" '$1 == "metric" { for (i = 1; i <= NF; ++i) if ($i == name) c = i } { value[$1] = $c }
    END { printf " %.2f / %.2f / %.2f / %.2f |", value["PT"], value["SS"], value["PI"], value["LL"] }' \
    "$1/summary.csv"
}

# statistic_of TABLES METRIC STATISTIC FORMAT: a cell, one value of that table.
statistic_of() {
  awk -F, -v metric="$2" -v name="$3" -v format=" $4 |" '
    $1 == "metric" { for (i = 1; i <= NF; ++i) if ($i == name) c = i } $1 == metric { printf format, $c }' \
    "$1/summary.csv"
}
