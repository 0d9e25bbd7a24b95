#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run: many files in parallel with output in their order, sanitizers' reports as results, JSON, Ctrl-C; --update
# rewrites blocks that do not agree and nothing else. ctest: timeout=600
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
cd "$work" || exit 1

exits() { # exits CODE WHAT COMMAND...: out and err have what it said
	local code=$1 what=$2 rc
	shift 2
	"$@" >out 2>err </dev/null
	rc=$?
	is "$what: exit code $rc, wanted $code; $(head -n 1 err)" test "$rc" = "$code"
}

# ---- --update

cp -r "$source/tests/conformance" conformance
exits 0 'update of recorded kernels' "$rmapfuzz" run -q --update conformance
is 'recorded kernels stay byte for byte' diff -r conformance "$source/tests/conformance"

# one block, three groups; a head alone; errors that the comments do not tell; CRLF; no newline at the end
cat >old.prog <<-'END'
	#! origin  nowhere
	A mmap 0 8 rw   # a comment
	A mmap 0 1 rw # EEXIST
	A write 0
	A mprotect 4 4 r
	A fork  B
	A read 20 # ENOMEM
	# before
	#= linux  6.12.117   6.1.192 7.3.4 6.18.44
	#  A: [0,1)rw{}
	#  errors: 3:SIGSEGV
	# between
	#= linux 7.3
END
printf '#= linux 6.12\n#  A: wrong' >>old.prog
exits 0 'update' "$rmapfuzz" run --update old.prog
is 'update: says so' grep -q 'old.prog: 3 of its blocks made anew' out
cat >wanted.prog <<-'END'
	#! origin  nowhere
	A mmap 0 8 rw   # a comment
	A mmap 0 1 rw # EEXIST
	A write 0
	A mprotect 4 4 r
	A fork  B
	A read 20 # ENOMEM
	# before
	#= linux  6.12.117   6.1.192 7.3.4 6.18.44
	#  A: [0,4)rw=a1{a1(c3,v2)} [4,8)r=a1{a1(c3,v2)} B: [0,4)rw=a2{a2(c0,v1) a1(c3,v2)} [4,8)r=a3{a3(c0,v1) a1(c3,v2)}
	#  errors: 6:SIGSEGV
	# between
	#= linux 7.3
	#  A: [0,4)rw=a1{a1(c3,v2)} [4,8)r=a1{a1(c3,v2)} B: [0,4)rw=a2{a2(c0,v1) a1(c3,v2)} [4,8)r=a3{a3(c0,v1) a1(c3,v2)}
	#  errors: 6:SIGSEGV
	#= linux 6.12
	#  A: [0,4)rw=a1{a1(c3,v2)} [4,8)r=a1{a1(c3,v2)} B: [0,4)rw=a2{a2(c0,v1) a1(c3,v2)} [4,8)r=a3{a3(c0,v1) a1(c3,v2)}
	#  errors: 6:SIGSEGV
END
is 'update: the result' diff old.prog wanted.prog
exits 0 'what was updated agrees' "$rmapfuzz" run old.prog
is 'what was updated agrees: six versions' grep -q 'agrees with 6 kernels' out
exits 0 'update again' "$rmapfuzz" run --update old.prog
is 'update again changes nothing' diff old.prog wanted.prog

# versions that differ are told apart: grandchildren's chains are in another order from 7.0 on
printf '%s\r\n' 'A mmap 0 1 rw' 'A write 0' 'A fork B' 'B write 0' 'B fork C' 'C write 0' '# x' \
	'#= linux 6.12.117 7.3.4 6.18.44' '#  A: wrong' '#  A pages: wrong' '# end' >split.prog
exits 0 'update splits' "$rmapfuzz" run --update split.prog
is 'two heads' grep -qx $'#= linux 6.12.117 6.18.44\r' split.prog
is 'two heads, the other' grep -qx $'#= linux 7.3.4\r' split.prog
is 'pages are recorded as before' grep -q '^#  C pages: 0:P3 mc1 excl ->av3 idx0' split.prog
is 'lines end as before' test "$(grep -c $'\r$' split.prog)" = "$(wc -l <split.prog)"
is 'what is behind stays' test "$(tail -n 1 split.prog)" = $'# end\r'
exits 0 'what was split agrees' "$rmapfuzz" run split.prog

# an operation that its comment calls failed, but that succeeds
printf '%s\n' 'A mmap 0 1 rw # EEXIST' 'A write 0' '#= linux 7.3' '#  A: [0,1)rw=a1{a1(c1,v1)}' >ok.prog
exits 77 'a comment that is wrong' "$rmapfuzz" run ok.prog
exits 0 'a comment that is wrong: update' "$rmapfuzz" run --update ok.prog
is 'a comment that is wrong: the block says so' grep -qx '#  errors: 1:ok' ok.prog

printf 'A mmap 0 1 rw\n' >none.prog
exits 0 'nothing to update' "$rmapfuzz" run --update none.prog
is 'nothing to update: says so' grep -q 'no "#= linux VERSION" line to update' out
printf '#= linux 1.0\n' >bad-version.prog
cp bad-version.prog before
exits 1 'update with an unknown version' "$rmapfuzz" run --update bad-version.prog
is 'update with an unknown version: untouched' cmp bad-version.prog before
exits 1 'update and --release' "$rmapfuzz" run --update --release 7.3 old.prog
chmod 755 old.prog
sed -i 's/3:SIGSEGV/4:EFAULT/; s/6:SIGSEGV/5:EFAULT/' old.prog
exits 0 'update of a program that is executable' "$rmapfuzz" run --update old.prog
is 'its mode stays' test "$(stat -c %a old.prog)" = 755
is 'no temporary files' test -z "$(find . -name '.*.??????')"

# ---- many files

mkdir -p many/00000
cp "$source"/corpus/*/*.prog "$source"/tests/conformance/random/*.prog many/00000
nr=$(find many/00000 -type f | wc -l)
for ((i = 1; i * nr < 10000; i++)); do
	cp -lr many/00000 "many/$(printf %05d "$i")"
done
some=(many/0000[0-4]) # enough of them to be in the midst of
files=$(find many -name '*.prog' | wc -l)
is 'at least 10,000' test "$files" -ge 10000
exits 77 'many files' "$rmapfuzz" run many
mv out whole
is 'all were run' grep -q "^$files programs" whole
is 'in a pipe there is no progress' test ! -s err
exits 77 'one worker' "$rmapfuzz" run --jobs 1 many/00000 many/00002
mv out one
exits 77 'seven workers' "$rmapfuzz" run --jobs=7 many/00000 many/00002
is 'the same output whatever the timing' cmp out one
if command -v script >/dev/null; then
	script -qec "'$rmapfuzz' run -q ${some[*]}" terminal >/dev/null </dev/null
	is 'on a terminal there is progress' grep -qE '[0-9]+/[0-9]+  [0-9]+ violations  ETA [0-9]+:[0-9]{2}' terminal
fi

# Ctrl-C: what was printed is a beginning of the whole, and nobody stays
"$rmapfuzz" run many >part 2>part.err &
pid=$!
for ((i = 0; i < 100; i++)); do
	[[ ! -s part ]] || break
	sleep 0.05
done
kill -INT "$pid"
wait "$pid"
is 'Ctrl-C: exit code' test $? = 72
is 'Ctrl-C: says how far it came' grep -qE '^rmapfuzz: interrupted after [0-9]+ of [0-9]+ files$' part.err
is 'Ctrl-C: the sum is there' grep -qE '^[0-9]+ programs, ' part
head -n -1 part >begun
is 'Ctrl-C: something was printed' test -s begun
is 'Ctrl-C: what was printed is right' cmp begun <(head -c "$(stat -c %s begun)" whole)
is 'Ctrl-C: nobody stays' test -z "$(pgrep -P "$pid")"
# killed: workers go, too
"$rmapfuzz" run --jobs 3 "${some[@]}" >/dev/null 2>&1 &
pid=$!
for ((i = 0; i < 100; i++)); do
	workers=$(pgrep -P "$pid")
	[[ -z $workers ]] || break
	sleep 0.02
done
{ kill -KILL "$pid"; wait "$pid"; } 2>/dev/null
is 'there were workers' test -n "$workers"
for ((i = 0; i < 100; i++)); do
	# shellcheck disable=SC2086 # words
	ps -o stat= -p $workers 2>/dev/null | grep -qv Z || break
	sleep 0.05
done
# shellcheck disable=SC2086
is 'killed: workers go' test -z "$(ps -o stat= -p $workers 2>/dev/null | grep -v Z)"

# a worker that somebody kills costs at most its file, and that is said
"$rmapfuzz" run --jobs 2 -q "${some[@]}" >out 2>err &
pid=$!
for ((i = 0; i < 100; i++)); do
	worker=$(pgrep -P "$pid" | head -n 1)
	[[ -z $worker ]] || break
	sleep 0.02
done
kill -KILL "$worker"
wait "$pid"
rc=$?
is 'a killed worker: all files are there' grep -q "^$((5 * nr)) programs" out
is 'a killed worker: it is said' test "$rc:$(grep -c 'signal 9' out)" = 1:1 -o "$rc:$(grep -c 'signal 9' out)" = 77:0

# ---- one bad among good ones

mkdir mixed
cp "$source/crashes/swapin-newest-anon-vma/dangling.prog" mixed/b.prog
printf 'A mmap 0 1 rw\nA write 0\n' | tee mixed/a.prog mixed/c.prog mixed/e.prog >/dev/null
exits 77 'a sanitizer stops one' "$rmapfuzz" run --check none mixed
if grep -q 'AddressSanitizer' out; then # not in a build without
	is 'a sanitizer stops one: in its place' diff out - <<-END
		mixed/a.prog: ok, 2 operations, newest
		mixed/b.prog: AddressSanitizer stops it at operation 9: use-after-poison
		mixed/c.prog: ok, 2 operations, newest
		mixed/e.prog: ok, 2 operations, newest
		4 programs, 1 violations, 0 bad
	END
fi
printf 'A jump\n' >mixed/d.prog
ln -s nowhere mixed/f.prog
exits 1 'bad files' "$rmapfuzz" run mixed
is 'bad files: the rest goes on' grep -q 'mixed/e.prog: ok' out
is 'bad files: two complaints' test "$(wc -l <err)" = 2
is 'bad files: the text' grep -q 'mixed/d.prog:1:3: expected' err
is 'bad files: the one that is not there' grep -q 'mixed/f.prog: No such file' err
if command -v jq >/dev/null; then
	exits 1 'JSON' "$rmapfuzz" run --json mixed "$source/tests/conformance/vma"
	is 'JSON: each line an object' jq -s -e 'all(type == "object")' out
	is 'JSON: verdicts' test "$(jq -r 'select(.file) | select(.file | startswith("mixed")) | .verdict' out | tr '\n' ' ')" = \
		'clean violation clean bad clean '
	is 'JSON: the violation' test "$(jq -r 'select(.violation) | .violation | .invariant, .operation, .signature' out | head -n 3 | tr '\n' ' ')" = \
		'I7 6 I7-pte-read '
	is 'JSON: what is wrong with a bad one' jq -s -e 'map(select(.error)) | .[0].error | contains("expected")' out
	is 'JSON: versions' jq -s -e 'map(select(.versions) | .versions[]) | length > 100 and all(.agrees)' out
	is 'JSON: the sum' jq -s -e '.[-1].sum | .bad == 2 and .violations == 1 and .differences == 0' out
	printf 'A mmap 0 1 rw\n' >$'name\xff.prog'
	exits 0 'JSON: a name of any bytes' "$rmapfuzz" run --json $'name\xff.prog'
	is 'JSON: a name of any bytes is JSON' jq -s -e 'length == 2' out
fi

exits 1 'bad --jobs' "$rmapfuzz" run --jobs 0 mixed
exits 0 'an empty directory' "$rmapfuzz" run "$(mktemp -d -p "$work")"

finish
