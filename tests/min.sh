#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# rmapfuzz min: what it writes and where, other failures on the way, ASan as the judge, Ctrl-C. What the minimizer promises
# of its result is in test_minimize. ctest: timeout=300
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
cd "$work" || exit 1

min() { "$rmapfuzz" min "$@"; }
run() { "$rmapfuzz" run "$@"; }

operations() { grep -c '^[A-H] ' "$1"; }

long() { # a program with the story of S01 in the middle of much else
	local n
	printf 'A mmap 0 8 rw\nA write 0\nA fork C\n'
	for ((n = 0; n < 60; n++)); do printf 'C read %d\nA write %d\nA mprotect 5 2 r\nA mprotect 5 2 rw\n' $((n % 5)) $((1 + n % 4)); done
	printf 'A pageout 0\nA dropcache 0\nC read 0\nA read 0\nC exit\nA walk 0\n'
}
long >long.prog
"$rmapfuzz" fmt --bytes -o crash-1 long.prog
printf 'A mmap 0 1 rw\nA write 0\n' >clean.prog

expect 'to standard output' 0 'crash-1: I7-pte-[a-z]*, 249 -> 6 operations' min --bug S01 crash-1
cp out small.prog
equal 'operations' "$(operations small.prog)" 6
expect 'it says how to replay it' 77 'DEDUP_TOKEN: I7-pte' run small.prog
expect 'it needs the bug' 0 ok run --release newest small.prog
expect 'text has the same result' 0 '249 -> 6' min --bug S01 long.prog
if diff <(grep -v '^# ' out) <(grep -v '^# ' small.prog); then ok; else fail 'text and bytes differ'; fi
expect 'standard input' 0 '249 -> 6' bash -c "'$rmapfuzz' min --bug S01 - <crash-1"
expect 'bytes' 0 '249 -> 6' min --bug S01 --bytes -o small crash-1
equal 'bytes of six operations' "$(stat -c %s small)" $((4 + 6 * 6))
expect 'I1 alone: to the dangling pointer' 0 'I1-page-[a-z]*, .* -> 7 operations' min --bug S01 --check I1 crash-1
expect 'ASan alone: to the use after free' 0 'asan-use-after-poison-walk, .* -> [789] operations' min --match exact --bug S01 --check none -o asan.prog crash-1
expect 'and that replays' 77 'use-after-poison' run asan.prog
expect 'in a child' 0 '249 -> 6' min --fork --bug S01 crash-1
if diff out small.prog; then ok; else fail 'in a child: another result'; fi
# the three forms of 2010: swap entries are judged, a page that is mapped, the dangling pointer
expect '2.6.34-rc3, entries' 0 '-> 5 operations' min --release 2.6.34-rc3 --bug S01 small.prog
expect 'JSON' 0 '"operations":6' min --json --bug S01 crash-1
if jq -e '.original_operations == 249 and .complete and (.program | length > 0) and .signature[:6] == "I7-pte"' out >/dev/null; then ok; else fail "JSON: $(cat out)"; fi
cp crash-1 in-place
expect 'in place' 0 '1 files, 1 changed' min --bug S01 --in-place in-place
if cmp -s in-place small; then ok; else fail 'in place: not as bytes'; fi
mkdir -p many other
cp crash-1 long.prog many/
expect 'a directory' 0 '2 files, 2 changed, 0 bad' min --bug S01 -o result many
equal 'both are there' "$(cat result/crash-1.prog result/long.prog | grep -c '^[A-H] ')" 12

# S14 shows as I7 or I1 or I14: what is not looked for is kept
cp "$RMAPFUZZ_SOURCE_DIR"/crashes/mremap-copied-merge-no-dup/input-*.prog other/s14.prog
expect 'another failure on the way' 0 'another failure on the way: other/other-I[0-9]+-' min other/s14.prog
for file in other/other-*.prog; do
	signature=${file#other/other-}
	expect "$file" 77 "DEDUP_TOKEN: ${signature%.prog}" run "$file"
done

expect 'clean' 1 'clean.prog: does not fail' min clean.prog
expect 'clean without the bug' 1 'crash-1: does not fail' min crash-1
expect 'no file' 1 'no file given' min
expect 'bad match' 1 'exact, class or any' min --match most crash-1
expect 'bad hops' 1 '0..100000' min --hops many crash-1
expect 'one bad among good ones' 1 '2 files, 1 changed, 1 bad' min --bug S01 -o mixed clean.prog crash-1
equal 'the good one is there' "$(ls mixed)" crash-1.prog

# Ctrl-C: each file that is there is whole, and fails
mkdir crowd
for ((n = 0; n < 40; n++)); do cp crash-1 crowd/$n; done
"$rmapfuzz" min --hops 100000 --bug S01 -o stopped crowd >out 2>err </dev/null &
pid=$!
sleep 1
kill -INT $pid
wait $pid
equal 'Ctrl-C' $? 72
if (($(find stopped -type f | wc -l) < 40)); then ok; else fail 'Ctrl-C: came too late'; fi
equal 'no other names' "$(find stopped -name '.*' -type f)" ''
for file in stopped/*.prog; do expect "$file" 77 'I7-pte' run "$file"; done

finish
