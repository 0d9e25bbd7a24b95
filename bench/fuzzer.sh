#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The fuzz target under libFuzzer at 64 operations: executions a second with ASan beside those without, and where
# the time goes. Times are processor time; the two builds take turns. Must never compare runs that did not do the
# same number of executions from the same seeds, and never fails because a machine is slow or has no perf.
set -euo pipefail

bin=${RMAPFUZZ_BIN_DIR:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)/build/bin}
repeat=5
runs=20000
ops=64

usage() {
	cat <<-EOT
	usage: bench/fuzzer.sh [--quick] [--repeat N] [--runs N]

	  --repeat N   turns of each build, of which the median ratio is taken ($repeat)
	  --runs N     executions in each turn ($runs)
	  --quick      3 turns of 10000 executions
	EOT
}

die() {
	printf 'bench/fuzzer.sh: %s\n' "$*" >&2
	exit 1
}

# A number of at least 1, or the end.
number() {
	[[ ${2:-} =~ ^[1-9][0-9]{0,8}$ ]] || die "$1 wants a number, not '${2:-}'"
	printf '%s\n' "$2"
}

while (($#)); do
	case $1 in
	--help)
		usage
		exit
		;;
	--quick)
		repeat=3
		runs=10000
		;;
	--*=*)
		set -- "${1%%=*}" "${1#*=}" "${@:2}"
		continue
		;;
	--repeat)
		repeat=$(number "$@")
		shift
		;;
	--runs)
		runs=$(number "$@")
		shift
		;;
	--find | --empty) ;;
	--*) shift ;; # an option of another bench, with its value
	*) die "no arguments are taken, but here is '$1'" ;;
	esac
	shift || break
done

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/seeds"
"$bin/bench" --write "$work/seeds" --programs 200
printf '%s\n' "$work"/seeds/* | paste -sd, >"$work/seed_inputs"

# No directory: the corpus stays in memory, and files are not what is measured.
settings=(-max_len=$((4 + ops * 6)) -len_control=0 -timeout=10 -rss_limit_mb=2048 -runs="$runs" -verbosity=0
	-seed_inputs=@"$work/seed_inputs" -artifact_prefix="$work/")

# fuzz PROGRAM SEED: one turn, from the fixed set.
fuzz() {
	"$bin/$1" "${settings[@]}" -seed="$2" \
		>"$work/log" 2>&1 </dev/null || die "$1 stopped: $(grep -am1 -E '^(====|SUMMARY)' "$work/log" || tail -n 1 "$work/log")"
}

# Executions a second of processor time in one turn.
rate() {
	local TIMEFORMAT='%U %S' times
	times=$({ time fuzz "$@" 2>"$work/error"; } 2>&1) || die "$(<"$work/error")"
	awk -v runs="$runs" '{ printf "%.0f\n", runs / ($1 + $2) }' <<<"$times"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

speed() {
	local turn with without
	for ((turn = 1; turn <= repeat; turn++)); do
		if ((turn % 2)); then
			with=$(rate rmap_fuzzer "$turn")
			without=$(rate rmap_fuzzer-noasan "$turn")
		else
			without=$(rate rmap_fuzzer-noasan "$turn")
			with=$(rate rmap_fuzzer "$turn")
		fi
		printf '%s %s\n' "$with" "$without" >>"$work/rates"
	done
	with=$(cut -d' ' -f1 "$work/rates" | median)
	without=$(cut -d' ' -f2 "$work/rates" | median)
	printf 'libFuzzer, %d operations, median of %d turns of %d executions%s %12s\n' "$ops" "$repeat" "$runs" \
		"" "exec/s"
	printf '  %-46s %8.0f\n' "without ASan" "$without"
	awk '{ print $1 / $2 }' "$work/rates" | median | awk -v with="$with" '{
		printf "  %-46s %8.0f%8.2f   bar: at least 0.5, %s\n", "with ASan", with, $1, ($1 >= 0.5 ? "met" : "MISSED") }'
}

# Rooms of our symbols, as "symbol room" lines. Libraries stand beside the program that they were linked into.
rooms() {
	local dir room
	dir=$(dirname -- "$(dirname -- "$(readlink -f -- "$bin/rmap_fuzzer")")")
	for room in model oracle program driver; do
		nm --defined-only "$dir/librmapfuzz_$room.a" 2>/dev/null |
			awk -v room="$room" 'NF == 3 && tolower($2) == "t" { print $3, room }'
	done
	# objects, not a library
	nm --defined-only "$dir"/CMakeFiles/rmapfuzz_mutator.dir/fuzz/*.o 2>/dev/null |
		awk 'NF == 3 && tolower($2) == "t" { print $3, "mutator" }'
	printf 'LLVMFuzzerTestOneInput driver\n'
}

shares() {
	if ! command -v perf >/dev/null; then
		printf '  no perf here (package linux-perf): where the time goes is left out\n'
		return
	fi
	if ! perf record -q -F 2000 -o "$work/perf" -- "$bin/rmap_fuzzer" "${settings[@]}" -seed=1 \
		>"$work/log" 2>&1 </dev/null; then
		printf '  perf is not allowed to look here: where the time goes is left out\n'
		return
	fi
	printf 'samples, with ASan %38s\n' "share"
	rooms >"$work/rooms"
	perf report -i "$work/perf" --stdio -F overhead,sym -t '|' 2>/dev/null | awk -F'|' '
		function class_of(symbol, kernel) {
			if (kernel) return "kernel"
			if (symbol in room) return room[symbol]
			# logarithms: only its entropic schedule takes any
			if (symbol ~ /^(fuzzer::|.*std::__Fuzzer|LLVMFuzzer|.*log_fma$|.*log$)/) return "libFuzzer"
			if (symbol ~ /asan|sanitizer|ubsan|interceptor|interception|^sancov/) return "sanitizer callbacks"
			return "libc and other"
		}
		FNR == NR { split($0, word, " "); if (!(word[1] in room)) room[word[1]] = word[2]; next }
		/^#/ || !/%/ { next }
		{
			symbol = $2
			sub(/^ *\[.\] */, "", symbol)
			sub(/ *$/, "", symbol)
			share[class_of(symbol, $2 ~ /^ *\[k\]/)] += $1
		}
		END {
			n = split("model oracle program driver mutator,sanitizer callbacks,libFuzzer,libc and other,kernel", order, ",")
			split("model oracle program driver mutator", own, " ")
			for (i = 1; i <= 5; i++) { ours += share[own[i]] }
			printf "  %-46s %7.1f%%\n", "our code", ours
			for (i = 1; i <= 5; i++)
				printf "  %-46s %7.1f%%\n", "    " (own[i] == "mutator" ? "fuzz/" : "src/") own[i], share[own[i]]
			for (i = 2; i <= n; i++) printf "  %-46s %7.1f%%\n", order[i], share[order[i]]
		}' "$work/rooms" -
}

speed
shares
