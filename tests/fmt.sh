#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# fmt: text and bytes and back, canonical spelling, comments kept, places of results. ctest: timeout=120
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
cd "$work" || exit 1

refuses() {
	local what=$1 pattern=$2 rc
	shift 2
	"$@" >out 2>err </dev/null
	rc=$?
	is "$what: exit code, one line" test "$rc $(wc -l <err)" = '1 1'
	is "$what: words" grep -qE -- "$pattern" err
}

# the canonical form of a text that has everything
printf '%s\n' '# a  story ' '#!  release   6.12' '#!/usr/bin/env rmapfuzz' '   # indented' '' \
	'  A   mmap  0 04 rw' $'A write 0\t\t# tab' 'A  fork  B(fail_nth:3)      # column kept' \
	'A read 0# close' $'B read 0 \r' '#=   linux  6.1.192  6.12.117  ' '#  A: [0,4)rw{}   ' '#  ' '#   errors: 4:EFAULT' \
	'# behind  ' >wild.prog
printf 'A exit' >>wild.prog
printf '%s\n' '# a  story' '#! release 6.12' '#!/usr/bin/env rmapfuzz' '   # indented' '' \
	'A mmap 0 4 rw' $'A write 0\t\t# tab' 'A fork B (fail_nth: 3)      # column kept' \
	'A read 0 # close' 'B read 0' '#= linux 6.1.192  6.12.117' '#  A: [0,4)rw{}' '#  ' '#   errors: 4:EFAULT' \
	'# behind' 'A exit' >tame.prog
is 'canonical text' bash -c "'$rmapfuzz' fmt wild.prog | diff - tame.prog"
is 'canonical text twice' bash -c "'$rmapfuzz' fmt tame.prog | cmp - tame.prog"
is 'the same operations' bash -c "cmp <('$rmapfuzz' fmt --bytes wild.prog) <('$rmapfuzz' fmt --bytes tame.prog)"
is 'strict, canonical' "$rmapfuzz" fmt --strict tame.prog
refuses 'strict, not canonical' 'wild.prog: line 1 is not canonical' "$rmapfuzz" fmt --strict wild.prog
is 'strict and bytes: converts' bash -c "'$rmapfuzz' fmt --strict --bytes tame.prog | cmp - <('$rmapfuzz' fmt -b tame.prog)"
refuses 'strict and bytes, not canonical' 'not canonical' "$rmapfuzz" fmt --strict --bytes -o never wild.prog
is 'nothing was written' test ! -e never
printf '\1\0\0\0\xb0\0\0\3\0\0' >relative
refuses 'strict, relative' 'relative' "$rmapfuzz" fmt --strict relative
printf '\203\0\0\0\4\0\0\4\2\0\22' >cut
refuses 'strict, cut short' 'byte 10 is not canonical|byte 11 is not canonical' "$rmapfuzz" fmt --strict cut
is 'relative to text' bash -c "'$rmapfuzz' fmt relative | grep -qx 'A mmap 0 4 rw'"
is 'standard input and output' bash -c "'$rmapfuzz' fmt --bytes - <tame.prog | '$rmapfuzz' fmt --strict -"

# every committed program: text is canonical, and text, bytes, text are the same operations
is 'the corpus is canonical' "$rmapfuzz" fmt --strict "$source/corpus" "$source/crashes" "$source/tests/conformance"
is 'corpus to bytes' "$rmapfuzz" fmt --bytes -o bytes "$source/corpus"
is 'bytes to text' "$rmapfuzz" fmt -o texts bytes
is 'text to bytes' "$rmapfuzz" fmt --bytes -o again texts
is 'the same bytes' diff -r bytes again
is 'the same files' test "$(cd "$source/corpus" && find . -name '*.prog' | sort)" = "$(cd texts && find . -type f | sort)"
bare='/^#/d; s/ *#.*//; /^$/d'
for file in $(cd texts && find . -name '*.prog'); do
	cmp -s <(sed "$bare" "$source/corpus/$file") "texts/$file" || echo "differs: $file"
done >differing
is 'the same operations as in the corpus' test ! -s differing

# places
mkdir in
cp wild.prog tame.prog relative in/
is 'in place' "$rmapfuzz" fmt --in-place in
is 'in place: text' cmp in/wild.prog tame.prog
is 'in place: bytes stay bytes' cmp in/relative <("$rmapfuzz" fmt --bytes relative)
refuses 'several to standard output' 'several files need' "$rmapfuzz" fmt in
refuses 'onto itself' 'would overwrite itself' "$rmapfuzz" fmt -o wild.prog wild.prog
refuses 'in place and another place' 'exclude each other' "$rmapfuzz" fmt -i -o x wild.prog
refuses 'standard input in place' 'has no place' "$rmapfuzz" fmt -i -
cp relative in/tame
refuses 'two files, one name' 'another file has become' "$rmapfuzz" fmt -o clash in
printf 'A jump\n' >bad.prog
refuses 'bad text' 'bad.prog:1:3: expected' "$rmapfuzz" fmt -o never bad.prog
is 'a bad text leaves nothing' test ! -e never
is 'no temporary files' test -z "$(find . -name '.*.??????')"

finish
