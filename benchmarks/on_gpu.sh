#!/usr/bin/env bash
# Everything that needs a GPU, from a bare checkout, in under nine minutes: bash benchmarks/on_gpu.sh
#
# Nothing is installed or fetched; Python needs jax, torch, numpy, optax, flax, scikit-learn and matplotlib. The steps go
# from the most valuable to the least. Each has its time: what one leaves over passes to the next, and one that runs late
# or fails does not stop the others. After each step its result lies in the output folder, which never holds more than
# eight files; logs, figures and traces are in all.tar.gz.
#
#   OUT=FOLDER       where to write (default: benchmarks/results/<machine>)
#   DEVICE=cpu       try the script without a GPU
#   SIZE=short       tiny sizes: only whether it runs
#   LIMIT=SECONDS    for everything (default: 530)
#   PYTHON=python3   the interpreter
set -u
cd "$(dirname "$0")/.." || exit 2
DEVICE=${DEVICE:-gpu} SIZE=${SIZE:-full} LIMIT=${LIMIT:-530} PYTHON=${PYTHON:-python3}
export PYTHONPATH=. PYTHONUNBUFFERED=1
export XLA_PYTHON_CLIENT_PREALLOCATE=false # JAX and torch share the GPU's memory

machine='from benchmarks.machinery import provenance as at; print(at.folder(at.hardware("'$DEVICE'")))'
OUT=${OUT:-benchmarks/results/$($PYTHON -c "$machine")}
mkdir -p "$OUT" && OUT=$(cd "$OUT" && pwd) || exit 2
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
SUMMARY=$OUT/summary.md
printf '# On one %s\n\n| step | seconds | result |\n| --- | ---: | --- |\n' "${DEVICE^^}" >"$SUMMARY"

if [ "$SIZE" = short ]; then
  bits=(--steps 3 --only SGD --only Adagrad) verdict=(--epochs 1)
  optimizers=(--short) groups=(--short) epoch=(--short) sweep=(--short)
else
  bits=() verdict=()
  optimizers=(--match "*100M as one*" --leave-out "torch compiled" --leave-out "torch single" --leave-out "lrjax update")
  groups=(--leave-out multi_transform --leave-out "inject_hyperparams in multi_transform" --leave-out "masked chain")
  groups+=(--match "1 group" --match "100 groups" --rounds 5)
  epoch=(--leave-out "torch compiled, CUDA graphs" --leave-out "torch compiled" --rounds 5)
  sweep=(--rounds 1)
fi

due=0
# step NAME SECONDS COMMAND...: run the command until the sum of all SECONDS so far is over; note how it went.
step() {
  local name=$1 began=$SECONDS status result
  due=$((due + $2 * LIMIT / 530))
  shift 2
  local left=$((due - SECONDS))
  if [ $left -lt 10 ]; then
    echo "| $name | 0 | not begun: no time left |" >>"$SUMMARY"
    return
  fi
  printf '\n=== %s, up to %d s\n' "$name" $left
  # What can stop by itself does so, a little earlier, and writes its report.
  local own=$((left > 60 ? left - 30 : left / 2))
  timeout --kill-after=5 $left "${@//@seconds/$own}" >"$WORK/$name.log" 2>&1
  status=$?
  grep '^|' "$WORK/$name.log" || tail -n 5 "$WORK/$name.log"
  result=$(grep -E '^(Equal in every bit|JAX and PyTorch|python -m|[A-Za-z]*Error)|MISSED|holds' "$WORK/$name.log" |
    sed 's/^| *//; s/ *|$//; s/ | /: /g; s/|/\//g' | head -c 2000 | paste -sd ';' | sed 's/;/; /g')
  case $status in
    0) status=done ;;
    124 | 137) status="stopped, its time was over" ;;
    *) status="exit status $status" ;;
  esac
  echo "| $name | $((SECONDS - began)) | $status${result:+: $result} |" >>"$SUMMARY"
  keep
}

# Copy what there is by now into the output folder.
keep() {
  cp "$WORK"/bits/bits.md "$WORK"/bits/bits.json "$OUT" 2>/dev/null
  cp "$WORK"/verdict/summary.md "$OUT/verdict.md" 2>/dev/null
  cp "$WORK"/benchmarks/report.md "$WORK"/benchmarks/results.json "$OUT" 2>/dev/null
  tar czf "$OUT/all.tar.gz" -C "$WORK" . 2>/dev/null
}

bench() { # bench NAME SECONDS MEASUREMENT OPTIONS...
  local name=$1 seconds=$2 measurement=$3
  shift 3
  step "$name" "$seconds" $PYTHON -m benchmarks --device "$DEVICE" --out "$WORK/benchmarks" --only "$measurement" \
    --seconds @seconds "$@"
}

step bits 120 $PYTHON -m parity_tests.gpu.bits --device "$DEVICE" --out "$WORK/bits" --seconds @seconds "${bits[@]}"
step verdict 120 $PYTHON -m lrparity --device "$DEVICE" --out "$WORK/verdict" --no-claims "${verdict[@]}"
bench optimizers 120 optimizer_step "${optimizers[@]}"
bench groups 60 groups "${groups[@]}"
bench epoch 50 finetune "${epoch[@]}"
bench sweep 60 sweep "${sweep[@]}"

echo
cat "$SUMMARY"
echo
echo "Results: ${OUT##*/}; $SECONDS s in all."
