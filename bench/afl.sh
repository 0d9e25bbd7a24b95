#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What AFL++ reaches from one byte, alone and as two instances that share by its own synchronisation, beside libFuzzer:
# executions, edges of the target, model features of the programs that were kept. Every instance gets the same
# processor time, so other work on the machine does not count. Must never compare by what an engine says of itself:
# all corpora are measured by the same build (afl-showmap) and by rmapfuzz distill.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
bin=${RMAPFUZZ_BIN_DIR:-$root/build/bin}
seeds=3
seconds=60

usage() {
	cat <<-EOT
	usage: bench/afl.sh [--quick] [--seeds N] [--seconds N]

	  --seeds N    runs of each kind, with the seeds 1..N ($seeds)
	  --seconds N  of processor time for each instance ($seconds)
	  --quick      one seed, 5 seconds
	EOT
}

die() {
	printf 'bench/afl.sh: %s\n' "$*" >&2
	exit 1
}

while (($#)); do
	case $1 in
	--help)
		usage
		exit
		;;
	--quick)
		seeds=1
		seconds=5
		;;
	--*=*)
		set -- "${1%%=*}" "${1#*=}" "${@:2}"
		continue
		;;
	--seeds | --seconds)
		[[ ${2:-} =~ ^[1-9][0-9]{0,5}$ ]] || die "$1 wants a number, not '${2:-}'"
		printf -v "${1#--}" '%s' "$2"
		shift
		;;
	--find | --empty) ;;
	--*) shift ;; # an option of another bench, with its value
	*) die "no arguments are taken, but here is '$1'" ;;
	esac
	shift || break
done

for program in rmap_fuzzer rmap_fuzzer-afl librmap_mutator.so rmapfuzz; do
	[[ -e $bin/$program ]] || die "there is no $program: ./build.sh build fuzz release afl"
done
work=$(mktemp -d)
running=()
trap 'kill "${running[@]}" 2>/dev/null || :; rm -rf -- "$work"' EXIT
mkdir "$work/in"
printf '\n' >"$work/in/newline"
ticks=$(getconf CLK_TCK)
setting() { sed -n "s/^$1 *= *//p" "$root/cmake/rmap_fuzzer.options"; }

# A fuzzer keeps to its processes: its own time, and that of its fork server and of the target beneath.
tree() {
	local child
	printf '%s\n' "$1"
	for child in $(pgrep -P "$1"); do tree "$child"; done
}

# Processor time of a tree so far, in ticks, with that of children that are gone.
time_of() {
	local pid
	for pid in $(tree "$1"); do
		sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null || :
	done | awk '{ sum += $12 + $13 + $14 + $15 } END { print sum + 0 }'
}

# Until each of these processes has had its time; prints the sum in seconds.
give_time() {
	local pid had total=0 left=("$@") still
	while ((${#left[@]})); do
		sleep 0.5
		still=()
		for pid in "${left[@]}"; do
			had=$(time_of "$pid")
			if ((had < seconds * ticks)) && kill -0 "$pid" 2>/dev/null; then
				still+=("$pid")
				continue
			fi
			kill -INT "$pid" 2>/dev/null || :
			total=$((total + had))
		done
		left=("${still[@]}")
	done
	awk -v ticks="$total" -v hz="$ticks" 'BEGIN { printf "%.1f\n", ticks / hz }'
}

# afl DIRECTORY SEED INSTANCE...: becomes one instance
afl() {
	AFL_CUSTOM_MUTATOR_LIBRARY=$bin/librmap_mutator.so AFL_CUSTOM_MUTATOR_ONLY=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 \
		AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SYNC_TIME=1 \
		exec afl-fuzz -s "$2" -t "$(setting timeout)000" -G "$(setting max_len)" -m none "${@:3}" \
		-i "$work/in" -o "$1" -- "$bin/rmap_fuzzer-afl"
}

libfuzzer() {
	exec "$bin/rmap_fuzzer" -max_len="$(setting max_len)" -len_control="$(setting len_control)" \
		-timeout="$(setting timeout)" -seed="$2" -print_final_stats=1 "$1/corpus"
}

stat_sum() { sed -n "s/^$1 *: *//p" "${@:2}" | awk '{ sum += $1 } END { print sum + 0 }'; }

# edges DIRECTORY, features DIRECTORY: of all programs in it
edges() {
	AFL_QUIET=1 afl-showmap -C -m none -t 10000 -i "$1" -o "$work/map" -- "$bin/rmap_fuzzer-afl" >/dev/null 2>&1 || :
	wc -l <"$work/map"
}
features() { "$bin/rmapfuzz" distill --json "$1" | jq .features; }

# one KIND SEED: a line of the table
one() {
	local kind=$1 seed=$2 dir=$work/$1-$2 cpu executions imported=- stability=-
	mkdir -p "$dir/corpus"
	running=()
	case $kind in
	libfuzzer) libfuzzer "$dir" "$seed" >"$dir/log" 2>&1 </dev/null & running+=($!) ;;
	one) afl "$dir/out" "$seed" -M main >"$dir/log" 2>&1 </dev/null & running+=($!) ;;
	two)
		afl "$dir/out" "$seed" -M main >"$dir/log" 2>&1 </dev/null &
		running+=($!)
		afl "$dir/out" "$((seed + 1000))" -S second >"$dir/log2" 2>&1 </dev/null &
		running+=($!)
		;;
	esac
	give_time "${running[@]}" >"$work/cpu"
	cpu=$(<"$work/cpu")
	wait "${running[@]}" || :
	running=()
	if [[ $kind == libfuzzer ]]; then
		executions=$(stat_sum stat::number_of_executed_units "$dir/log")
		[[ $executions != 0 ]] || executions=$(grep -aoE '^#[0-9]+' "$dir/log" | tail -n 1 | tr -d '#')
	else
		executions=$(stat_sum execs_done "$dir"/out/*/fuzzer_stats)
		imported=$(stat_sum corpus_imported "$dir"/out/*/fuzzer_stats)
		stability=$(sed -n 's/^stability *: *//p' "$dir"/out/*/fuzzer_stats | sort | head -n 1)
		[[ $executions != 0 ]] || die "afl-fuzz: $(tail -n 3 "$dir/log")"
		for instance in "$dir"/out/*/; do
			find "$instance/queue" -maxdepth 1 -name 'id:*' ! -name '*sync:*' -exec \
				sh -c 'for f; do cp "$f" "$0-$(basename "$f" | tr -c "a-z0-9\n" _)"; done' \
				"$dir/corpus/$(basename "$instance")" {} +
		done
	fi
	# shellcheck disable=SC2059 # shared with the head of the table
	printf "$line" "$kind" "$seed" "$cpu" "$executions" "$(find "$dir/corpus" -type f | wc -l)" \
		"$(edges "$dir/corpus")" "$(features "$dir/corpus")" "$imported" "$stability"
	rm -rf -- "$dir"
}

printf '%s s of processor time an instance, from one byte\n' "$seconds"
line='  %-10s %5s %8s %11s %9s %7s %9s %9s %10s\n'
# shellcheck disable=SC2059
printf "$line" "" seed "cpu s" executions programs edges features imported stability
for ((seed = 1; seed <= seeds; seed++)); do
	for kind in libfuzzer one two; do
		one "$kind" "$seed"
	done
done
