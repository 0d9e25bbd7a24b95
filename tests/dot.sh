#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# rmapfuzz dot: Graphviz takes every drawing, what is freed and still named is in it, nothing is half written, and
# the same program gives the same bytes. ctest: timeout=300
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
verb='dot'

cd "$RMAPFUZZ_SOURCE_DIR" || exit 1
dangling=crashes/swapin-newest-anon-vma/dangling.prog

# the failing step by itself: page 2 names anon_vma 2, to which A is not linked
check 'failing step' 77 $dangling
says 'failing step' 'after operation 6, B read 0: ok'
says 'failing step' '! I7-pte-read: page 2'
says 'failing step' '! <B>page 2</B>'
says 'failing step' 'av2 -> page2 [dir=back label=mapping'
says 'failing step' 'vma1:vma -> av1 [label="1"'
says 'failing step' 'vma2:vma -> av1 [label="2"'
says 'failing step' 'av2 -> av1 [style=dashed'
says 'failing step' 'vma1:e0:e -> slot1 '
says 'failing step' 'page2 -> slot1 [label="swap cache"'
silent 'failing step' '<S>'

# two steps later it is freed, and still named
check 'freed' 77 --step 8 $dangling
says 'freed' '<S>anon_vma 2</S></B><BR/>freed at operation 8<BR/>by exit of B'
says 'freed' 'av2 [shape=box style="rounded,dashed" color=red'
says 'freed' 'av2 -> page2 [dir=back label=mapping fontcolor=red color=red style=solid penwidth=3'
says 'freed' '! I7-pte-read at operation 6'
check 'before it' 0 --step 5 $dangling
silent 'before it' 'color=red'
check 'clean, last step' 0 --release newest crashes/mremap-copied-merge-no-dup/min.prog
says 'clean, last step' 'after operation 4, A mremap 2 1 0: ok'
silent 'clean, last step' '<S>'
check 'I1 alone' 77 --check I1 $dangling
says 'I1 alone' 'after operation 8, B exit'
says 'I1 alone' '! <B><S>anon_vma 2</S></B>'

# a link on the list of an anon_vma that leads to a freed VMA
printf '#! release 2.6.34\n#! bug F01\nA mmap 0 1 rw\nA write 0\nA fork B\nA fork C (fail_nth: 4)\n' >"$work/leak.prog"
check 'leak' 77 "$work/leak.prog"
says 'leak' '<S>VMA 3</S>'
says 'leak' 'vma3 -> av1 [label="AVC 4"'

# eight processes, forks of forks: lines that texts tell are left out, pages alike are one box
{
	printf 'A mmap 0 8 rw\nA mmap 20 4 rw\n'
	for n in 0 1 2 3 20 21; do echo "A write $n"; done
	for p in 'A B' 'B C' 'C D' 'A E' 'E F' 'F G' 'G H'; do
		# shellcheck disable=SC2086
		printf '%s fork %s\n' $p
		echo "${p#* } write 1"
	done
} >"$work/eight.prog"
check 'eight' 0 "$work/eight.prog"
says 'eight' 'many objects'
says 'eight' 'pages 1, 3, 4'
says 'eight' '<B>process H</B>'
silent 'eight' ':e0:e ->'

# Graphviz accepts them all
"$rmapfuzz" dot crashes corpus "$work/eight.prog" "$work/leak.prog" >"$work/all.dot" 2>"$work/err"
[[ $? == 77 && ! -s $work/err ]] && ok || fail "all: $(head -n 1 "$work/err")"
"$rmapfuzz" dot crashes corpus "$work/eight.prog" "$work/leak.prog" >"$work/again.dot" 2>&1
cmp -s "$work/all.dot" "$work/again.dot" && ok || fail 'not deterministic'
(($(grep -c '^digraph' "$work/all.dot") == $(find crashes corpus -name '*.prog' | wc -l) + 2)) && ok || fail 'not all are drawn'
dot -Tcanon "$work/all.dot" 2>"$work/err" >/dev/null && [[ ! -s $work/err ]] && ok || fail "Graphviz: $(head -n 2 "$work/err")"
dot -Tsvg "$work/out" 2>"$work/err" >/dev/null && [[ ! -s $work/err ]] && ok || fail "Graphviz, SVG: $(head -n 2 "$work/err")"

# files
check '--svg' 77 --svg -o "$work/a.svg" $dangling
[[ $(tail -n 1 "$work/a.svg") == '</svg>' ]] && ok || fail '--svg: not whole'
check '--svg again' 77 --svg -o "$work/b.svg" $dangling
cmp -s "$work/a.svg" "$work/b.svg" && ok || fail '--svg: not deterministic'
check '--svg to standard output' 77 --svg $dangling
[[ $(tail -n 1 "$work/out") == '</svg>' ]] && ok || fail '--svg to standard output'
check '--every' 77 --every --svg -o "$work/steps" $dangling
[[ $(cd "$work/steps" && echo ./*) == "$(echo ./00{1..9}.svg)" ]] && ok || fail "--every: $(ls "$work/steps")"
sed -e 's/&lt;/</g' "$work/steps/008.svg" | grep -q 'freed at operation 8' && ok || fail '--every: 008'
cp crashes/swapin-newest-anon-vma/dangling.prog "$work/a<&\"b.prog"
check 'odd name' 77 "$work/a<&\"b.prog"
dot -Tcanon "$work/out" >/dev/null 2>&1 && ok || fail 'odd name: Graphviz refuses it'

# what cannot be
mkdir "$work/empty"
PATH=$work/empty check 'no Graphviz' 1 --svg -o "$work/no.svg" $dangling
grep -q 'package graphviz' "$work/err" && (($(wc -l <"$work/err") == 1)) && ok || fail "no Graphviz: $(cat "$work/err")"
ls -A "$work" | grep -q 'no.svg' && fail 'no Graphviz: leaves a file' || ok
for form in '' --svg; do
	[[ -c /dev/full ]] || break
	# shellcheck disable=SC2086
	"$rmapfuzz" dot $form $dangling >/dev/full 2>"$work/err"
	[[ $? == 1 ]] && grep -q 'standard output: No space left' "$work/err" && ok || fail "full disk $form"
done
check 'no such step' 1 --step 10 $dangling
grep -q 'has 9 operations' "$work/err" && ok || fail 'no such step'
check 'step 0' 1 --step 0 $dangling
check '--every without -o' 1 --every $dangling
check '-o with a directory' 1 -o "$work/one.dot" crashes
[[ ! -e $work/one.dot ]] && ok || fail '-o with a directory: writes a file'
check 'nowhere' 1 -o "$work/nowhere/a.dot" $dangling
check 'no file' 1
printf 'A jump\n' >"$work/bad.prog"
check 'bad text' 1 -o "$work/bad.dot" "$work/bad.prog"
[[ ! -e $work/bad.dot ]] && ok || fail 'bad text: writes a file'

finish
