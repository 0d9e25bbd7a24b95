#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ./build.sh fuzz --engine afl: from one byte it finds the bug of 2010, with programs that the mutator library made, and
# what it found replays; the ends of a run, and how it goes on. ctest: timeout=300 label=slow
# shellcheck source=tests/shared.bash
source tests/shared.bash

out=build/afl-out-empty/default
resumed=build/afl-out-newest # of --release newest, which nobody needs to type

# fuzz WHAT EXIT_CODE PATTERN ARGUMENT...
fuzz() {
	local what=$1 wanted=$2 pattern=$3 got=0
	shift 3
	./build.sh fuzz --engine afl "$@" >"$work/out" 2>&1 </dev/null || got=$?
	if [[ $got != "$wanted" ]]; then
		fail "$what: exit $got, wanted $wanted: $(tail -n 5 "$work/out")"
	elif ! grep -qE -- "$pattern" "$work/out"; then
		fail "$what: no '$pattern' in: $(head -n 5 "$work/out")"
	else
		ok
	fi
}

# Each crash was made by the library, is a program of the bug, and is clean without it.
crashes() {
	local file n=0
	for file in "$out"/crashes/id*; do
		[[ $file == *,op:librmap_mutator.so,* ]] || return 1
		"$rmapfuzz" run --bug S01 -q "$file"
		(($? == 77)) || return 1
		"$rmapfuzz" run -q "$file" || return 1
		n=$((n + 1))
	done
	((n > 0))
}

fuzz 'S01' 77 '^==== I7 violated' --bug S01 --empty --time 120
sed -n '/executions/p' "$work/out"
says 'what to do next' 'build/bin/rmapfuzz triage --bug=S01 build/crashes/crash-'
artifact=$(sed -n 's/^found: \([^ ]*\) .*/\1/p' "$work/out")
is 'the crashes replay' crashes
small=$(sed -n 's/.* trace --bug=S01 \([^ ]*\)$/\1/p' "$work/out")
is 'it is minimized' test "$(grep -c . "$small")" -lt 20
./build.sh fuzz --engine afl --bug S01 "$artifact" >"$work/out" 2>&1
says 'replay in the target of AFL++' '==== I7 violated'

printf 'I7-pte\n' >"$work/known"
fuzz 'what is known is passed' 0 '^nothing found' --bug S01 --check I7 --known "$work/known" --tally "$work/tally" \
	--focus swap --empty --time 4
executions=$(sed -n 's/.* s, \([0-9]*\) executions.*/\1/p' "$work/out")
is 'and counted: all executions are' test "$(od -A n -t u8 -j 24 -N 8 "$work/tally")" -ge "$executions"

rm -rf "$resumed"
fuzz 'time over' 0 '^nothing found' --release newest --time 4
first=$(sed -n 's/^corpus_count *: *//p' "$resumed/default/fuzzer_stats")
fuzz 'goes on' 0 ' [1-9][0-9]* executions' --release newest --time 4
is 'with the corpus that it had' test "$(sed -n 's/^corpus_count *: *//p' "$resumed/default/fuzzer_stats")" -ge "$first"
is 'it was resumed' grep -q 'will attempt session resume' build/fuzz.log
fuzz 'directories only at the start' 1 'reads other directories only when it begins' --release newest "$work"
rm -rf "$resumed"

timeout --preserve-status -s TERM 5 ./build.sh fuzz --engine afl --empty --time 60 >"$work/out" 2>&1 </dev/null
equal 'interrupted' $? 72
says 'interrupted' 'interrupted; nothing found'

fuzz 'AFL++ refuses' 1 'PROGRAM ABORT' --empty -Q
fuzz 'no such bug' 1 "unknown bug 'S99'" --bug S99
fuzz 'no such focus' 1 "unknown focus 'foo'" --focus foo
fuzz 'no such engine' 1 "known: libfuzzer afl" --engine honggfuzz
finish
