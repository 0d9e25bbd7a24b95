#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How soon is a bug found? libFuzzer from an empty corpus with the project's settings, with the project's mutator and
# with its own, beside programs without any feedback, weighted and uniform. Prints a table; every run is a line of
# build/bench/find.csv.
#
# A finding counts only if the same program does not fail in the same way without the bug. Must never start from
# seeds or from a corpus of another run.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
bin=${RMAPFUZZ_BIN_DIR:-$root/build/bin}
seeds=10
limit=100000
seconds=60
jobs=$(nproc 2>/dev/null || echo 1)
bugs='S01 S02:6.18.44 S03 S14 S04 S08 S10 S12'
feedback_free=60000 # programs without feedback until a run gives up: who needs more has lost anyway
# Of the mutator, with every seed finding the bug: median and worst are executions, cpu is the median in seconds.
bars='S01:median=1000:worst=5000 S02:median=1000:worst=5000 S03:median=1000:worst=5000 S14:median=1000:worst=5000
	S04:median=15000 S08:median=15000 S12:median=15000 S10:cpu=60'

usage() {
	cat <<-EOT
	usage: bench/find.sh [--quick] [--seeds N] [--limit N] [--seconds N] [--jobs N] [--bugs "ID[:RELEASE]..."]

	  --seeds N    runs of each bug and driver, with the seeds 1..N ($seeds)
	  --limit N    executions until a run gives up ($limit); programs without feedback: at most $feedback_free
	  --seconds N  time until a run gives up ($seconds)
	  --jobs N     runs at the same time ($jobs)
	  --bugs LIST  $bugs
	  --quick      3 seeds of S01, S02, S03 and S14, 20 seconds each at most
	EOT
}

die() {
	printf 'bench/find.sh: %s\n' "$*" >&2
	exit 1
}

number() {
	[[ ${2:-} =~ ^[1-9][0-9]{0,8}$ ]] || die "$1 wants a number, not '${2:-}'"
	printf '%s\n' "$2"
}

# verdict FILE RELEASE [OPTION...]: which invariant breaks where, and how. Asks the target, for rmapfuzz would take
# an input without control bytes for text.
verdict() {
	ASAN_OPTIONS=symbolize=0 "$bin/rmap_fuzzer" --release="$2" "${@:3}" "$1" 2>&1 </dev/null |
		sed -n '/^==== /,/^$/p' || :
}

# one WORK LIMIT SECONDS BUG RELEASE DRIVER SEED: a run, in a process of its own. Prints a line of CSV, as
# bench --find does: bug, release, driver, seed, found, executions, others, processor time, signature.
one() {
	local work=$1 limit=$2 seconds=$3 bug=$4 release=$5 driver=$6 seed=$7 dir settings executions artifact found=0
	local TIMEFORMAT='%U %S' times
	local fuzzer=$bin/rmap_fuzzer
	if [[ $driver == weighted || $driver == uniform ]]; then
		((limit <= feedback_free)) || limit=$feedback_free
		"$bin/bench" --find --kind "$driver" --bug "$bug" --release "$release" --first-seed "$seed" --seeds 1 \
			--limit "$limit" --seconds "$seconds"
		return
	fi
	[[ $driver == mutator ]] || fuzzer=$bin/rmap_fuzzer-$driver
	dir=$work/$bug-$driver-$seed
	mkdir -p "$dir/corpus"
	mapfile -t settings < <(sed -n '/^\[libfuzzer\]/,/^\[/ s/^\([a-z_]*\) *= *\(.*\)$/-\1=\2/p' \
		"$root/cmake/rmap_fuzzer.options")
	times=$({ time "$fuzzer" --bug="$bug" --release="$release" "${settings[@]}" -seed="$seed" -runs="$limit" \
		-max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$dir/" "$dir/corpus" \
		>"$dir/log" 2>&1 </dev/null || :; } 2>&1)
	executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log")
	[[ -n $executions ]] || die "$bug: $(tail -n 1 "$dir/log")"
	artifact=$(find "$dir" -maxdepth 1 -name 'crash-*' | head -n 1)
	if [[ -n $artifact && $(verdict "$artifact" "$release") != "$(verdict "$artifact" "$release" --bug="$bug")" ]]; then
		found=1
	fi
	printf '%s,%s,%s,%s,%s,%s,%s,%s,%s\n' "$bug" "$release" "$driver" "$seed" "$found" "$executions" \
		"$([[ -n $artifact && $found == 0 ]] && echo 1 || echo 0)" \
		"$(awk '{ printf "%.3f", $1 + $2 }' <<<"$times")" \
		"$(sed -n 's/^DEDUP_TOKEN: \(I[0-9]*-.*\)/\1/p' "$dir/log" | head -n 1)"
	rm -rf -- "$dir"
}

if [[ ${1:-} == --one ]]; then
	shift
	one "$@"
	exit
fi

while (($#)); do
	case $1 in
	--help)
		usage
		exit
		;;
	--quick)
		seeds=3
		seconds=20
		bugs='S01 S02:6.18.44 S03 S14'
		;;
	--*=*)
		set -- "${1%%=*}" "${1#*=}" "${@:2}"
		continue
		;;
	--seeds | --limit | --seconds | --jobs)
		value=$(number "$@")
		printf -v "${1#--}" '%s' "$value"
		shift
		;;
	--bugs)
		bugs=${2:-}
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
csv=$(dirname -- "$bin")/bench/find.csv
mkdir -p "$(dirname -- "$csv")"

runs() {
	local bug driver seed
	for bug in $bugs; do
		for driver in mutator no-mutator weighted uniform; do
			for ((seed = 1; seed <= seeds; seed++)); do
				printf '%s %s %s %s\n' "${bug%%:*}" "$([[ $bug == *:* ]] && echo "${bug#*:}" || echo newest)" \
					"$driver" "$seed"
			done
		done
	done
}

# In the order of the bugs; the drivers as they are listed; found before not found, then by executions.
order() {
	awk -F, -v OFS=, -v bugs="$bugs" '
		BEGIN {
			n = split(bugs, list, " ")
			for (i = 1; i <= n; i++) { sub(/:.*/, "", list[i]); rank[list[i]] = i }
			driver["mutator"] = 1; driver["no-mutator"] = 2; driver["weighted"] = 3; driver["uniform"] = 4
		}
		{ print rank[$1] * 10 + driver[$3], $0 }' "$work/lines" | sort -t, -k1,1n -k6,6nr -k7,7n -k5,5n | cut -d, -f2-
}

table() {
	awk -F, -v bars="$bars" -v seeds="$seeds" '
		function show(i) { return i <= found ? executions[i] : ">" most }
		# of the two in the middle; 0 if one of them found nothing
		function middle(values,  a, b) {
			a = int((n + 1) / 2); b = int(n / 2) + 1
			return b <= found ? (values[a] + values[b]) / 2 : 0
		}
		function sort_seconds(  i, k, t) {
			for (i = 2; i <= found; i++)
				for (k = i; k > 1 && seconds[k] < seconds[k - 1]; k--) {
					t = seconds[k]; seconds[k] = seconds[k - 1]; seconds[k - 1] = t
				}
		}
		function judge(bar,  nr, i, part, met, value, text) {
			nr = split(bar, part, "[:=]")
			met = found == n
			for (i = 2; i < nr; i += 2) {
				value = part[i] == "worst" ? executions[n] : part[i] == "cpu" ? middle(seconds) : middle(executions)
				met = met && value <= part[i + 1]
				text = text ", " (part[i] == "cpu" ? "median cpu s" : part[i]) " at most " part[i + 1]
			}
			return sprintf("   bar: %d of %d%s: %s", n, n, text, met ? "met" : "MISSED")
		}
		function flush() {
			if (!n) return
			sort_seconds()
			printf "  %-5s %-9s %-10s %3d/%-3d %8s %8s %8s %9.2f", key_bug, key_release, key_driver, found, n, show(1),
				middle(executions) ? int(middle(executions)) : ">" most, show(n), cpu / n
			if (key_driver == "mutator" && key_bug in bar_of)
				printf "%s", judge(bar_of[key_bug])
			print (others ? "   (other violations: " others ")" : "")
			n = found = others = cpu = most = 0
		}
		BEGIN {
			nr_bars = split(bars, list, /[ \t\n]+/)
			for (i = 1; i <= nr_bars; i++)
				bar_of[substr(list[i], 1, index(list[i], ":") - 1)] = list[i]
			printf "executions or programs to the bug, %d seeds%2s found      min   median      max  cpu s/run\n", seeds, ""
		}
		$1 != key_bug || $3 != key_driver { flush(); key_bug = $1; key_release = $2; key_driver = $3 }
		{
			n++; found += $5; executions[n] = $6; seconds[n] = $8
			if ($6 > most) most = $6
			others += $7; cpu += $8
		}
		END { flush() }'
}

runs | xargs -P "$jobs" -L 1 bash "${BASH_SOURCE[0]}" --one "$work" "$limit" "$seconds" >"$work/lines"
{
	printf 'bug,release,driver,seed,found,executions,others,cpu_seconds,signature\n'
	order
} >"$csv"
tail -n +2 "$csv" | table
printf '  each run: %s\n' "${csv#"$PWD/"}"
