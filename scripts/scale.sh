#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/scale.sh [EXECUTIONS [SEED]]: is a second instance worth anything, and how should two exchange what they found?
# The same number of executions is spent from the same seeds four ways; then the corpora are counted by the same programs.
# That is the question about many machines, asked on one: two processes and a copy every few seconds instead of a network.
# Executions, not seconds, so that a busy machine changes nothing but the moments of the exchange. docs/scale.md has figures.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$root"
executions=${1:-200000} seed=${2:-1} interval=5
fuzzer=build/bin/rmap_fuzzer
[[ -x $fuzzer && -x build/bin/rmapfuzz ]] && command -v rsync >/dev/null || {
	echo "scale.sh: first: ./build.sh deps rsync && ./build.sh build fuzz" >&2
	exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mapfile -t settings < <(sed -n '/^\[libfuzzer\]/,/^\[/ s/^\([a-z_]*\) *= *\(.*\)$/-\1=\2/p' cmake/rmap_fuzzer.options)

# instance CORPUS EXECUTIONS SEED FLAG...
instance() {
	local corpus=$1 runs=$2 number=$3
	shift 3
	mkdir -p "$corpus"
	"$fuzzer" "${settings[@]}" -runs="$runs" -seed="$number" -artifact_prefix="$work/" "$@" "$corpus" build/seeds \
		>"$work/log-$number" 2>&1 </dev/null
}

# Files have their content's hash as name, so that a copy never changes one, and both directions are one command each.
exchange() {
	rsync -a --ignore-existing "$work/$1-1/" "$work/$1-2/"
	rsync -a --ignore-existing "$work/$1-2/" "$work/$1-1/"
}

two_instances() {
	local corpus_1=$1 corpus_2=$2 pids pid
	shift 2
	instance "$corpus_1" $((executions / 2)) "$seed" "$@" &
	pids=($!)
	instance "$corpus_2" $((executions / 2)) $((seed + 1000)) "$@" &
	pids+=($!)
	if [[ $way == 'two, copied' ]]; then
		while [[ -n $(jobs -rp) ]]; do
			sleep "$interval"
			exchange copied
		done
	fi
	for pid in "${pids[@]}"; do wait "$pid"; done
}

# What a corpus reaches: libFuzzer's edges and features, and the features of the model.
count() {
	local edges model directory
	mkdir -p "$work/all"
	for directory; do rsync -a --ignore-existing "$directory/" "$work/all/"; done
	edges=$("$fuzzer" "${settings[@]}" -runs=0 "$work/all" 2>&1 | sed -nE 's/^#[0-9]+\tDONE +cov: ([0-9]+) ft: ([0-9]+).*/\1 \2/p')
	model=$(build/bin/rmapfuzz distill "$work/all" 2>&1 | sed -nE 's/.*, ([0-9]+) features in .*/\1/p' | head -n 1)
	printf '| %s | %d | %s | %s | %s |\n' "$way" "$(find "$work/all" -type f | wc -l)" "${edges% *}" "${edges#* }" "$model"
	rm -rf "$work/all"
}

printf '| %d executions | files | edges | features | model features |\n|---|---|---|---|---|\n' "$executions"
way='one'
instance "$work/one" "$executions" "$seed"
count "$work/one"
way='two, one directory'
two_instances "$work/shared" "$work/shared" -reload=1
count "$work/shared"
way='two, copied'
two_instances "$work/copied-1" "$work/copied-2" -reload=1
exchange copied
count "$work/copied-1" "$work/copied-2"
way='two, apart'
two_instances "$work/apart-1" "$work/apart-2"
count "$work/apart-1" "$work/apart-2"
