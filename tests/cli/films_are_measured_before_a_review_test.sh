#!/usr/bin/env bash
# spine-review -o: films without results are measured by a spine-pipeline of its own.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

expect 2 spine-review
expect 2 spine-review out -o out
expect 2 spine-review out --pipeline "--restore auto"
expect 3 spine-review --films DOEJANE -o out
one_line '^spine-review: films: [A-Z]+: expected a file or folder, found nothing'
expect 3 spine-review --manifest DOEJANE.csv -o out
expect 3 spine-review -o out --export x.csv
expect 3 spine-review -o out --read-only
[[ ! -e out ]] || fail "a refused review made a folder"
mkdir sharded
echo '{}' >sharded/run.shard-1-of-2.json
expect 2 spine-review -o sharded
one_line 'merge them first'

# Without spine-pipeline.
mkdir -p elsewhere films
cp "$SPINE_BIN/spine-review" elsewhere
make_files files
cp files/films/*.png films
PATH=/usr/bin:/bin expect 3 elsewhere/spine-review --films films -o out
one_line '^spine-review: spine-pipeline: expected it beside this program or in \$PATH, found none'

# serve OPTION...: starts a server; its address is in the file of this name.
serve() {
  rm -f address
  spine-review -o out "$@" >address 2>messages &
  server=$!
  for _ in {1..200}; do [[ -s address ]] && break; sleep 0.05; done
  grep -Eqx 'http://127\.0\.0\.1:[0-9]+/\?token=[0-9a-f]{64}' address || fail "address: $(cat address messages)"
}

ends_by() {
  local code=0
  kill "-$1" $server
  wait $server || code=$?
  ((code == 0)) || fail "exit code $code after SIG$1: $(cat messages)"
}

wait_for() {
  for _ in {1..200}; do "$@" && return; sleep 0.05; done
  fail "not within 10 s: $*: $(cat messages)"
}

# Ctrl-C ends the child too. It gets the same films and the options that were given for it.
cat >fake <<'END'
#!/bin/sh
printf '%s\n' "$@" >asked
echo $$ >child
trap 'echo stopped >end; exit 130' TERM
echo '{"event": "start", "studies": 2}' >&3
while :; do sleep 0.05; done
END
chmod +x fake
serve --films films --pipeline-program fake --pipeline '--restore auto' --pipeline "--weights 'a b'" --frame 2
wait_for test -s child
printf '%s\n' "$PWD/films" --recursive --output "$PWD/out" --add --wait --no-progress --log /dev/fd/3 \
  --frame 2 --restore auto --weights 'a b' | diff - asked || fail "the child's command line"
[[ $(stat -c %a out/films) == 700 ]] || fail "the folder of dropped films is not private"
port=$(sed -E 's#.*:([0-9]+)/.*#\1#' address)
expect 2 spine-review -o out
grep -q "127.0.0.1:$port" stderr || fail "the second server does not name the first: $(cat stderr)"
expect 2 spine-review -o other --port "$port"
ends_by INT
[[ $(cat end) == stopped ]] || fail "the child was not asked to stop"
! kill -0 "$(cat child)" 2>/dev/null || fail "the child is still there"
grep -q 'stopping spine-pipeline' messages || fail "$(cat messages)"

# A child that fails is told, and the server goes on.
printf '#!/bin/sh\necho "spine-pipeline: weights: none" >&2\nexit 1\n' >fake
serve --films films --pipeline-program fake
wait_for grep -q 'weights: none' messages
grep -q '^spine-review: fake ended with exit code 1' messages || fail "$(cat messages)"
kill -0 $server || fail "the server ended"
ends_by TERM
