#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# From raw crash files to known failures and on to regression programs: dedup, counts, caps, times, and that nothing
# is half written. ctest: timeout=300
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
bin=$RMAPFUZZ_BIN_DIR
trap 'umount "$work/small" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1


triage() { "$bin/rmapfuzz" triage "$@"; }
nothing_left() { [[ -z $(find . -name '.*' -type d ! -name . -o -name '.*XXXXXX' -o -name '.*.??????' -type f) ]]; }

# Four programs that fail alike, one that fails otherwise, one that does not.
i=0
for extra in '' 'A read 5\n' 'A write 6\nA read 6\n' 'A walk 0\nA walk 0\n'; do
	i=$((i + 1))
	printf 'A mmap 0 8 rw\nA write 0\nA fork C\n%bA pageout 0\nA dropcache 0\nC read 0\nA read 0\n' "$extra" >alike-$i
	"$bin/rmapfuzz" fmt --bytes -o crash-$i alike-$i
	touch -d "2026-03-0$i 12:00 UTC" crash-$i
done
printf 'A mmap 0 1 rw\nA write 0\n' >clean.prog
printf '#! release 6.12.117\n#! bug S02\nA mmap 0 3 rw\nA write 0\nA fork D\nD write 0\nD fork E\nE walk 0\n' >chain.prog

expect 'new' 77 'new, I7-pte-write: crashes/swapin-newest-anon-vma, 9 -> 6' triage --bug S01 --keep 2 crash-3
dir=crashes/swapin-newest-anon-vma
for file in min.prog trace.txt forest.svg README.md finding.json; do
	if [[ -s $dir/$file ]]; then ok; else fail "$file is missing"; fi
done
expect 'fails as it was filed' 77 'DEDUP_TOKEN: I7-pte-' "$bin/rmapfuzz" run $dir/min.prog
expect 'silent under the newest release' 0 'ok' "$bin/rmapfuzz" run --release newest $dir/min.prog
expect 'known' 0 '^crash-1: known.*seen 2 times' triage --bug S01 --keep 2 crash-1
expect 'counted once a program' 0 '0 known, 2 counted before' triage --bug S01 --keep 2 crash-1 crash-3
expect 'more' 0 '2 known' triage --bug S01 --keep 2 crash-2 crash-4
equal 'count' "$(jq .count $dir/finding.json)" 4
equal 'first seen' "$(jq -r .first_seen $dir/finding.json)" 2026-03-01T12:00:00Z
equal 'last seen' "$(jq -r .last_seen $dir/finding.json)" 2026-03-04T12:00:00Z
equal 'cap' "$(find $dir -name 'input-*' | wc -l)" 2
expect 'another bug, by its directives' 77 'new, I4-vma-fork: crashes/clone-reverses-chain' triage chain.prog
expect 'clean' 0 'clean.prog: clean' triage clean.prog
expect 'the same failure without the bug is clean' 0 'crash-1: clean' triage crash-1
expect 'a directory' 77 '7 files: 1 new failures' bash -c "mkdir in && cp crash-? chain.prog clean.prog alike-1 in/ &&
	'$bin/rmapfuzz' triage --bug S01 -o out-dir in"
expect 'JSON' 0 '"outcome":"counted before"' triage --json --bug S01 crash-1
if jq -es 'length == 2 and .[1].sum.files == 1 and .[0].count == 4' out >/dev/null; then ok; else fail "JSON: $(cat out)"; fi
cp -r crashes crashes.again && rm -rf crashes.again/*
expect 'again from nothing' 77 'new' triage --bug S01 -o crashes.again crash-3
for file in min.prog trace.txt forest.svg README.md; do
	if cmp -s $dir/$file crashes.again/swapin-newest-anon-vma/$file; then ok; else fail "$file is not the same twice"; fi
done

expect 'a sanitizer stops it' 77 'new, asan-use-after-poison-walk: asan/swapin-newest-anon-vma' bash -c "
	printf 'A mmap 0 4 rw\nA write 0\nA fork B\nA pageout 0\nA dropcache 0\nB read 0\nA read 0\nB exit\nA walk 0\n' >asan.prog
	'$bin/rmapfuzz' triage --match exact --bug S01 --check none -o asan asan.prog"
expect 'and is filed so that it replays' 77 'use-after-poison' "$bin/rmapfuzz" run asan/swapin-newest-anon-vma/min.prog

# bad days
expect 'no file' 1 'no file given' triage
expect 'no such file' 1 'nowhere: No such file' triage nowhere
expect 'bad text among good ones' 1 'bad.prog:1:3: expected' bash -c "printf 'A jump 0\n' >bad.prog
	'$bin/rmapfuzz' triage --bug S01 bad.prog crash-1"
expect 'and the good one was counted' 1 'crash-1: counted before' triage --bug S01 bad.prog crash-1
expect 'bad match' 1 'exact, class or any' triage --match some crash-1
expect 'bad number' 1 '0..1000' triage --keep -1 crash-1
expect 'a bad finding.json is reported and left alone' 0 'finding.json' bash -c "mkdir -p odd/x && echo '{' >odd/x/finding.json
	'$bin/rmapfuzz' triage -o odd clean.prog; grep -qx '{' odd/x/finding.json"
expect 'not a directory' 1 'clean.prog' triage -o clean.prog crash-1
if mkdir small && mount -t tmpfs -o size=16k,nr_inodes=20 tmpfs small 2>/dev/null; then
	expect 'a full disk' 1 'No space left on device' triage --bug S01 -o small crash-1
	equal 'nothing is half written' "$(find small -mindepth 1)" ''
fi
if nothing_left; then ok; else fail "left behind: $(find . -name '.*')"; fi

# Ctrl-C in the middle of many: what is there is whole
mkdir many && for ((n = 0; n < 3000; n++)); do
	printf 'A mmap 0 8 rw\nA write 0\nA fork C\nA read %d\nA read %d\nA pageout 0\nA dropcache 0\nC read 0\nA read 0\n' $((n % 64)) $((n / 64)) >many/$n
done
"$bin/rmapfuzz" triage --bug S01 -o ctrl-c many >out 2>&1 </dev/null &
pid=$!
sleep 0.7
kill -INT $pid
wait $pid
code=$?
if [[ $code == 72 || $code == 77 ]]; then ok; else fail "Ctrl-C: exit $code"; fi
if jq -e .count ctrl-c/swapin-newest-anon-vma/finding.json >/dev/null 2>&1 || [[ -z $(ls ctrl-c) ]]; then ok; else fail 'Ctrl-C: half written'; fi
if nothing_left; then ok; else fail "Ctrl-C left behind: $(find . -name '.*')"; fi

# fixed: on to the regression programs
mkdir regress
expect 'regress' 0 "$dir/: fixed, now regress/2026-swapin-newest-anon-vma.prog" "$bin/rmapfuzz" regress -o regress $dir/
if [[ ! -e $dir ]] && grep -q '^# *6\. C* *' regress/*.prog; then ok; else fail 'regress: not moved'; fi
expect 'it fails as ever' 77 'DEDUP_TOKEN: I7-pte-' "$bin/rmapfuzz" run regress/2026-swapin-newest-anon-vma.prog
expect 'a name is taken' 1 'of that name already' bash -c "cp -r crashes.again/swapin-newest-anon-vma crashes/
	'$bin/rmapfuzz' regress -o regress $dir"
if [[ -e $dir/min.prog ]]; then ok; else fail 'regress: lost'; fi
expect 'no known failure' 1 'no directory of a known failure' "$bin/rmapfuzz" regress -o regress many
cd "$source" || exit 1
finish
