#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# rmapfuzz overnight with AFL++ as its workers: a bug is found, filed and passed; a runner that is killed takes afl-fuzz
# and all below it along, and the same command goes on. ctest: timeout=300
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash" || exit 1
cleanup() {
	pkill -9 -f -- "$work/run" # nobody else has that directory in its command line
	rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1
bin=$RMAPFUZZ_BIN_DIR
if [[ ! -x $bin/rmap_fuzzer-afl || ! -e $bin/librmap_mutator.so ]] || ! command -v afl-fuzz >/dev/null; then
	echo 'skipped: ./build.sh build fuzz release afl makes what this needs'
	finish
	exit
fi
# The targets of this run: AFL++ gives their processes nothing of ours in the command line, but their memory has the tally.
targets() { grep -lF "$work/run/workers/" /proc/[0-9]*/maps 2>/dev/null | wc -l; }
overnight() { "$rmapfuzz" overnight --engine afl --jobs 2 --dir "$work/run" --bug S01 "$@" >out 2>&1 </dev/null; }

overnight --hours 1h &
runner=$!
for ((i = 0; i < 400; i++)); do
	[[ -s run/findings/swapin-newest-anon-vma/min.prog && $(targets) -ge 2 ]] && break
	sleep 0.1
done
is 'found' test -s run/findings/swapin-newest-anon-vma/min.prog
kill -9 "$(cat run/lock)"
wait $runner 2>/dev/null
for ((i = 0; i < 50; i++)); do
	[[ $(targets) == 0 ]] && ! pgrep -f "$work/run/workers/afl" >pids && break
	sleep 0.1
done
equal 'no target stays' "$(targets)" 0
equal 'no afl-fuzz stays' "$(cat pids)" ''
executions=$(jq .executions run/state.json)
# what afl-fuzz found last, and the runner did not live to take
"$rmapfuzz" fmt --bytes -o run/workers/afl/w1/crashes/id:999999,left "$source/crashes/swapin-newest-anon-vma/min.prog"
left=crash-$(sha1sum <run/workers/afl/w1/crashes/id:999999,left | cut -d' ' -f1)
overnight --hours "$(($(jq .seconds run/state.json) + 15))s"
equal 'found' $? 77
if jq -e --argjson before "$executions" '.finished and .run == 1 and .engine == "afl" and .executions > $before and
	([.findings[] | select(.class == "I7-pte" and .new)] | length == 1) and .coverage > 0' run/state.json >/dev/null; then
	ok
else
	fail "state: $(jq -c 'del(.ops, .decisions, .internal)' run/state.json)"
fi
equal 'what was left is filed' "$(find run/workers/afl run/inbox run/aside -name '*,left' -o -name "*$left")" ''
is 'what is kept is in the corpus' test "$(find run/corpus -type f | wc -l)" -gt 20
equal 'by its SHA-1' "$(cd run/corpus && for file in *; do [[ $(sha1sum <"$file" | cut -d' ' -f1) == "$file" ]] || echo "$file"; done)" ''
equal 'nothing stays in the inbox' "$(ls run/inbox)" ''
((failed == 0)) || tail -n 4 out "$work"/run/workers/*/log
finish
