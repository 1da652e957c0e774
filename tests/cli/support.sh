# Sourced by every script here: a scratch folder and a few expectations.
set -euo pipefail
PATH="$SPINE_BIN:$PATH"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The pseudonymisation key of DICOM films.
export XDG_CONFIG_HOME=$scratch/config
cd "$scratch"

fail() {
  echo "FAILED: $*" >&2
  [[ -f stderr ]] && sed 's/^/  stderr: /' stderr >&2
  exit 1
}

# expect CODE COMMAND...: runs it, saves stdout and stderr to files of these names.
expect() {
  local expected=$1 code=0
  shift
  "$@" >stdout 2>stderr || code=$?
  ((code == expected)) || fail "expected exit code $expected, got $code: $*"
}

# one_line PATTERN: stderr is one line that matches.
one_line() {
  (($(wc -l <stderr) == 1)) || fail "expected one line on stderr, got $(wc -l <stderr)"
  grep -Eq -- "$1" stderr || fail "expected a line like: $1"
}

# cell TABLE STUDY COLUMN: one cell of a table. Quoted commas stay within their cell.
cell() {
  awk -v study="$2" -v column="$3" '
    { n = 0; text = $0; out = ""; quoted = 0
      for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "\"") quoted = !quoted
        else if (c == "," && !quoted) { cells[n++] = out; out = "" }
        else out = out c
      }
      cells[n] = out
      if (NR == 1) { for (i = 0; i <= n; i++) if (cells[i] == column) at = i }
      else if (cells[0] == study) print cells[at] }' "$1"
}

# rows TABLE: the number of studies in it.
rows() { echo $(($(wc -l <"$1") - 1)); }

make_tiny_weights() { make_weights tiny.safetensors good; }
