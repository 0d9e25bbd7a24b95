#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Three mutants by ./build.sh mutants: one is killed at once, one does not compile, one is equivalent and survives.
# The sources stay as they are, results are kept, and names do not change with edits elsewhere.
set -uo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

check() {
	local what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		echo "FAILED $what"
		failed=$((failed + 1))
	fi
}

# The exit code goes to rc, what was printed to the file out.
mutants() {
	bash mutants/run.sh --tables="$work/tables" --work="$work/mutants" --seconds=2 "$@" >"$work/out" 2>&1 </dev/null
	rc=$?
}

printed() { grep -qE -- "$1" "$work/out"; }
result() { awk -F '\t' -v name="$1" '$1 == name { found = $3 } END { print found }' "$work/mutants/results.tsv"; }

mkdir "$work/tables"
cat >"$work/tables/list.txt" <<-'EOT'
	avc.c:chain_add_head:killed: vma->chain_first->same_vma_prev = avc; => ;
	avc.c:chain_add_head:broken: vma->nr_avcs++; => vma->nr_avcs++
	avc.c:chain_add_head:equivalent: vma->nr_avcs++; => vma->nr_avcs += 1;
EOT
echo '100 --release=newest' >"$work/tables/releases.txt"
printf 'avc.c:chain_add_head:equivalent\tequivalent\tthe same written otherwise\n' >"$work/tables/survivors.txt"
before=$(cat src/model/*.c | cksum)

mutants 'avc.c:chain_add_head:[kbe]*' '!'
check 'a reason for the survivor, yet the exit code is not 0' test "$rc" = 0
check 'the first is not killed' test "$(result avc.c:chain_add_head:killed)" = killed
check 'the second compiles' test "$(result avc.c:chain_add_head:broken)" = not-compiling
check 'the third does not survive' test "$(result avc.c:chain_add_head:equivalent)" = survived
check 'the sum is wrong' printed '^3 mutants, 1 do not compile, 1 killed from an empty corpus, 1 survived, 1 of them equivalent$'
check 'the ratio is wrong' printed '^100.0 % of those that are not equivalent killed; 1 killed by the corpus$'
check 'the killer is not named' printed '^killed +I2-avc-'
check 'the survivor has no reason' printed '^survivor .*:equivalent .*: equivalent: the same written otherwise$'
check 'the sources are edited' test "$(cat src/model/*.c | cksum)" = "$before"

: >"$work/tables/survivors.txt"
mutants 'avc.c:chain_add_head:[kbe]*'
check 'an unexplained survivor is no failure' test "$rc" = 1
check 'it is not told' printed '^survivor .*:equivalent .*: UNEXPLAINED$'
check 'kept results are made again' test "$(wc -l <"$work/mutants/results.tsv")" = 3

bash mutants/run.sh --list --work="$work/mutants" >"$work/out" 2>&1
check 'an entry of mutants/list.txt no longer fits' test $? = 0
mutants --list --part 0/1
check 'fewer than 100 mutants by rule' test "$(wc -l <"$work/out")" -gt 100
cp "$work/out" "$work/names"
check 'a name comes twice' test -z "$(sort "$work/names" | uniq -d)"
cat src/model/avc.c >"$work/avc.c"
# shellcheck disable=SC2016 # sed
sed -i 's/^void chain_del(/void another(int a)\n{\n\tif (a)\n\t\tother(a);\n}\n\n&/' "$work/avc.c"
names_of() { awk -f mutants/rules.awk "$1" | cut -f 1 | grep -v ':another:'; }
check 'a function more changes the names of others' test "$(names_of "$work/avc.c")" = "$(names_of src/model/avc.c)"

echo 'avc.c:chain_del:gone: no_such_text => ;' >>"$work/tables/list.txt"
mutants --list
check 'an entry that fits nowhere passes' test "$rc" = 1
check 'its place is not told' printed 'list.txt:4: nothing fits avc.c:chain_del:gone$'
mutants --seconds soon
check 'a bad option passes' test "$rc" = 1

echo "$passed passed, $failed failed"
((failed == 0))
