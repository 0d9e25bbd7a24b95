#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The minimizer beside libFuzzer's: failing programs of 200 to 512 operations, each minimized by rmapfuzz min, and by
# -minimize_crash=1 in a hundred times the processor time that min took (and at least a second). If libFuzzer is not at
# that size by then, min is more than a hundred times faster. Both are the builds with ASan. Before that the table of
# bench --minimize, without ASan.
#
# Must never choose files by what comes out of them.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
bin=${RMAPFUZZ_BIN_DIR:-$root/build/bin}
failing=1

usage() {
	cat <<-EOT
	usage: bench/minimize.sh [--quick] [--failing N]

	  --failing N   programs of each bug ($failing)
	  --quick       one program of S01, S04 and S12
	EOT
}

only=
while (($#)); do
	case $1 in
	--help)
		usage
		exit
		;;
	--quick) only='S01_newest S04 S12' ;;
	--failing)
		failing=$2
		shift
		;;
	--*=*)
		set -- "${1%%=*}" "${1#*=}" "${@:2}"
		continue
		;;
	--find | --empty | --minimize | --verbose) ;;
	--*) shift ;; # an option of another bench, with its value
	*)
		printf 'bench/minimize.sh: no arguments are taken, but here is %s\n' "$1" >&2
		exit 1
		;;
	esac
	shift || break
done

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/failing"
[[ -n $only ]] || "$bin/bench" --minimize
"$bin/bench" --minimize --seeds "$failing" --write "$work/failing"

# cpu COMMAND...: processor seconds
cpu() {
	local TIMEFORMAT='%U %S' times
	times=$({ time "$@" >"$work/out" 2>"$work/err" </dev/null || :; } 2>&1)
	awk '{ printf "%.3f\n", $1 + $2 }' <<<"$times"
}

operations() { "$bin/rmapfuzz" fmt "$1" | grep -c '^[A-H] ' || :; }

# What libFuzzer's minimizer gets to in some seconds: it starts a process for each step and stops by itself.
libfuzzer() {
	local file=$1 seconds=$2 prefix=$work/libfuzzer/ last
	shift 2
	rm -rf "$prefix"
	mkdir "$prefix"
	last=$(ASAN_OPTIONS=symbolize=0 timeout -s INT "$seconds" "$bin/rmap_fuzzer" "$@" -minimize_crash=1 -max_total_time="$seconds" \
		-artifact_prefix="$prefix" "$file" 2>&1 </dev/null |
		sed -n "s/^CRASH_MIN: '\(.*\)' ([0-9]* bytes) caused a crash.*/\1/p" | tail -n 1) || :
	operations "${last:-$file}"
}

printf 'minimizers, ASan: %36s\n' 'operations      min: to, cpu s     libFuzzer: to, in s'
for file in "$work"/failing/*; do
	IFS=_ read -r bug release check _ <<<"${file##*/}"
	[[ -z $only || " $only " == *" $bug "* || " $only " == *" ${bug}_$release "* ]] || continue
	settings=(--bug="$bug" --release="$release" --check="$check")
	seconds=$(cpu "$bin/rmapfuzz" min "${settings[@]}" --bytes -o "$work/small" "$file")
	allowed=$(awk '{ printf "%d\n", $1 * 100 < 1 ? 1 : $1 * 100 }' <<<"$seconds")
	small=$(operations "$work/small")
	theirs=$(libfuzzer "$file" "$allowed" "${settings[@]}")
	printf '  %-4s %-10s %-4s %18d %12d %8s %14d %6d   bar: 100 times faster, %s\n' "$bug" "$release" "$check" \
		"$(operations "$file")" "$small" "$seconds" "$theirs" "$allowed" \
		"$( ((theirs > small)) && echo met || echo MISSED)"
done
