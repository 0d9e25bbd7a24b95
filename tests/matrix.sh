#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Each release, unmodified, has exactly the bugs that it had: rmapfuzz bugs --matrix, the same seen with rmapfuzz run,
# the kernels that change logs name, and that a reproducer which is missing or shows too much is told.
# ctest: timeout=240
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
cd "$source" || exit 1
verb=bugs

check 'every pair agrees' 0 --matrix
[[ ! -s $work/err ]] || fail "disagreements: $(head -n 3 "$work/err")"
says 'the newest release is a row' "$("$rmapfuzz" releases --json | jq -r '.[-1].version')"
widest=$(head -n "$(("$("$rmapfuzz" releases --json | jq length)" + 3))" "$work/out" | awk '{ if (length > w) w = length } END { print w }')
((widest <= 100)) && ok || fail "the matrix is $widest characters wide"

check 'as JSON' 0 --matrix --json
cp "$work/out" "$work/matrix.json"
equal 'a cell for each pair' "$(jq length "$work/matrix.json")" \
	"$(("$("$rmapfuzz" releases --json | jq length)" * "$("$rmapfuzz" bugs --json | jq length)"))"
equal 'had: fails, alone by its own invariants, and not when repaired' '' "$(jq -r '.[] | select(.history == "released")
	| select(.unmodified == null or .alone.by_the_bug != true or .repaired != null) | .release + " " + .bug' "$work/matrix.json")"
equal 'not had: silent but for other bugs' '' "$(jq -r '.[] | select(.history == "not had")
	| select(.repaired != null or (.mark == "." and .unmodified != null)) | .release + " " + .bug' "$work/matrix.json")"
for bug in $("$rmapfuzz" bugs --json | jq -r '.[].name'); do
	grep -lqE "^#! bug $bug\$" corpus/regress/*.prog && ok || fail "no reproducer of $bug"
done

# kernels BUG VERSION...: of these a bug is said to be in exactly those without a minus sign
kernels() {
	local bug=$1 version row wanted
	shift
	for version in "$@"; do
		wanted=true
		[[ $version != -* ]] || wanted=false
		row=$("$rmapfuzz" releases --json "${version#-}" | jq -r .row)
		equal "$bug in ${version#-}" "$wanted" "$(jq --arg row "$row" --arg bug "$bug" '.[] | select(.release == $row
			and .bug == $bug) | .history == "released"' "$work/matrix.json")"
	done
}
kernels S01 2.6.34-rc3 -2.6.34-rc4 -7.3.4
kernels S05 2.6.34-rc3 2.6.34-rc5 2.6.34-rc7 -2.6.34 -2.6.35
kernels S07 -2.6.39 3.0 3.13 -3.16
kernels S10 -3.18 3.19 4.9 5.19.6 -5.19.7 -6.0
kernels S13 -5.11 5.12 6.1.190 -6.1.191 6.12.111 -6.12.112 6.17.13 6.18.44 7.0 -7.3
kernels S14 -2.6.35 -6.15 6.16 6.17.13 6.18.7 -6.18.8 -6.19
kernels S15 -6.15 6.16 6.17.13 6.18.7 -6.18.8 -6.19
kernels S16 -6.2 6.3 -6.3.1 -6.4
kernels S21 2.6.34-rc3 2.6.34 -2.6.35
kernels X05 2.6.34-rc3 4.19 5.6 5.7.2 -5.7.3 -5.8 -5.9
kernels X07 -5.7 -5.8 5.9 5.10 5.17 -5.18 -5.19
kernels F01 2.6.34-rc3 -2.6.34-rc4
kernels F04 -3.18 3.19 -4.0
kernels F07 -6.7 6.8 6.12.82 -6.12.83 6.16.10 -6.16.11 6.17 -6.17.1 -6.18
kernels F08 2.6.34-rc3 2.6.34-rc5 -2.6.34-rc6 -2.6.34
kernels C14 2.6.34-rc3 3.7 4.8 -4.9 -7.3
kernels C13 -6.3 6.4 6.4.7 -6.4.8 -6.5 -6.5.11 -6.6

# the same without the matrix: the program alone, under the unmodified release
while read -r mark release bug; do
	wanted=0
	[[ $mark != [Xxd] ]] || wanted=77
	found=0
	for program in $(grep -lE "^#! bug ($bug)\$" corpus/regress/*.prog); do
		grep -v '^#!' "$program" >"$work/plain.prog"
		"$rmapfuzz" run -q --release "$release" "$work/plain.prog" >"$work/out" 2>&1 </dev/null || found=$?
	done
	equal "run --release $release, reproducers of $bug" "$found" "$wanted"
done < <(jq -r --slurpfile bugs <("$rmapfuzz" bugs --json) '.[] | .bug as $id | select((.mark | test("[Xxd]")) or (.unmodified == null and .mark != "."))
	| .mark + " " + .release + " " + ($bugs[0][] | select(.id == $id) | .id + "|" + .name)' "$work/matrix.json")

# what it must tell
cp -r corpus/regress "$work/programs"
rm "$work"/programs/*-merge-next-wrong-pgoff.prog
check 'a reproducer is missing' 77 --matrix --programs "$work/programs"
grep -q '^rmapfuzz bugs: 6.3 and S16: ' "$work/err" && ok || fail "does not say that S16 is not shown: $(cat "$work/err")"
equal 'one pair disagrees' "$(wc -l <"$work/err")" 1
check 'the same as JSON' 77 --matrix --json --programs "$work/programs"
equal 'the pair' "$(jq -r '.[] | select(.disagreement) | .release + " " + .bug + " " + .mark' "$work/out")" '6.3 S16 !'
sed 's/^#! bug .*/#! bug S16/' corpus/regress/2026-dontunmap-unfaulted-pgoff.prog >"$work/programs/s16.prog"
check 'a program that shows another bug' 77 --matrix --programs "$work/programs"
grep -q '^rmapfuzz bugs: 6.3 and S16: ' "$work/err" && ok || fail "takes another bug for S16: $(cat "$work/err")"
printf '#! bug S16\nA mmap 1 1 rw\nA oops\n' >"$work/programs/s16.prog"
check 'a bad program' 1 --matrix --programs "$work/programs"
check 'no directory' 1 --matrix --programs "$work/none"
check 'the matrix of one bug' 1 --matrix S01

finish
