#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# AFL++ runs the fuzz target with the mutator library: from one byte it finds the bug of 2010, with programs that the
# library made; and what it found replays. As docs/fuzzing.md says it is done. ctest: timeout=300 label=slow
set -uo pipefail

bin=$RMAPFUZZ_BIN_DIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

check() {
	if "${@:2}" >"$work/log" 2>&1 </dev/null; then
		echo "$1: ok"
		passed=$((passed + 1))
	else
		echo "FAILED $1"
		tail -n 5 "$work/log"
		failed=$((failed + 1))
	fi
}

target() {
	CC=afl-clang-fast CXX=afl-clang-fast++ cmake -S . -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
		-DRMAPFUZZ_ENGINE=-fsanitize=fuzzer && cmake --build "$work/build" --target rmap_fuzzer
}

fuzz() {
	mkdir -p "$work/in"
	printf '\n' >"$work/in/newline"
	# until the first crash; the rest makes it run in a container and without a terminal
	RMAPFUZZ_BUG=S01 AFL_CUSTOM_MUTATOR_LIBRARY=$bin/librmap_mutator.so AFL_CUSTOM_MUTATOR_ONLY=1 AFL_BENCH_UNTIL_CRASH=1 \
		AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
		timeout 120 afl-fuzz -s 1 -i "$work/in" -o "$work/out" -- "$work/build/bin/rmap_fuzzer"
}

# Each finding was made by the library, is a program of the bug, and is clean without it.
findings() {
	local file n=0
	for file in "$work"/out/default/crashes/id*; do
		[[ $file == *,op:librmap_mutator.so,* ]] || return 1
		"$bin/rmapfuzz" run --bug S01 -q "$file"
		(($? == 77)) || return 1
		"$bin/rmapfuzz" run -q "$file" || return 1
		n=$((n + 1))
	done
	((n > 0))
}

check 'the target, built by afl-clang-fast' target
check 'afl-fuzz with the library' fuzz
check 'S01 is found and replays' findings
sed -n 's/^\(execs_done\|saved_crashes\) *: /\1: /p' "$work/out/default/fuzzer_stats" 2>/dev/null
echo "$passed passed, $failed failed"
((failed == 0))
