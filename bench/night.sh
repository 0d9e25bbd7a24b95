#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Which process model for a night? The same wall time on the same cores for each: plain libFuzzer workers over a shared
# corpus with -reload, as a loop that starts them again; libFuzzer's -fork; afl-fuzz -M and -S; and rmapfuzz overnight, which
# is the first with known failures passed. On the newest release, where all that counts is how far they get, and on a
# release with bugs, where it counts what they do after a crash. Prints a table; each run is a line of
# build/bench/night.csv.
#
# What is reached is counted afterwards, of the corpus each leaves, in model features (rmapfuzz distill) and in edges
# (the target of the fuzz preset). Must never count a program that somebody else made.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
bin=${RMAPFUZZ_BIN_DIR:-$root/build/bin}
seeds=1
seconds=60
jobs=2
releases='newest 5.19'
models='workers fork afl overnight'

usage() {
	cat <<-EOT
	usage: bench/night.sh [--quick] [--seeds N] [--seconds N] [--jobs N] [--releases "R..."] [--models "M..."]

	  --seeds N        runs of each, one after the other ($seeds)
	  --seconds N      of each run ($seconds)
	  --jobs N         processes at the same time ($jobs)
	  --releases LIST  $releases
	  --models LIST    $models
	  --quick          one run of 15 seconds each
	EOT
}

die() {
	printf 'bench/night.sh: %s\n' "$*" >&2
	exit 1
}

# sum_of_executions LOG...: of each process the number in its last status line
sum_of_executions() {
	local log sum=0 last
	for log; do
		last=$(grep -aoE '^#[0-9]+' "$log" | tail -n 1) || :
		sum=$((sum + ${last:+${last#\#}} + 0))
	done
	printf '%s\n' "$sum"
}

# Each model leaves its corpus in $dir/corpus, artifacts in $dir/found, and prints its executions.

one_worker() {
	local until=$((SECONDS + seconds)) n=0
	while ((SECONDS < until)); do
		n=$((n + 1))
		"$bin/rmap_fuzzer" "${options[@]}" "${settings[@]}" -seed=$((seed * 1000 + $1 * 100 + n)) -reload=1 \
			-max_total_time=$((until - SECONDS)) -artifact_prefix="$dir/found/" "$dir/corpus" \
			>"$dir/log.$1.$n" 2>&1 </dev/null || :
	done
}

model_workers() {
	local worker
	cp "$root/build/seeds"/* "$dir/corpus/"
	for ((worker = 1; worker <= jobs; worker++)); do
		one_worker "$worker" &
	done
	wait
	sum_of_executions "$dir"/log.*
}

model_fork() {
	cp "$root/build/seeds"/* "$dir/corpus/"
	"$bin/rmap_fuzzer" "${options[@]}" "${settings[@]}" -seed="$seed" -fork="$jobs" -ignore_crashes=1 -ignore_ooms=1 \
		-ignore_timeouts=1 -max_total_time="$seconds" -artifact_prefix="$dir/found/" "$dir/corpus" \
		>"$dir/log" 2>&1 </dev/null || :
	sum_of_executions "$dir/log"
}

model_afl() {
	local worker role stats
	command -v afl-fuzz >/dev/null && [[ -x $bin/rmap_fuzzer-afl ]] || { echo 0 && return; }
	export AFL_CUSTOM_MUTATOR_LIBRARY=$bin/librmap_mutator.so AFL_CUSTOM_MUTATOR_ONLY=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 \
		AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_IGNORE_SEED_PROBLEMS=1 AFL_SYNC_TIME=1 RMAPFUZZ_RELEASE="$release"
	for ((worker = 1; worker <= jobs; worker++)); do
		role=-S
		((worker > 1)) || role=-M
		afl-fuzz -V "$seconds" -s $((seed + worker)) -m none -t 10000 -G 3076 "$role" "w$worker" -i "$root/build/seeds" \
			-o "$dir/afl" -- "$bin/rmap_fuzzer-afl" >"$dir/log.$worker" 2>&1 </dev/null &
	done
	wait
	cp "$dir"/afl/w*/queue/id:* "$dir/corpus/" 2>/dev/null || :
	cp "$dir"/afl/w*/crashes/id:* "$dir/found/" 2>/dev/null || :
	stats=$(sed -n 's/^execs_done *: *//p' "$dir"/afl/w*/fuzzer_stats | paste -sd+)
	printf '%s\n' "$((stats + 0))"
}

model_overnight() {
	"$bin/rmapfuzz" overnight --hours "${seconds}s" --jobs "$jobs" --dir "$dir/run" "${options[@]}" >"$dir/log" 2>&1 </dev/null || :
	mv "$dir/run/corpus"/* "$dir/corpus/"
	cp "$dir"/run/findings/*/input-* "$dir/found/" 2>/dev/null || :
	jq .executions "$dir/run/state.json"
}

# Classes of failures among the artifacts.
classes() {
	[[ -n $(ls "$dir/found") ]] || { echo 0 && return; }
	{ "$bin/rmapfuzz" triage --json "${options[@]}" -o "$dir/classes" "$dir/found" 2>/dev/null </dev/null || :; } |
		jq -r 'select(.signature) | .directory' | sort -u | wc -l
}

# The target passes known failures when it is told of all that triage has found.
edges() {
	jq -r .class "$dir"/classes/*/finding.json >"$dir/known" 2>/dev/null || :
	"$bin/rmap_fuzzer" "${options[@]}" --known="$dir/known" "${settings[@]}" -runs=0 "$dir/corpus" 2>&1 </dev/null |
		sed -nE 's/.*INITED +cov: ([0-9]+).*/\1/p'
}

# one MODEL RELEASE SEED: a line of CSV
one() {
	local model=$1 release=$2 seed=$3 dir=$work/$1-$2-$3 options=() executions found
	mkdir -p "$dir/corpus" "$dir/found"
	[[ $release == newest ]] || options=(--release="$release")
	executions=$("model_$model")
	found=$(classes)
	printf '%s,%s,%s,%s,%s,%s,%s,%s\n' "$model" "$release" "$seed" "$executions" "$(find "$dir/corpus" -type f | wc -l)" \
		"$("$bin/rmapfuzz" distill --json "${options[@]}" "$dir/corpus" 2>/dev/null | jq .features)" "$(edges)" "$found"
	rm -rf "$dir"
}

# The median of each figure, a row a model and release.
table() {
	printf '| release | model | executions | files | model features | edges | classes found |\n|---|---|---|---|---|---|---|\n'
	for release in $releases; do
		for model in $models; do
			printf '| %s | %s |' "$release" "$model"
			for column in 4 5 6 7 8; do
				awk -F, -v m="$model" -v r="$release" -v c=$column '$1 == m && $2 == r { print $c }' "$csv" | sort -n |
					awk '{ v[NR] = $1 } END { printf " %s |", v[int((NR + 1) / 2)] }'
			done
			printf '\n'
		done
	done
}

while (($#)); do
	case $1 in
	--*=*)
		set -- "${1%%=*}" "${1#*=}" "${@:2}"
		continue
		;;
	--quick) seeds=1 seconds=15 ;;
	--seeds | --seconds | --jobs)
		[[ ${2:-} =~ ^[1-9][0-9]{0,5}$ ]] || die "$1 wants a number, not '${2:-}'"
		printf -v "${1#--}" %s "$2"
		shift
		;;
	--releases | --models)
		printf -v "${1#--}" %s "${2:?}"
		shift
		;;
	-h | --help)
		usage
		exit 0
		;;
	--find | --empty) ;; # options of other benches, which get the same; those below have a value
	--*) shift ;;
	*) die "no arguments are taken, but here is '$1'" ;;
	esac
	shift || break
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mapfile -t settings < <(sed -n '/^\[libfuzzer\]/,/^\[/ s/^\([a-z_]*\) *= *\(.*\)$/-\1=\2/p' "$root/cmake/rmap_fuzzer.options")
csv=$root/build/bench/night.csv
mkdir -p "${csv%/*}"
printf 'model,release,seed,executions,files,features,edges,classes\n' >"$csv"
for release in $releases; do
	for ((seed = 1; seed <= seeds; seed++)); do
		for model in $models; do # side by side in time: the machine may have other things to do
			one "$model" "$release" "$seed" | tee -a "$csv" >&2
		done
	done
done
printf '\n%s jobs, %s s a run, medians of %s:\n\n' "$jobs" "$seconds" "$seeds"
table
