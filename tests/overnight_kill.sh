#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Twenty times kill -9 of a random process of rmapfuzz overnight, or of all, at a random moment, then the same command
# again: counters go on, no finding and no corpus file is lost, nobody stays behind. Moments and victims come from a
# seed: RMAPFUZZ_TEST_SEED, which is printed when something fails. ctest: timeout=900
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash" || exit 1
run=$work/run
rounds=20
RANDOM=${RMAPFUZZ_TEST_SEED:-1}
cleanup() {
	kill_all
	rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1

# All processes of the run: the runner names the directory, so does every child that has become another program;
# one that has not yet has the runner's command line.
processes() { pgrep -f -- "$run" | grep -vx "$$"; }
kill_all() { processes | xargs -r kill -9 2>/dev/null; }
pause() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }

# A file that is empty was being written when its writer was killed.
snapshot() {
	find "$run/corpus" -maxdepth 1 -type f -size +0 -name '????????????????????????????????????????' -printf '%f\n' | sort >corpus.now
	find "$run/findings" -mindepth 1 -maxdepth 1 ! -name '.*' -printf '%f\n' | sort >findings.now
}

# What was there before a round is there after it.
compare() {
	local round=$1 lost executions name
	lost=$(comm -23 corpus.before corpus.now | while read -r name; do [[ -e $run/aside/$name ]] || echo "$name"; done | head -n 3)
	[[ -z $lost ]] && ok || fail "round $round: corpus files are lost: $lost"
	lost=$(comm -23 findings.before findings.now)
	[[ -z $lost ]] && ok || fail "round $round: findings are lost: $lost"
	while read -r name; do
		jq -e '.count > 0' "$run/findings/$name/finding.json" >/dev/null 2>&1 && [[ -s $run/findings/$name/min.prog ]] && ok ||
			fail "round $round: findings/$name is not whole"
	done <findings.now
	executions=$(jq -e .executions "$run/state.json" 2>/dev/null)
	((${executions:-0} >= before)) && ok || fail "round $round: $before executions before, ${executions:-no state} now"
	before=${executions:-0}
	mv corpus.now corpus.before
	mv findings.now findings.before
}

: >corpus.before
: >findings.before
before=0
kinds=''
for ((round = 1; round <= rounds; round++)); do
	"$rmapfuzz" overnight --jobs 2 --hours 1h --dir "$run" --bug S01 --bug S03 >>out 2>&1 </dev/null &
	runner=$!
	if ((round == 1)); then # there is something to lose from now on
		for ((i = 0; i < 600; i++)); do
			[[ -n $(ls "$run"/findings/*/finding.json 2>/dev/null) ]] && break
			sleep 0.2
		done
	fi
	pause $((RANDOM % 2500 + 100))
	mapfile -t all < <(processes)
	if ((RANDOM % 3 == 0 || ${#all[@]} == 0)); then
		kinds+=' all'
		kill_all
	else
		victim=${all[RANDOM % ${#all[@]}]}
		kinds+=$([[ $victim == "$runner" ]] && echo ' runner' || echo ' child')
		kill -9 "$victim" 2>/dev/null
		pause $((RANDOM % 700 + 100))
		kill -9 "$runner" 2>/dev/null
	fi
	wait "$runner" 2>/dev/null
	for ((i = 0; i < 50; i++)); do # children die with the runner
		[[ -n $(processes) ]] || break
		sleep 0.1
	done
	[[ -z $(processes) ]] && ok || fail "round $round: left behind: $(processes | xargs -r ps -o pid,args -p | head -n 3)"
	[[ -e $run/state.json ]] || continue # it was too soon
	snapshot
	compare $round
done
equal 'killed: the runner, a child, all' "$(tr ' ' '\n' <<<"$kinds" | sort -u | xargs)" 'all child runner'

# the end in order
"$rmapfuzz" overnight --jobs 2 --hours "$(($(jq .seconds "$run/state.json") + 3))s" --dir "$run" --bug S01 --bug S03 >>out 2>&1 </dev/null
equal 'at the end' $? 77
snapshot
compare end
if jq -e '.finished and .run == 1 and (.sessions | length > 5) and ([.sessions[:-1][].end] | unique == ["killed"])' "$run/state.json" >/dev/null; then
	ok
else
	fail "sessions: $(jq -c .sessions "$run/state.json")"
fi
equal 'one finding a class' "$(jq -r '.findings[].class' "$run/state.json" | sort | uniq -d)" ''
equal 'tallies and state agree' "$(jq '[.workers[].executions] | add' "$run/state.json")" "$(jq .executions "$run/state.json")"
[[ $(find "$run" -name '.*.??????' | wc -l) == 0 ]] && ok || fail "half written: $(find "$run" -name '.*.??????')"
((failed == 0)) || echo "seed ${RMAPFUZZ_TEST_SEED:-1}: $(tail -n 3 out)"
finish
