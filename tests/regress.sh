#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every past bug: its regression program and its crash directory show it, the trace is the one that is committed,
# no operation can be left out, the newest release is clean, and the catalogue's invariants are the ones that fire.
# ctest: timeout=300
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"

# replays EXIT_CODE WHAT ARGUMENT...
replays() {
	local wanted=$1 what=$2 got
	shift 2
	"$rmapfuzz" run "$@" >"$work/out" 2>&1 </dev/null
	got=$?
	if ((got == wanted)); then ok; else fail "$what: exit $got, wanted $wanted: $(head -n 1 "$work/out")"; fi
}

# The invariants that bugs.def names for a bug, as a pattern: the only string of its row that is such a list.
invariants_of() {
	sed -E 's/^BUG(_OF_REUSE)?\(/\n&/' src/model/bugs.def | awk -v RS= -v name="\"$1\"" 'index($0, name)' |
		grep -oE '"I[0-9I,]+"' | tr -d '"' | tr ',' '|'
}

for program in corpus/regress/*.prog; do
	# a failure of the newest release itself that was fixed: there is nothing to bring it back with
	if ! grep -qE '^#! (release|bug)' "$program"; then
		replays 0 "$program" "$program"
		continue
	fi
	bug=$(sed -n 's/^#! bug //p' "$program")
	replays 77 "$program" "$program"
	grep -qE ": ($(invariants_of "$bug")) at operation" "$work/out" ||
		fail "$program: not one of the invariants of $bug: $(head -n 1 "$work/out")"
	replays 0 "$program under the newest release" --release newest "$program"
	# 1-minimal: without any one operation it is clean
	mapfile -t operations < <(grep -nE '^[A-H] ' "$program" | cut -d: -f1)
	for line in "${operations[@]}"; do
		sed "${line}d" "$program" >"$work/less.prog"
		replays 0 "$program without line $line" "$work/less.prog"
	done
done

# A known failure: exactly its signature under the release and bug it names, silence under the newest release, and the
# trace that is committed. Made by triage, so a change of the model or of the tool shows here.
for directory in crashes/*/; do
	wanted=$(jq -r .signature "${directory}finding.json")
	replays 77 "$directory" "${directory}min.prog"
	got=$(sed -n 's/^DEDUP_TOKEN: //p' "$work/out")
	if [[ $got == "$wanted" ]]; then ok; else fail "$directory: $got, wanted $wanted"; fi
	replays 0 "$directory under the newest release" --release newest "${directory}min.prog"
	"$rmapfuzz" trace "${directory}min.prog" 2>&1 | tail -n +2 >"$work/trace"
	tail -n +2 "${directory}trace.txt" | diff "$work/trace" - >"$work/diff" ||
		fail "${directory}trace.txt: $(head -n 3 "$work/diff")"
	operations=$(grep -cE '^[A-H] ' "${directory}min.prog")
	[[ $operations == "$(jq .operations "${directory}finding.json")" ]] || fail "$directory: $operations operations"
	[[ $(grep -cE '^# +[0-9]+\. [A-H] ' "${directory}min.prog") == "$operations" ]] || fail "$directory: no story"
	grep -q '</svg>' "${directory}forest.svg" || fail "$directory: no drawing"
	[[ -s ${directory}README.md ]] || fail "$directory: no README.md"
	# what the fuzzer found is still there, and still minimizes to the same program
	for input in "$directory"input-*.prog; do
		"$rmapfuzz" min -o "$work/min.prog" "$input" >"$work/out" 2>&1 </dev/null || fail "$input: $(head -n 1 "$work/out")"
		diff <(grep -E '^[A-H] ' "$work/min.prog") <(grep -E '^[A-H] ' "${directory}min.prog") >"$work/diff" ||
			fail "$input: another minimal program: $(head -n 3 "$work/diff")"
	done
	if [[ -e ${directory}dangling.prog ]]; then
		replays 77 "$directory dangling, I1" --check I1 "${directory}dangling.prog"
		replays 77 "$directory dangling, ASan" --check none "${directory}dangling.prog"
		grep -q 'use-after-poison' "$work/out" || fail "$directory: no report of ASan"
	fi
done

# Every bug has its directory, but for these, and one that needs no failing allocation its regression program.
declare -A unfiled=(
	# [NAME]='why the fuzzer finds none'
)
mapfile -t bugs < <(sed -nE 's/^BUG(_OF_REUSE)?\("([A-Z][0-9]*)", *"([^"]*)".*/\2 \3/p' src/model/bugs.def)
((${#bugs[@]} == $(grep -cE '^BUG(_OF_REUSE)?\(' src/model/bugs.def))) || fail 'bugs.def has rows that are not understood'
for row in "${bugs[@]}"; do
	read -r id bug <<<"$row"
	if [[ -n ${unfiled[$bug]:-} ]]; then
		[[ ! -e crashes/$bug ]] || fail "$bug has a crash directory and a reason why not"
		unset "unfiled[$bug]"
	elif [[ ! -e crashes/$bug/min.prog ]]; then
		fail "no crash directory for $bug"
	fi
	[[ $id == F* ]] || ls corpus/regress/*-"$bug".prog >/dev/null 2>&1 || fail "no regression program for $bug"
done
((${#unfiled[@]} == 0)) || fail "no such bugs: ${!unfiled[*]}"
ok

finish
