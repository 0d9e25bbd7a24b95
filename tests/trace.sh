#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# rmapfuzz trace: what it says of small programs, word for word; that it finds what `run` finds; that no broken state
# stops it, for every bug of the catalogue and every committed program. ctest: timeout=300
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
verb=trace

# golden WHAT: $work/out is standard input
golden() {
	if diff - "$work/out" >"$work/diff"; then ok; else fail "$1: $(head -n 20 "$work/diff")"; fi
}

cat >"$work/2010.prog" <<'EOT'
#! release 2.6.34-rc3
A mmap 0 1 rw
A write 0
A fork B
A pageout 0
A dropcache 0
B read 0
A read 0
B exit
A walk 0
EOT
cd "$work" || exit 1
check '2010' 77 --continue 2010.prog
golden '2010' <<'EOT'
2010.prog
release 2.6.34-rc3

                                      0
     1  A mmap 0 1 rw   ok         A  a
                                      .
        + VMA 1 of A [0,1): rw
     2  A write 0       ok         A  A
                                      w
          VMA 1 of A [0,1): anon_vma none -> av1, chain {} -> {av1}
        + anon_vma 1: root
        + page 1 (A 0): mapping av1, index 0, mapcount 1, refcount 1, content 2
     3  A fork B        ok         A  A
                                      r
                                   B  A
                                      r
        + VMA 2 of B [0,1): rw, anon_vma av2, chain {av2 av1}
        + anon_vma 2: parent av1
          page 1 (A 0, B 0): mapcount 1 -> 2, refcount 1 -> 2
     4  A pageout 0     ok         A  A
                                      s
                                   B  A
                                      s
          page 1 (unmapped): mapcount 2 -> 0, refcount 2 -> 1, swap cache none -> slot 1
        + swap slot 1 (A 0, B 0): count 2, cached page 1, content 2
     5  A dropcache 0   ok
        - page 1 freed by dropcache of A
          swap slot 1 (A 0, B 0): cached page 1 -> none
 >   6  B read 0        reads 2    B  A
                                      r
        + page 2 (B 0): mapping av2, index 0, mapcount 1, refcount 2, swap cache slot 1, content 2
          swap slot 1 (A 0): count 2 -> 1, cached none -> page 2
        ! I7-pte-read: page 2, mapped by B at 0, in the swap cache, entry held by A at 0, has
            mapping anon_vma 2; A has a swap entry of it at 0 in VMA 1 of A [0,1), which is not
            linked to it
          the anon_vma that page->mapping names is in the chain of every VMA with an entry for the
            page, so a walk finds them all
     7  A read 0        reads 2    A  A
                                      r
          page 2 (A 0, B 0): mapcount 1 -> 2, refcount 2 -> 3
          swap slot 1 (no entry): count 1 -> 0
 >   8  B exit          ok         B  has exited
        - VMA 2 of B [0,1) freed by exit of B
        - anon_vma 2 freed by exit of B, but page 2 (A 0) still names it
          page 2 (A 0): mapcount 2 -> 1, refcount 3 -> 2
        ! I1-page-exit: page 2, mapped by A at 0, in the swap cache, has mapping anon_vma 2, freed
            at operation 8 by exit of B
          every pointer to an anon_vma or a VMA, and page->mapping of a page that entries name,
            leads to a live object
 >   9  A walk 0        ok
        ! I1-anon_vma-walk: page_referenced uses anon_vma 2, freed at operation 8 by exit of B

3 violations: I7-pte-read at 6, I1-page-exit at 8, I1-anon_vma-walk at 9
EOT
check '2010, first violation' 77 2010.prog
says '2010, first violation' 'stopped behind operation 6 of 9; --continue goes on: I7-pte-read at 6'
check '2010, I1 alone' 77 --check I1 --continue 2010.prog
says '2010, I1 alone' '2 violations: I1-page-exit at 8, I1-anon_vma-walk at 9'
check '2010, nothing judged' 0 --check none 2010.prog
says '2010, nothing judged' 'a pointer to a freed object was used'
says '2010, nothing judged' 'nothing was judged'
check '2010, newest' 0 --release newest 2010.prog
says '2010, newest' 'clean, also when everything exits'

# counters as the release has them, splits, failures, migration, groups
cat >more.prog <<'EOT'
A mmap 0 3 rw
A mlock 0 3
A fork B (fail_nth: 1)
A fork B (fail_nth: 60)
B mprotect 1 1 r
B write 1
A mremap 0 1 8
A migrate-begin 8
C exit
EOT
check 'more' 0 more.prog
golden 'more' <<'EOT'
more.prog
release newest (rules of 7.3)

                                               012345678
     1  A mmap 0 3 rw            ok         A  aaa......
                                               .........
        + VMA 1 of A [0,3): rw
     2  A mlock 0 3              ok         A  AAA......
                                               www......
          VMA 1 of A [0,3): rw -> rw locked, anon_vma none -> av1, chain {} -> {av1}
        + anon_vma 1: root, num_children 1, num_active_vmas 1, refcount 1
        + page 1 (A 0): mapping av1, index 0, mapcount 1, refcount 1, exclusive, content 0
        + page 2 (A 1): mapping av1, index 1, mapcount 1, refcount 1, exclusive, content 0
        + page 3 (A 2): mapping av1, index 2, mapcount 1, refcount 1, exclusive, content 0
     3  A fork B (fail_nth: 1)   ENOMEM
          allocation 1 failed
     4  A fork B (fail_nth: 60)  ok         A  AAA......
                                               rrr......
                                            B  AAA......
                                               rrr......
          made fewer than 60 allocations, none failed
        + VMA 2 of B [0,3): rw, anon_vma av2, chain {av2 av1}
          anon_vma 1: num_children 1 -> 2, refcount 1 -> 2
        + anon_vma 2: parent av1, root av1, num_children 0, num_active_vmas 1, refcount 1
          pages 1..3 (A 0..2, B 0..2): mapcount 1 -> 2, refcount 1 -> 2, no longer exclusive
     5  B mprotect 1 1 r         ok         B  ABC......
                                               rrr......
          VMA 2 of B [1,2): was [0,3), rw -> r account
        + VMA 3 of B [0,1): rw, anon_vma av2, chain {av1 av2}
        + VMA 4 of B [2,3): rw, anon_vma av2, chain {av1 av2}
          anon_vma 2: num_active_vmas 1 -> 3
     6  B write 1                SIGSEGV
     7  A mremap 0 1 8           ok         A  .AA.....B
                                               .rr.....r
        - VMA 1 of A [0,3) freed by mremap of A
        + VMA 5 of A [8,9): rw locked, pgoff 0, anon_vma av1, chain {av1}
        + VMA 6 of A [1,3): rw locked, anon_vma av1, chain {av1}
          anon_vma 1: num_active_vmas 1 -> 2
          page 1 (A 8, B 0): moved
     8  A migrate-begin 8        ok         A  .AA.....B
                                               .rr.....m
                                            B  ABC......
                                               mrr......
          anon_vma 1: refcount 2 -> 3, pins 0 -> 1
          page 1 (A 8, B 0): mapcount 2 -> 0, refcount 2 -> 1, isolated, locked
        + page 4 (unmapped): mapcount 0, refcount 1, isolated, locked, content 0
     9  C exit                   nothing

clean, also when everything exits
EOT

printf 'A mmap 0 1 rw\nA write 0\nA migrate-begin 0\nA fork B\nB exit\n' >migration.prog
check 'migration entries' 0 migration.prog
says 'migration entries' 'page 1 (A 0, B 0): now also in B'
says 'migration entries' 'page 1 (A 0): no longer in B'

# a link that leads to a freed VMA
printf '#! release 2.6.34\n#! bug F01\nA mmap 0 1 rw\nA write 0\nA fork B\nA fork C (fail_nth: 4)\n' >leak.prog
check 'leak' 77 --continue leak.prog
says 'leak' '+ AVC 4: in no chain, links VMA 3 (freed) to av1'
says 'leak' '(end) all gone'
check '--full' 0 --full more.prog
says '--full' 'VMA 1 of A [0,3): rw locked, anon_vma av1, chain {av1}'
says '--full' '(end) A exits'

# names that the violation uses are those of the trace: birth ids, also when numbers by first sight differ
check 'no drift' 77 "$RMAPFUZZ_SOURCE_DIR/crashes/degree-double-reuse/dangling.prog"
says 'no drift' '+ VMA 10 of F [1,2): rw, anon_vma av3'
says 'no drift' 'anon_vma 3 is in use by VMA 9 of F [0,1) and by VMA 10 of F [1,2)'

# colour
escape=$(printf '\033')
silent 'no colour in a pipe' "$escape"
check 'colour' 77 --color=always 2010.prog
says 'colour' "$escape[1;31m"
check 'no colour' 77 --color=never 2010.prog
silent 'no colour' "$escape"
terminal() { script -qec "$* trace 2010.prog" /dev/null </dev/null >"$work/out"; }
if command -v script >/dev/null; then
	TERM=xterm terminal env -u NO_COLOR "$rmapfuzz"
	says 'on a terminal' "$escape[1m"
	TERM=xterm terminal env NO_COLOR=1 "$rmapfuzz"
	silent 'NO_COLOR' "$escape"
	says 'NO_COLOR' 'I7-pte-read'
fi

# bad input
check 'no file' 1
check 'nowhere' 1 nowhere.prog
check 'bad colour' 1 --color=red 2010.prog
printf 'A jump 0\n' >bad.prog
check 'bad text' 1 bad.prog
grep -q '^bad.prog:1:3: expected' err || fail 'bad text: no place'
: >empty.prog
check 'empty' 0 empty.prog
if [[ -c /dev/full ]]; then
	"$rmapfuzz" trace 2010.prog >/dev/full 2>err
	(($? == 1)) && ok || fail 'full disk'
fi

# JSON
check 'JSON' 77 --json --continue 2010.prog
jq -e '.violation.signature == "I7-pte-read" and .settings.release == "2.6.34-rc3" and (.steps | length) == 11 and
	([.steps[].violations[].signature] == ["I7-pte-read", "I1-page-exit", "I1-anon_vma-walk"]) and
	(.steps[7].changes[] | select(.kind == "anon_vma" and .id == 2).change) == "freed" and
	(.steps[2].changes[] | select(.kind == "VMA" and .id == 2).after.chain | map(.anon_vma)) == [2, 1] and
	(.steps[5].entries[0].after.page) == 2 and .steps[5].value == 2' out >/dev/null && ok || fail 'JSON: content'
mkdir some && cp 2010.prog more.prog empty.prog some/
check 'JSON of a directory' 77 --json some
[[ $(jq -s length out) == 3 ]] && ok || fail 'JSON of a directory: not an object a program'

# every committed program, and random ones under every bug: the first violation is that of `run`, and nothing stops it
cd "$RMAPFUZZ_SOURCE_DIR" || exit 1
same_as_run() {
	"$rmapfuzz" trace --json --continue "$@" 2>"$work/err" |
		jq -r 'select(.violation) | "\(.file): I\(.violation.invariant[1:]) at operation \(.violation.step): \(.violation.text)"' >"$work/traced"
	[[ -s $work/err ]] && fail "$*: $(head -n 1 "$work/err")"
	"$rmapfuzz" run --quiet "$@" | sed -nE 's/^([^ ]+): [^ ]+: (I[0-9]+ at operation)/\1: \2/p' >"$work/run"
	if diff "$work/traced" "$work/run" >"$work/diff"; then ok; else fail "$*: $(head -n 4 "$work/diff")"; fi
}
mkdir "$work/random"
perl -e 'srand(20); for my $n (1 .. 6) { open(my $f, ">", "$ARGV[0]/$n") or die; binmode($f);
	print $f pack("C*", 1, 0, 0, 0, map { int(rand(256)) } 1 .. 6 * 300); }' "$work/random"
for bug in $(grep -oE '^BUG(_OF_REUSE)?\("[A-Z][0-9]+' src/model/bugs.def | cut -d'"' -f2); do
	for release in 2.6.34-rc3 3.19 6.16 newest; do
		"$rmapfuzz" run -q --release $release --bug "$bug" /dev/null >/dev/null 2>&1 || continue
		same_as_run --release $release --bug "$bug" "$work/random"
	done
done
same_as_run --recycle now --release 2.6.34-rc3 --bug S01 --bug S04 "$work/random"
same_as_run crashes corpus/regress
same_as_run --release newest corpus/seeds
check 'all, full' 77 --full --continue crashes/*/min.prog corpus
[[ -s $work/err ]] && fail "all, full: $(head -n 1 "$work/err")"
"$rmapfuzz" trace --continue crashes corpus >"$work/again1" 2>&1
"$rmapfuzz" trace --continue crashes corpus >"$work/again2" 2>&1
cmp -s "$work/again1" "$work/again2" && ok || fail 'not deterministic'
grep -nE ' +$|0x[0-9a-f]{6}' "$work/again1" >"$work/diff" && fail "blanks at the end of a line, or an address: $(head -n 1 "$work/diff")" || ok

finish
