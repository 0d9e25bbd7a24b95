#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A finding elsewhere: its directory shows the same in any place, and a build with another release table or with other
# operations says which. That build is a copy of the sources with two lines changed, in build/elsewhere.
# ctest: timeout=600
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
cd "$work" || exit 1

replay() { "$rmapfuzz" replay "$@"; }

# The committed ones, and one of today, out of a tar.
expect 'what is committed' 0 '^[^ ]*/crashes/swapin-newest-anon-vma/: same: I7-pte-write at operation 6; inputs alike: 1$' \
	replay "$source"/crashes/*/
equal 'all of them' "$(grep -c ': same: ' out)" "$(find "$source/crashes" -name finding.json | wc -l)"
printf 'A mmap 0 8 rw\nA write 0\nA fork C\nA walk 0\nA pageout 0\nA dropcache 0\nC read 0\nA read 0\n' >long.prog
expect 'filed' 77 'new, I7-pte-' "$rmapfuzz" triage --bug S01 -o filed long.prog
expect 'where it was made' 0 ': same: I7-pte-[a-z]* at operation [0-9]*; inputs alike: 1$' replay filed/swapin-newest-anon-vma
silent 'where it was made' note
expect 'filed, another release' 77 'new, I7-pte-' "$rmapfuzz" triage --release 6.12.117 --bug S01 -o rows long.prog
mkdir there
tar -C filed -cf - swapin-newest-anon-vma | tar -C there -xf -
rm -r filed
cd there/swapin-newest-anon-vma || exit 1
expect 'out of a tar, from inside' 0 '^\.: same: I7-pte-' replay .
rm -f out err
cd "$work" || exit 1
expect 'JSON' 0 '"same":true' replay --json there/swapin-newest-anon-vma
if jq -e '.directory == "there/swapin-newest-anon-vma" and .differences == [] and .inputs == 1' out >/dev/null; then ok; else fail "JSON: $(cat out)"; fi

# What says something else than the program does, and what says nothing.
finding() { # finding NAME FILTER: a copy with another finding.json
	rm -rf "$1"
	cp -r there/swapin-newest-anon-vma "$1"
	jq "$2" there/swapin-newest-anon-vma/finding.json >"$1/finding.json"
}
finding step '.step = 3'
expect 'another operation' 77 'differs: I7-pte-[a-z]* at operation [0-9]+, the finding says 3$' replay step
says 'another operation' 'formats, operations and decisions are the same, so the engine or the oracle is another'
finding signature '.signature = "I4-vma-fork"'
expect 'another signature' 77 'differs: I7-pte-[a-z]*, the finding says I4-vma-fork' replay signature
finding old 'del(.made_with, .step)'
expect 'an old finding' 0 'note: finding.json does not say what it was made with' replay old
expect 'an old finding is brought up to date' 0 same replay --update old
expect 'and then it says so' 0 same replay old
silent 'and then it says so' note
if cmp -s old/finding.json there/swapin-newest-anon-vma/finding.json; then ok; else fail '--update is not what triage writes'; fi
finding format '.made_with.text_format = 2'
expect 'a later text format' 0 'note: the text format is 1 here, the finding was made with 2' replay format
finding input .
sed -i '/^A pageout/d' input/input-*.prog
expect 'an input that is clean' 77 'differs: input-[0-9a-f]*.prog is clean' replay input
expect 'one of two' 77 '^there/swapin-newest-anon-vma: same' replay input there/swapin-newest-anon-vma
cp step/finding.json before.json
expect '--update leaves what differs' 77 differs replay --update step
if cmp -s step/finding.json before.json; then ok; else fail '--update has written'; fi

# triage counts into a finding and leaves alone what it says of its making
jq -S .made_with old/finding.json >made
expect 'counted' 0 'seen 2 times' bash -c "echo 'A walk 3' >>long.prog && mkdir count && mv old count/swapin-newest-anon-vma &&
	'$rmapfuzz' triage --bug S01 -o count long.prog"
if jq -S .made_with count/swapin-newest-anon-vma/finding.json | cmp -s - made; then ok; else fail 'triage lost made_with'; fi

# Another build: the newest row decides otherwise, an operation has another name.
tree=$source/build/elsewhere
changed() { # changed FILE SED-SCRIPT: the file of the copy, touched only if it is another
	sed "$2" "$source/$1" >new
	cmp -s new "$tree/$1" || cp new "$tree/$1"
}
while IFS= read -r file; do
	mkdir -p "$(dirname "$tree/$file")"
	case $file in
	src/model/releases.def) changed "$file" '/^RELEASE("7\.3"/s/MAINLINE/MAINLINE, SET(DONTUNMAP, KEEPS_CHAIN)/' ;;
	src/program/ops.def) changed "$file" 's/"mlock"/"lock-range"/' ;;
	*) changed "$file" '' ;;
	esac
done < <(cd "$source" && find CMakeLists.txt cmake fuzz src -type f)
[[ -e $tree/build/build.ninja ]] || is 'elsewhere is configured' cmake -G Ninja -S "$tree" -B "$tree/build" -DCMAKE_C_COMPILER=clang \
	-DCMAKE_BUILD_TYPE= -DRMAPFUZZ_WERROR=OFF
is 'elsewhere is built' ninja -C "$tree/build" rmapfuzz
rmapfuzz=$tree/build/bin/rmapfuzz

crashes=$source/crashes/
expect 'a decision that matters' 77 'dontunmap-stale-vma-anon-vma: differs: clean, the finding says I3-vma-mremap' \
	replay "${crashes}dontunmap-stale-vma-anon-vma"
says 'a decision that matters' 'dontunmap-stale-vma-anon-vma: differs: release row 7.3 decides DONTUNMAP=KEEPS_CHAIN, the finding was made with DONTUNMAP=UNLINKS'
expect 'a decision that does not matter' 0 'swapin-newest-anon-vma: same: I7-pte-' replay there/swapin-newest-anon-vma
says 'a decision that does not matter' 'swapin-newest-anon-vma: note: release row 7.3 decides DONTUNMAP=KEEPS_CHAIN'
expect 'a row that is the same' 0 'same: I7-pte-' replay rows/swapin-newest-anon-vma
silent 'a row that is the same' 'release row'
says 'a row that is the same' 'note: the table of operations is another one here; those of this finding are the same'
expect 'an operation of an input that is not known' 77 'differs: input-[0-9a-f]*.prog cannot be played' \
	replay "${crashes}swapin-newest-anon-vma"
says 'an operation of an input that is not known' 'differs: operation mlock is not known here'
expect 'an operation that is not known' 77 'adjust-clones-wrong-source: differs' replay "${crashes}adjust-clones-wrong-source"
says 'an operation that is not known' 'differs: min.prog cannot be played'
says 'an operation that is not known' 'differs: operation mlock is not known here, and its number 14 is that of lock-range'

# bad days
rmapfuzz=$RMAPFUZZ_BIN_DIR/rmapfuzz
expect 'no directory given' 1 'no file given' replay
expect 'no finding' 1 'there: no directory of a finding' replay there
expect 'a bad finding.json' 1 'finding.json' bash -c "mkdir bad && echo '{' >bad/finding.json && '$rmapfuzz' replay bad"
expect 'min.prog is gone' 1 'min.prog: No such file' bash -c "rm format/min.prog && jq .made_with.text_format=1 format/finding.json >f &&
	mv f format/finding.json && '$rmapfuzz' replay format"
finish
