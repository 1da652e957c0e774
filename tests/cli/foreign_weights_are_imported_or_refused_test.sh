#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

checkpoints=$SPINE_SOURCE/tests/infer/checkpoints
make_tiny_weights
expect 0 spine-weights inspect tiny.safetensors
grep -q '^network    {"architecture":"trans_unet"' stdout || fail "inspect names no network"
expect 0 spine-weights inspect "$checkpoints/state.pth"
grep -Eq '^weight +float +3 x 4$' stdout || fail "inspect lists no tensor"
expect 0 spine-weights verify tiny.safetensors
expect 0 spine-weights verify trans_unet_small

# Only tensors are built from a pickle.
expect 1 spine-weights import "$checkpoints/harmful.pth" -o out.safetensors
one_line '^spine-weights: .*refused: global (posix|os)\.system'
expect 1 spine-weights import "$checkpoints/legacy.pth" -o out.safetensors
one_line 'before 1\.6'
expect 1 spine-weights import "$checkpoints/state.pth" -o out.safetensors
one_line 'names match no supported network'
expect 1 spine-weights import tiny.safetensors -o out.safetensors
one_line 'no import needed'
head -c 700 "$checkpoints/state.pth" >cut.pth
expect 1 spine-weights import cut.pth -o out.safetensors
one_line 'truncated'
touch there.safetensors
expect 1 spine-weights import "$checkpoints/state.pth" -o there.safetensors
one_line '--force overwrites it'
[[ ! -e out.safetensors ]] || fail "a refused import left a file"

expect 1 spine-weights verify nowhere
one_line 'no file and no entry'
expect 2 spine-weights
expect 2 spine-weights import tiny.safetensors
expect 2 spine-weights import tiny.safetensors -o o.safetensors --network "$checkpoints/make.py"
one_line 'configuration in JSON'
