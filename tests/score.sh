#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# rmapfuzz score: what a run leaves, that it goes on where it was, what it refuses, the canary, subjects from a file.
# ctest: timeout=300
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
cd "$work" || exit 1
bin=$RMAPFUZZ_BIN_DIR
score=("$rmapfuzz" score --jobs 2)
two=(S01 S12 --seconds 20 --drivers mutator,weighted)

lines() { tail -n +2 "$1/results.csv" | wc -l; }
# json WHAT FILTER: of set/score.json, true
json() { if jq -e "$2" set/score.json >/dev/null; then ok; else fail "$1: not $2"; fi; }

# ---- from nothing, in two steps
expect 'one seed' 0 '^S12 +[0-9.]+ +weighted +1/1' "${score[@]}" "${two[@]}" --seeds 1 -o set
equal 'a line a run' "$(lines set)" 4
cp set/results.csv first.csv
printf 'S12,7.3,mutator,2,torn' >>set/results.csv
expect 'it goes on' 0 'no bar is missed' "${score[@]}" "${two[@]}" --seeds 2 -o set
equal 'what was there stays' "$(head -n 5 set/results.csv)" "$(cat first.csv)"
equal 'a torn line goes' "$(grep -c torn set/results.csv) $(lines set)" '0 8'
cp set/results.csv done.csv
expect 'nothing left to do' 0 'no bar is missed' "${score[@]}" "${two[@]}" --seeds 2 -o set
is 'it did nothing' cmp done.csv set/results.csv
equal 'nothing is left beside' "$(find set -mindepth 1 | sort | tr '\n' ' ')" 'set/index.html set/results.csv set/score.json '

# ---- the sums are those of the lines
json 'all found' '[.rows[] | .detected == 2 and .reached.yes == 2 and .triggered.yes == 2] | all'
json 'the oracle alone' '[.rows[] | .oracle_alone.yes == 2] | all'
json 'the canary' '.canary.detected and .canary.executions < 2000'
json 'four rows' '.rows | length == 4'
json 'bars are those of the first driver' '[.rows[] | (.bar != null) == (.driver == "mutator")] | all'
for row in 'S01 mutator' 'S12 weighted'; do
	read -r bug driver <<<"$row"
	equal "median of $row" \
		"$(jq -r --arg bug "$bug" --arg driver "$driver" '.rows[] | select(.subject == $bug and .driver == $driver).executions.median' set/score.json)" \
		"$(awk -F, -v bug="$bug" -v driver="$driver" '$1 == bug && $3 == driver { sum += $11 } END { print sum / 2 }' set/results.csv)"
done
# eleven LOW HIGH: as if S01 had been found with eleven seeds, five times after LOW executions, six times after HIGH
eleven() {
	rm -rf bars && mkdir bars
	awk -F, -v low="$1" -v high="$2" -v OFS=, 'NR == 1 { print }
		$1 == "S01" && $3 == "mutator" && $4 == 1 { for (seed = 1; seed <= 11; seed++) { $4 = seed; $11 = seed < 6 ? low : high; print } }' \
		done.csv >bars/results.csv
}
eleven 5 10000
expect 'a bar that is met' 0 'met' "${score[@]}" S01 --drivers mutator --seconds 20 -o bars
equal 'met' "$(jq -c '[.missed, .unmeasured, .rows[0].bar.verdict]' bars/score.json)" '[[],[],"met"]'
sed -i '$d' bars/results.csv
expect 'not with ten seeds' 0 'not measured: 10 of 11 seeds, 10 within it$' "${score[@]}" S01 --drivers mutator --seconds 20 --seeds 10 -o bars
eleven 5 10001
expect 'a bar that is missed' 77 'MISSED: median of executions above 10000' "${score[@]}" S01 --drivers mutator --seconds 20 -o bars
eleven 5 7
sed -i '$s/,yes,7,[0-9.]*,/,yes,7,30.5,/' bars/results.csv
expect 'too late once' 77 'MISSED: 10 of 11 found within 30 CPU s, wanted 11 of 11' "${score[@]}" S01 --drivers mutator --seconds 20 -o bars
equal 'curves in the page' "$(grep -o '<svg ' set/index.html | wc -l)" 2
cp set/index.html page.html
if grep -qE '(src|href)="[^#"]' set/index.html; then fail 'the page needs something else'; else ok; fi

# ---- what is refused
expect 'another budget' 1 'the budget of S.* by .* is another one there; --new' "${score[@]}" S01 --seconds 21 --drivers mutator --seeds 1 -o set
is 'and nothing changes' cmp done.csv set/results.csv
mkdir other && cp "$bin/rmap_fuzzer" "$bin/rmap_random" other && printf x >>other/rmap_fuzzer
expect 'another build' 1 'the build of S.* by mutator is another one' "${score[@]}" "${two[@]}" --seeds 2 -o set --programs other
expect 'a new set' 0 'not measured: 1 of 11 seeds, 0 within it, 1 given up early' "${score[@]}" S01 --executions 1 --drivers mutator --seeds 1 -o set --new
is 'the old one is kept' cmp done.csv set/results-1.csv
json 'a bar that was not measured' '.missed == [] and .unmeasured == ["S01"] and .rows[0].executions.median == null'
sed -i '2s/,yes,/,perhaps,/;2s/,no,/,perhaps,/' set/results.csv
expect 'a damaged line' 1 'set/results.csv:2:1: expected a run' "${score[@]}" S01 --executions 1 --drivers mutator --seeds 1 -o set
expect 'no such bug' 1 "unknown bug 'S99'" "${score[@]}" S99 -o none
expect 'no such driver' 1 "unknown driver 'nobody'; known: mutator" "${score[@]}" S01 --drivers nobody -o none
expect 'no such release' 1 'makes no sense in release 2.6.34' "${score[@]}" S14 --release 2.6.34 -o none
expect 'no such directory' 1 'no such fuzz target' "${score[@]}" S01 --programs nowhere -o none
equal 'nothing was made' "$(find none 2>/dev/null)" ''

# ---- the canary: a fuzz target that cannot be wrong
mkdir right
printf '#!/bin/bash\nargs=()\nfor a; do [[ $a == --decision=* ]] || args+=("$a"); done\nexec %q "${args[@]}"\n' "$bin/rmap_fuzzer" >right/rmap_fuzzer
chmod +x right/rmap_fuzzer
expect 'a dead canary' 1 'the canary.*was not detected' "${score[@]}" S01 --drivers mutator --seeds 1 -o dead --programs right
equal 'and nothing is scored' "$(lines dead)" 0

# ---- subjects from a file
mkdir mutants
for name in rmap_fuzzer rmap_random rmap_fuzzer-plain; do
	printf '#!/bin/sh\nexec %q --bug=S12 "$@"\n' "$bin/$name" >mutants/$name
	printf '#!/bin/sh\nexec %q "$@"\n' "$bin/$name" >mutants/equivalent-$name
done
chmod +x mutants/*
cat >mutants/list <<-'END'
	{"name": "decided", "decision": "FORK_REUSE=DEGREE", "seconds": 20}
	{"name": "m1", "target": "rmap_fuzzer", "random": "rmap_random", "plain": "rmap_fuzzer-plain", "executions": 500}
	{"name": "m2", "target": "equivalent-rmap_fuzzer", "executions": 300}
END
expect 'subjects' 77 'bars missed: m2$' "${score[@]}" --subjects mutants/list --drivers mutator,weighted --seeds 1 -o set --new
json 'a decision is known' '.rows[] | select(.subject == "decided" and .driver == "mutator") | .detected == 1 and .reached.yes == 1 and .triggered.yes == 1'
json 'a program is not looked into' '.rows[] | select(.subject == "m1" and .driver == "mutator") | .detected == 1 and .reached.unknown == 1 and .oracle_alone.yes == 1 and (.invariants | has("I3") or has("I11"))'
json 'what has no program has no row' '[.rows[] | .subject + " " + .driver] == ["decided mutator", "decided weighted", "m1 mutator", "m1 weighted", "m2 mutator"]'
printf 'page.c:x:negated:1\trmap_fuzzer\t--release=newest\t20\ndecision:y\t%s\t--release=newest --decision=FORK_REUSE=DEGREE\t20\n' "$bin/rmap_fuzzer" >mutants/cells
expect 'subjects between tabs' 0 'no bar is missed' "${score[@]}" --subjects mutants/cells --drivers mutator --seeds 1 -o set --new
json 'they are told apart' '[.rows[] | [.subject, .detected, .triggered.yes]] == [["page.c:x:negated:1", 1, 0], ["decision:y", 1, 1]]'
equal 'curves of them' "$(grep -o '<svg ' set/index.html | wc -l)" 2
printf '{"name": "x", "decision": "FORK_REUSE=DEGREE"}\n{"name": "y", "decision": NEVER}\n' >bad
expect 'a bad file' 1 'rmapfuzz: bad:2:[0-9]+: expected' "${score[@]}" --subjects bad -o none
printf '{"name": "S01", "decision": "FORK_REUSE=DEGREE"}\n' >bad
expect 'a name that is taken' 1 "rmapfuzz: bad:1:1: expected a name .* no bug's" "${score[@]}" --subjects bad -o none

# ---- side by side
expect 'two drivers' 0 '^S12 +2/2 .* 2/2 +[0-9]+ +[01]\.[0-9]+ ' "${score[@]}" S12 --compare mutator,weighted --seconds 20 --seeds 2 -o set --new
json 'in the sums, too' '.comparison[0] | .a == "mutator" and .b == "weighted" and .executions.a12 >= 0 and .executions.exact'
mkdir old && cp done.csv old/results.csv
expect 'two sets' 0 '^S12 +2/2 ' "$rmapfuzz" score --compare old,set
is 'the same runs' grep -qE '^S12 .* 0.500 negligible +1.000000' out

# ---- settings of the target that are there to be compared
expect 'drivers' 0 '^S12 +[0-9.]+ +value-profile +1/1' "${score[@]}" S12 --drivers mutator,no-swarm,state-feedback,value-profile --seconds 20 --seeds 1 -o settings
equal 'each of them' "$(jq -c '[.rows[] | select(.detected == 1).driver]' settings/score.json)" '["mutator","no-swarm","state-feedback","value-profile"]'
# fuzzed DIRECTORY OPTION...: how many features the corpus has after some executions
fuzzed() {
	mkdir -p "$1"
	"$bin/${target:-rmap_fuzzer}" "${@:2}" -max_len=3076 -len_control=0 -seed=1 -runs=400 "$1" 2>&1 </dev/null |
		sed -n 's/.*DONE.* ft: \([0-9]*\).*/\1/p'
}
# the third byte of a program is its swarm field
swarms() { for file in "$1"/*; do od -An -tx1 -j2 -N1 "$file"; done | grep -cv ' 0[0a]$'; }
code=$(fuzzed with-swarm) none=$(fuzzed without-swarm --swarm=off) state=$(fuzzed state --feedback=state)
compared=$(target=rmap_fuzzer-value-profile fuzzed compared -use_value_profile=1)
if (($(swarms with-swarm) > 0 && $(swarms without-swarm) == 0 && none > 100)); then ok; else fail "swarm: $(swarms with-swarm), off: $(swarms without-swarm), features $none"; fi
if ((state > code + 1000)); then ok; else fail "state is no feedback: $state features, $code without"; fi
if ((compared > code + 1000)); then ok; else fail "comparisons are no feedback: $compared features, $code without"; fi
expect 'a word that is none' 1 'feedback: expected code or state' "$bin/rmap_fuzzer" --feedback=both
expect 'another' 1 'swarm: expected on or off' "$bin/rmap_fuzzer" --swarm=maybe
expect 'no mutator' 1 'this program has none' "$bin/rmap_fuzzer-no-mutator" --swarm=off

# ---- Ctrl-C, in a run that finds nothing
set -m
"${score[@]}" S08 S12 --drivers uniform --executions 100000000 --seconds 600 --seeds 1 -o long >out 2>err </dev/null &
pid=$!
for ((i = 0; i < 600; i++)); do
	[[ ! -e long/work/S08,uniform,1/tally ]] || break
	sleep 0.1
done
kill -INT "$pid"
wait "$pid"
equal 'Ctrl-C' $? 72
equal 'no process stays' "$(pgrep -f "$work/long/work")" ''
equal 'no file stays' "$(find long -path '*work*')" ''

# ---- the page in a browser
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [[ -n $browser ]]; then
	. "$source/tests/browser.bash"
	browse "$work/page.html" --window-size=1280,900
	calm 'the page'
	if grep -q '</main>' dom; then ok; else fail 'no page'; fi
	measured page.html measured.html
	for width in 1280 375; do
		framed measured.html $width
		seen 'the window' ".width == $width"
		seen "every curve, $width" '.svg == 2 and .flat == 0 and .empty == 0'
		seen "links lead somewhere, $width" '.ids > 4 and .same == 0 and .lost == 0 and .strange == 0'
		seen "nothing is wider than the window, $width" '.wide <= 0'
	done
else
	echo 'skipped: the page in a browser, for there is no chromium'
fi

cd "$source" || exit 1
finish
