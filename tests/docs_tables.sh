#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What the command prints for the docs is what the docs have: each table behind a line "<!-- rmapfuzz VERB ... -->"
# up to "<!-- end -->", and dictionaries/rmap.dict. With --write makes them again instead. ctest: timeout=120
set -uo pipefail

root=${RMAPFUZZ_SOURCE_DIR:-$(cd -- "$(dirname -- "$0")/.." && pwd)}
rmapfuzz=${RMAPFUZZ_BIN_DIR:-$root/build/bin}/rmapfuzz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root" || exit 1 # some read what the repository has
passed=0 failed=0

# The file with each of its tables as the command prints it now; in tables is how many there were.
fresh() {
	local line skipping=''
	tables=0
	while IFS= read -r line; do
		[[ $line != '<!-- end -->' ]] || skipping=
		[[ -n $skipping ]] || printf '%s\n' "$line"
		if [[ $line =~ ^'<!-- rmapfuzz '([a-z\ -]+)' -->'$ ]]; then
			# shellcheck disable=SC2086,SC2206 # words
			words=(${BASH_REMATCH[1]})
			"$rmapfuzz" "${words[@]}" || return 1
			tables=$((tables + 1)) skipping=1
		fi
	done <"$1"
}

# compare FILE FRESH
compare() {
	if cmp -s "$1" "$2"; then
		passed=$((passed + 1))
	elif [[ -n $write ]]; then
		cat "$2" >"$1"
		echo "made ${1#"$root"/} again"
		passed=$((passed + 1))
	else
		echo "FAILED ${1#"$root"/} is old; bash tests/docs_tables.sh --write makes it again:"
		diff "$1" "$2" | head -n 6
		failed=$((failed + 1))
	fi
}

write=
[[ ${1:-} != --write ]] || write=1
all=0
for file in "$root"/docs/*.md "$root"/README.md; do
	if ! fresh "$file" >"$work/fresh" 2>"$work/err"; then
		echo "FAILED $file: $(head -n 1 "$work/err")"
		failed=$((failed + 1))
		continue
	fi
	all=$((all + tables))
	[[ $tables == 0 ]] || compare "$file" "$work/fresh"
done
if ((all < 5)); then
	echo "FAILED only $all tables found in the docs"
	failed=$((failed + 1))
fi
"$rmapfuzz" dict >"$work/fresh"
compare "$root/dictionaries/rmap.dict" "$work/fresh"

echo "$passed passed, $failed failed"
((failed == 0))
