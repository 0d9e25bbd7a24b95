#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Sound releases stay silent: over the seeds and regression programs, and over a minute of fuzzing.
# ctest: timeout=300 label=slow
set -uo pipefail

bin=$RMAPFUZZ_BIN_DIR
seeds=${bin%/bin}/seeds
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
mapfile -t settings < <(sed -n '/^\[libfuzzer\]/,/^\[/ s/^\([a-z_]*\) *= *\(.*\)$/-\1=\2/p' cmake/rmap_fuzzer.options)

check() {
	local what=$1
	shift
	if "$@" >"$work/log" 2>&1 </dev/null; then
		echo "$what: silent$(sed -n 's/^stat::number_of_executed_units: */, executions: /p' "$work/log")"
		passed=$((passed + 1))
	else
		echo "FAILED $what"
		grep -aE '^====|^  [a-zA-Z]|^DEDUP_TOKEN: I|SUMMARY' "$work/log" | head -n 20
		failed=$((failed + 1))
	fi
}

(($(find "$seeds/" -type f | wc -l) >= 30)) || {
	echo "FAILED only $(find "$seeds/" -type f | wc -l) seeds in $seeds"
	failed=1
}
check 'seeds under 3.16 but for X05 and C14' "$bin/rmap_fuzzer" --release=3.16 --decision=COW_REUSE=SWAP_COUNT_GUP_COPIES --decision=MERGE_SURVIVOR=NEXT -runs=0 "$seeds"
for release in 6.1.192 6.12.117 7.3; do
	check "seeds under $release" "$bin/rmap_fuzzer" --release="$release" -runs=0 "$seeds"
done
check 'seeds, recycling at once' "$bin/rmap_fuzzer" --recycle=now -runs=0 "$seeds"
mkdir "$work/corpus"
check 'a minute of fuzzing' "$bin/rmap_fuzzer" "${settings[@]}" -seed=2010 -max_total_time=60 -print_final_stats=1 \
	-artifact_prefix="$work/" "$work/corpus" "$seeds"
echo "$passed passed, $failed failed"
((failed == 0))
