#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Bad input of every kind gets one line on standard error and exit code 1, and nothing is written; good input
# the documented exit codes. ctest: timeout=120
set -uo pipefail

bin=$RMAPFUZZ_BIN_DIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

check() {
	local what=$1 wanted=$2 pattern=$3 got lines
	shift 3
	"$@" >out 2>err </dev/null
	got=$?
	lines=$(wc -l <err)
	if [[ $got != "$wanted" ]]; then
		echo "FAILED $what: exit $got, wanted $wanted: $(head -n 2 err)"
	elif [[ $wanted == 1 && $lines != 1 ]]; then
		echo "FAILED $what: $lines lines on standard error: $(head -n 3 err)"
	elif ! cat out err | grep -qE -- "$pattern"; then
		echo "FAILED $what: no '$pattern' in: $(head -n 3 out err)"
	else
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
}

printf 'A mmap 0 4 rw\nA write 0\nA fork B\nA pageout 0\nA dropcache 0\nB read 0\nA read 0\nB exit\nA walk 0\n' >bug.prog
printf 'A mmap 0 4 rw\nA write 0\nA read 0\n' >good.prog
printf 'A mmap 0 4 rw\nA jump 0\n' >unknown-op.prog
printf 'A mmap 0 4 rw\nA mmap 62 4 rw\n' >too-long.prog
printf 'A mmap 0 4 rw\nA wri\0te 0\n' >nul.prog
printf 'A mmap 0 4' >truncated.prog
{ printf 'A mmap 0 4 rw '; head -c 1000000 /dev/zero | tr '\0' x; printf '\n'; } >line.prog
head -c 1500000 /dev/zero | tr '\0' '#' >huge.prog
head -c 1500000 /dev/urandom >huge.bin
printf '#! release 9.x\nA mmap 0 4 rw\n' >bad-directive.prog
printf 'A mmap 0 4 rw\n#= linux 1.2.3\n#  A: [0,4)rw{}\n' >bad-version.prog
printf 'A mmap 0 4 rw\n#= linux 7.3.4\n#  A: [0,5)rw{}\n' >differs.prog
printf 'A mmap 0 4 rw\n#= linux 7.3.4\n#  A: [0,4)rw{}\n' >agrees.prog
: >empty.prog
mkdir directory empty
cp good.prog directory/
yes "A read 0" | head -n 600 >many.prog
cp -r . ../"${work##*/}.before"

run=$bin/rmapfuzz
check 'good program' 0 'good.prog: ok' "$run" run good.prog
check 'min --json of several' 1 'about one file' "$run" min --json --bug S01 bug.prog bug.prog
check 'min --json in place' 1 'about one file' "$run" min --json --bug S01 --in-place bug.prog
check 'empty program' 0 'ok, 0 operations' "$run" run empty.prog
check 'directory' 0 'directory/good.prog: ok' "$run" run directory
check 'standard input' 0 'ok' "$run" run -
check 'random bytes' 0 'ok' bash -c "head -c 4000 /dev/urandom | '$run' run --release 7.3 -"
check 'violation' 77 'DEDUP_TOKEN: I7-' "$run" run --bug swapin-newest-anon-vma bug.prog
check 'the fix is clean' 0 'ok' "$run" run bug.prog
check 'violation by id, option with =' 77 'I7' "$run" run --bug=S01 bug.prog
check 'dangling pointer' 77 'I1 violated at operation 8, B exit' "$run" run --bug=S01 --check=I1 bug.prog
check 'ASan alone' 77 'use-after-poison' "$run" run --bug=S01 --check=none bug.prog
check 'agrees with a kernel' 0 'agrees with 1 kernels' "$run" run agrees.prog
check 'differs from a kernel' 77 'differs from 7.3.4' "$run" run differs.prog
check 'no such file' 1 'nowhere.prog: No such file' "$run" run nowhere.prog
check 'unknown operation' 1 'unknown-op.prog:2:3: expected' "$run" run unknown-op.prog
check 'range past the window' 1 'too-long.prog:2:' "$run" run too-long.prog
check 'NUL in a text' 1 'nul.prog:2:' "$run" run nul.prog
check 'truncated' 1 'truncated.prog:1:' "$run" run truncated.prog
check 'a line of 1 MB' 1 'line.prog:1:' "$run" run line.prog
check 'huge text' 1 'huge.prog: too large' "$run" run huge.prog
check 'huge bytes' 1 'huge.bin: too large' "$run" run huge.bin
check 'too many operations' 1 'many.prog:513:' "$run" run many.prog
check 'unknown release' 1 "unknown release '9.x'.*7.3" "$run" run --release 9.x good.prog
check 'release before the first' 1 'unknown release' "$run" run --release 2.6.20 good.prog
check 'unknown bug' 1 "unknown bug 'S99'.*swapin-newest-anon-vma" "$run" run --bug S99 good.prog
check 'bug without sense' 1 'makes no sense' "$run" run --release 3.0 --bug S14 good.prog
check 'unknown check' 1 'I99' "$run" run --check I99 good.prog
check 'unknown recycling' 1 'late, now' "$run" run --recycle never good.prog
printf '#! check I99\nA mmap 0 1 rw\n' >own-check.prog
check 'a directive gives way to an option' 0 'ok' "$run" run --check I1 own-check.prog
rm own-check.prog
check 'bad directive' 1 'bad-directive.prog: unknown release' "$run" run bad-directive.prog
check 'bad version in a block' 1 'bad-version.prog: unknown release' "$run" run bad-version.prog
check 'no file' 1 'no file given' "$run" run
check 'unknown verb' 1 "unknown verb 'frob'" "$run" frob
check 'help' 0 'usage' "$run" --help
check 'help of a verb' 0 'Exit codes' "$run" run --help
check 'help VERB' 0 'Usage: rmapfuzz run' "$run" help run
check 'help of an unknown verb' 1 "unknown verb 'frob'" "$run" help frob

fuzzer=$bin/rmap_fuzzer
check 'target: unknown release' 1 'unknown release' "$fuzzer" --release=9.x -runs=1
check 'target: unknown bug' 1 'unknown bug' "$fuzzer" --bug=S99 -runs=1
check 'target: option without value' 1 'needs a value' "$fuzzer" --bug -runs=1
check 'target: unknown option' 1 'unknown setting' "$fuzzer" --frob=1 -runs=1
check 'target: from the environment' 1 'unknown bug' env RMAPFUZZ_BUG=S99 "$fuzzer" -runs=1
check 'target: -help=1 is libFuzzer'"'"'s' 0 'Usage' "$fuzzer" -help=1
check 'target: any bytes' 0 'Executed' "$fuzzer" huge.bin

rm -f out err
if ! diff -r . ../"${work##*/}.before" >/dev/null; then
	echo "FAILED something was written: $(diff -rq . ../"${work##*/}.before")"
	failed=$((failed + 1))
fi
rm -rf ../"${work##*/}.before"
echo "$passed passed, $failed failed"
((failed == 0))
