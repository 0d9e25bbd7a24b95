#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The options of the fuzz target for long runs: past a known failure it goes on and counts, past an unknown one it does
# not; the counters outlive kill -9; a focus is taken in both fuzzers; wrong values are refused. ctest: timeout=300
# shellcheck source=tests/shared.bash
source "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"

target=$RMAPFUZZ_BIN_DIR/rmap_fuzzer
cd "$work" || exit 1
is 'bytes of the bug of 2010' "$rmapfuzz" fmt --bytes -o failing "$source/crashes/swapin-newest-anon-vma/min.prog"

# Of a tally: the first counter, behind magic number, format, size and hash.
executions() { od -An -t u8 -j 24 -N 8 "$1" | tr -d ' '; }

expect 'a failure that is not known' 77 '^DEDUP_TOKEN: I7-pte-' "$target" --bug=S01 failing
echo 'I3-vma' >others
expect 'not in the list' 77 '^DEDUP_TOKEN: I7-pte-' "$target" --bug=S01 --known=others failing
echo 'I7-pte # the bug of 2010' >known
# where its own threads allocate meanwhile, libFuzzer executes an input once more to look for leaks: not here
expect 'known: the run goes on' 0 'Executed failing' \
	"$target" --bug=S01 --known=known --tally=tally -runs=100 -detect_leaks=0 failing
grep -qa '^==== ' err && fail 'a known failure tells no story'
equal 'each of them was executed' "$(executions tally)" 100
grep -qa 'I7-pte' tally && ok || fail 'the class is in the tally'
RMAPFUZZ_BUG=S01 RMAPFUZZ_KNOWN=known RMAPFUZZ_TALLY=tally expect 'from the environment' 0 'Executed' "$target" -runs=50 -detect_leaks=0 failing
equal 'it counts on' "$(executions tally)" 150

# a failure of the release itself is of another class
expect 'shows without the bug, too' 77 '^DEDUP_TOKEN: I7-pte-' \
	"$target" --release=2.6.34-rc3 --bug=S02 --known=known failing
echo 'I7-pte-without-bug' >known-own
expect 'known under that name' 0 'Executed' "$target" --release=2.6.34-rc3 --bug=S02 --known=known-own failing

# kill -9 in the middle, three times; what was counted stays
before=0 grew=0
for _ in 1 2 3; do
	mkdir -p corpus
	"$target" --tally=killed -runs=100000000 -max_len=3076 corpus >log 2>&1 </dev/null &
	pid=$!
	for ((i = 0; i < 300; i++)); do
		now=$(executions killed 2>/dev/null)
		((${now:-0} > before + 20)) && break
		sleep 0.1
	done
	{ kill -9 "$pid" && wait "$pid"; } 2>/dev/null
	now=$(executions killed)
	((now > before + 20)) && grew=$((grew + 1))
	before=$now
done
equal 'the counters went on after each kill' "$grew" 3

# wrong values
expect 'no such focus' 1 "unknown focus 'help'; known: all, .*recycle" "$target" --focus=help
expect 'no mutator, no focus' 1 'has none' "$target-no-mutator" --focus=swap
expect 'no list' 1 'none: No such file' "$target" --known=none
printf 'I7-pte\nthe other one\n' >bad
expect 'a bad list' 1 'bad:2:1: expected a failure class' "$target" --known=bad
head -c 5000 tally >torn
expect 'a torn tally' 1 'torn: a damaged tally' "$target" --tally=torn failing
equal 'which stays as it is' "$(stat -c %s torn)" 5000
expect 'an option without a value' 1 '--focus needs a value' "$target" --focus
expect 'all names are listed' 1 'recycle, known, tally, focus' "$target" --nonsense=1
expect 'a focus brings its setting along' 77 '--recycle=now' "$target" --bug=S01 --focus=recycle failing
finish
