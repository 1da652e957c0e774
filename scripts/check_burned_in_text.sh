#!/usr/bin/env bash
# Detection rate and false positives of burned-in text: fictitious names on simulated films.
#
#   scripts/check_burned_in_text.sh [OUT] [--count N]
#
#   OUT        folder for films and images of missed names (default build/burned_in_text)
#   --count N  films (default 100)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=build/burned_in_text count=100
while (($#)); do
  case $1 in
    --count) count=$2; shift 2 ;;
    -*) echo "check_burned_in_text.sh: unknown option $1" >&2; exit 2 ;;
    *) out=$1; shift ;;
  esac
done
bin=build/release/bin
rm -rf "$out"
"$bin/spine-simulate" -o "$out/films" --count "$count" --seed 740000 >/dev/null
"$bin/check_burned_in_text" "$out/pictures" "$out"/films/*.png
