#!/usr/bin/env bash
# spine-review: tables with the readers' corrections, folders that are no results, ports in use.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

expect 0 spine-measure "$SPINE_SOURCE/data_samples/truth" -o out --no-progress
expect 0 spine-review out --export reviewed.csv
[[ $(wc -l <reviewed.csv) == $(wc -l <out/measurements.csv) ]] || fail "rows: $(cat reviewed.csv)"
head -1 reviewed.csv | grep -q ',length_unit,source,reader,verdict,edited,PI,' || fail "columns: $(head -1 reviewed.csv)"
cut -d, -f1-6,11- reviewed.csv | sort >values
sort out/measurements.csv | diff - values || fail "values that nobody corrected differ"
head -1 reviewed_long.csv | grep -q ',status,source,reader,verdict,edited' || fail "columns of the long table"

# Masks are no results.
expect 3 spine-review "$SPINE_SOURCE/data_samples/truth" --export x.csv
expect 3 spine-review nowhere --export x.csv
[[ ! -e x.csv ]] || fail "a table of nothing"
expect 2 spine-review
expect 2 spine-review out --port 70000
expect 2 spine-review out --blind --session 0

# The server: one a folder, its address on stdout, stopped by Ctrl-C.
spine-review out >address 2>messages &
server=$!
for _ in {1..100}; do [[ -s address ]] && break; sleep 0.05; done
grep -Eqx 'http://127\.0\.0\.1:[0-9]+/\?token=[0-9a-f]{64}' address || fail "address: $(cat address messages)"
port=$(sed -E 's#.*:([0-9]+)/.*#\1#' address)
expect 2 spine-review out
grep -q "127.0.0.1:$port" stderr || fail "the second server does not name the first: $(cat stderr)"
expect 2 spine-review out --read-only --port "$port"
kill -INT $server
code=0
wait $server || code=$?
((code == 0)) || fail "exit code $code after Ctrl-C"
