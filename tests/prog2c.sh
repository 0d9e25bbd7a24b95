#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What rmapfuzz prog2c writes compiles without a warning and does on this machine's own kernel what the model says:
# all stories, programs of random bytes, some that were recorded or found by fuzzing; as an ordinary user, too. A wrong byte, another
# outcome, a process that dies or hangs and a limit that is too small are told apart. ctest: timeout=600
set -uo pipefail

root=$PWD
export rmapfuzz=$RMAPFUZZ_BIN_DIR/rmapfuzz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work" || exit 1

# Outcomes are those of one release: this kernel's, if the model has a row for it. Otherwise values alone count.
export release=newest accepted=' 0 2 '
version=$(uname -r | grep -oE '^[0-9]+\.[0-9]+(\.[0-9]+)?')
: >empty.prog
if "$rmapfuzz" prog2c --release "$version" empty.prog >/dev/null 2>&1; then
	release=$version
	[[ -d /sys/kernel/mm/ksm ]] && accepted=' 0 '
fi

export ordinary_user=''
if ((EUID == 0)); then
	if setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
		ordinary_user='setpriv --reuid=65534 --regid=65534 --clear-groups'
	else
		echo 'not tried as an ordinary user: setpriv does not work here'
	fi
fi

# agrees COMPILER FILE NAME: clang's programs are not optimized and run as an ordinary user
agrees() {
	local compiler=$1 file=$2 name=$3.$1 user=$ordinary_user level=-O0 exit_code
	[[ $compiler == clang ]] || user='' level=-O1
	if ! "$rmapfuzz" prog2c --release "$release" "$file" -o "$name.c" 2>"$name.out" ||
		! "$compiler" -Wall -Wextra -Werror "$level" "$name.c" -o "$name" 2>"$name.out"; then
		echo "FAILED $file: not exported or not compiled by $compiler: $(head -n 3 "$name.out")"
		return
	fi
	# shellcheck disable=SC2086 # a list of words
	timeout 60 $user "./$name" >"$name.out" 2>&1
	exit_code=$?
	if [[ $accepted == *" $exit_code "* ]]; then
		echo "passed $(sed -n 's/.*: [0-9]* steps, \([0-9]*\) values read: .*/\1/p' "$name.out")"
	else
		echo "FAILED $file ($compiler): exit $exit_code: $(head -n 3 "$name.out")"
	fi
	rm -f "$name" "$name.c"
}
export -f agrees

# Byte strings that are the same everywhere, relative operands, 20 to 190 operations
random_bytes() {
	local seed=$1 i hex=01000000
	for ((i = 0; i < 2 + seed % 17; i++)); do
		hex+=$(printf '%s %s' "$seed" "$i" | sha512sum | cut -d' ' -f1)
	done
	# shellcheck disable=SC2001,SC2059 # each pair of digits is a byte
	printf "$(sed 's/../\\x&/g' <<<"$hex")"
}

# 6.17 to 6.18: dontunmap leaves a page offset behind, so B's new VMA does not merge and cannot be crossed
cat >defect.prog <<-EOT
	A mmap 3 4 rw
	A write 3
	A munmap 4 2
	A mremap 3 1 6
	A mmap 7 2 rw
	A mremap 6 4 16 dontunmap
	A fork C
	C fork B
	B mmap 4 2 rw
	B mremap-resize 5 2 4
EOT

number=0
list() {
	local compiler=$1 file
	shift
	for file; do
		number=$((number + 1))
		printf '%s\0%s\0%s\0' "$compiler" "$file" "p$number"
	done
}

for i in {1..30}; do random_bytes "$i" >"random$i"; done
stories=("$root"/corpus/seeds/*.prog "$root"/corpus/regress/*.prog empty.prog defect.prog)
others=("$root"/tests/conformance/random/*.prog "$root"/corpus/distilled/*.prog)
some=(random{1..30})
for ((i = 0; i < ${#others[@]}; i += 18)); do some+=("${others[i]}"); done
half=$((${#some[@]} / 2))
{
	list gcc "${stories[@]}" "${some[@]:0:half}"
	list clang "${stories[@]}" "${some[@]:half}"
} >"jobs"
# shellcheck disable=SC2016 # the inner shell's
xargs -0 -n 3 -P 2 bash -c 'agrees "$@"' agrees <"jobs" >results
grep FAILED results | head -n 20
passed=$(grep -c '^passed' results)
failed=$(grep -c FAILED results)
read_values=$(awk '$1 == "passed" { sum += $2 } END { print sum + 0 }' results)
echo "$passed programs agree with Linux $(uname -r) (expected: $release), $read_values values read"
((read_values > passed)) || failed=$((failed + 1))

# differs WHAT EXIT_CODE PATTERN SED_EXPRESSION [COMMAND...]: the reference program, changed
differs() {
	local what=$1 wanted=$2 pattern=$3 change=$4 got
	shift 4
	sed "$change" story.c >changed.c
	if [[ $change ]] && cmp -s story.c changed.c; then
		echo "FAILED $what: nothing was changed"
	elif ! gcc -Wall -Wextra -O1 changed.c -o p2c-changed 2>out; then
		echo "FAILED $what: $(head -n 3 out)"
	elif timeout 60 "$@" ./p2c-changed -v >out 2>&1; got=$?; ((got != wanted)); then
		echo "FAILED $what: exit $got, wanted $wanted: $(tail -n 3 out)"
	elif ! grep -qE -- "$pattern" out; then
		echo "FAILED $what: no '$pattern' in: $(cat out)"
	else
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
}

cat >story.prog <<-EOT
	# A story with */ and \\ in it ??/
	A mmap 0 4 rw
	A write 0
	A fork B (fail_nth: 2)
	A mlock 0 2
	B exec
	B mmap 0 1 r
	B read 0
	A dropcache 0
	B write 0 # SIGSEGV
	B exit
	A read 0 # still 2
EOT
"$rmapfuzz" prog2c --release "$release" story.prog -o story.c || failed=$((failed + 1))
differs 'as written' 0 'story.prog on Linux .*: 10 steps, 6 values read: all as it must be' ''
differs 'a read that must be another value' 77 'step 11: A: load\(PAGE\(0\)\): 2, where must be: 3' \
	's/expect_value(2, load(PAGE(0)))/expect_value(3, load(PAGE(0)))/'
differs 'a page that must hold another value in the end' 77 'in the end: A: page 0: 2, where must be: 7' \
	's/expect_pages(2, PAGE(0), 1)/expect_pages(7, PAGE(0), 1)/'
differs 'a store that is lost' 77 'where must be: 2' 's/store(PAGE(0), 2)/store(PAGE(1), 2)/'
differs 'another errno' 2 'step 6: B: mmap.*: ok, where EEXIST is expected' \
	's/expect(OK, mmap(PAGE(0), PAGES(1)/expect(EEXIST, mmap(PAGE(0), PAGES(1)/'
differs 'no SIGSEGV' 2 'store.*: SIGSEGV, where ok is expected' 's/expect(-SIGSEGV, store/expect(OK, store/'
differs 'a wrong byte behind another outcome is not judged' 2 'not judged, the outcome of step 4 differs' \
	's/expect(OK, mlock/expect(EPERM, mlock/; s/expect_value(2,/expect_value(3,/'
differs 'a process that dies' 2 'step 9: B died: signal 9' 's/expect(-SIGSEGV, store(PAGE(0), 9));/raise(SIGKILL);/'
differs 'a crash beside the window' 2 'step 9: B died: signal 11' \
	's/expect(-SIGSEGV, store(PAGE(0), 9));/*(volatile int *)PAGE(9) = 1;/'
differs 'a process that hangs' 70 'waits for ever' 's/expect_value(2, load(PAGE(0)));/pause();/; s/alarm(60)/alarm(1)/'
outlives() { grep -qsE '^[0-9]+ \(p2c-changed\) [^Z]' /proc/[0-9]*/stat; } # the dead are listed until somebody waits for them
for ((i = 0; i < 50; i++)); do outlives && sleep 0.1; done
if outlives; then
	echo 'FAILED a process outlives its monitor'
	failed=$((failed + 1))
fi
differs 'the window is taken' 1 'the window is not free' 's/^	look_at_window();/	if (mmap(PAGE(70), 1, 0, 0x22, -1, 0)) look_at_window();/'
if [[ $ordinary_user || $EUID != 0 ]]; then
	# shellcheck disable=SC2086 # a list of words
	differs 'a limit on locked memory' 1 'needs to lock 8 KB: ulimit -l' '' bash -c "ulimit -l 4; exec $ordinary_user \"\$@\"" bash
fi
echo 0 >fail-nth
differs 'a failing allocation' 2 'fork\(\): ok, where ENOMEM is expected' "s,/proc/self/fail-nth,$work/fail-nth,"
if ! grep -q 'so many allocations were not made' out || [[ $(<fail-nth) != 0 ]]; then
	echo "FAILED fail_nth: $(cat out fail-nth)"
	failed=$((failed + 1))
fi

# refused WHAT PATTERN ARGUMENT...: one line on standard error, exit code 1, no file
refused() {
	local what=$1 pattern=$2 got
	shift 2
	"$rmapfuzz" prog2c -o none.c "$@" >out 2>err
	got=$?
	if ((got == 1)) && [[ $(wc -l <err) == 1 && ! -s out && ! -e none.c ]] && grep -qE -- "$pattern" err; then
		passed=$((passed + 1))
	else
		echo "FAILED $what: exit $got: $(cat out err)"
		failed=$((failed + 1))
	fi
}
printf 'A jump 0\n' >bad.prog
refused 'no file' 'no file given'
refused 'two files' 'one program at a time' story.prog story.prog
refused 'no such file' 'nowhere.prog: No such file' nowhere.prog
refused 'a directory' 'directory' "$work"
refused 'bad text' 'bad.prog:1:3: expected' bad.prog
refused 'unknown release' "unknown release '9.x'" --release 9.x story.prog
refused 'no place for the output' 'nowhere/x.c: No such file' -o nowhere/x.c story.prog

echo "$passed passed, $failed failed"
((failed == 0))
