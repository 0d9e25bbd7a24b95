#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# rmapfuzz overnight in runs of seconds: what it finds and how it ends, and bad days: a second runner, corrupt files,
# a full disk, SIGTERM, other settings. Kills are in overnight_kill.sh. ctest: timeout=600
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash" || exit 1
disk=$work/disk
cleanup() {
	mountpoint -q "$disk" && umount "$disk"
	rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1
overnight=("$rmapfuzz" overnight --jobs 2)

# state DIRECTORY EXPRESSION: of jq
state() { jq -r "$2" "$1/state.json"; }
# holds WHAT DIRECTORY EXPRESSION
holds() { if jq -e "$3" "$2/state.json" >/dev/null 2>&1; then ok; else fail "$1: not $3 in $(jq -c 'del(.ops, .decisions, .internal)' "$2/state.json" 2>&1)"; fi; }
workers_of() { pgrep -f -- "--tally=$(realpath "$1")/workers/" | wc -l; }
# start DIRECTORY OPTION...: in the background, until it works; its process in $runner
start() {
	local dir=$1
	shift
	"${overnight[@]}" --dir "$dir" "$@" >"$dir.out" 2>&1 </dev/null &
	runner=$!
	for ((i = 0; i < 200; i++)); do
		[[ -s $dir/stats ]] && (($(sed -n 's/^executions : //p' "$dir/stats") > 0)) && return
		sleep 0.1
	done
	fail "$dir: does not begin to work: $(tail -n 2 "$dir.out")"
}

# ---- a bug: found, minimized, filed once, passed from then on
expect 'a bug' 77 'found: I7-pte-' "${overnight[@]}" --hours 8s --dir bug --bug S01
holds 'a bug' bug '.finished and .run == 1 and .sessions[0].end == "finished" and .options == "--bug=swapin-newest-anon-vma"'
holds 'a bug' bug '[.findings[] | select(.class == "I7-pte" and .new and .count > 1)] | length == 1'
holds 'workers go on behind it' bug '[.known[] | select(.class == "I7-pte" and .count > 0)] | length == 1'
holds 'executions are those of the tallies' bug '([.workers[].executions] | add) == .executions and .executions > 100'
holds 'operations' bug '([.ops[].executed] | add) == .operations and (.decisions | length > 30)'
expect 'the finding replays' 77 'I7 violated' "$rmapfuzz" run bug/findings/swapin-newest-anon-vma/min.prog
equal 'nothing stays in the inbox' "$(ls bug/inbox)" ''
is 'the corpus is distilled' test -n "$(ls bug/distilled)"
is 'stats' grep -qE '^findings_new : [1-9]' bug/stats
is 'history' test "$(wc -l <bug/history.csv)" -ge 2
equal 'no worker stays' "$(workers_of bug)" 0

# ---- the same again is another run in which that is not new; other settings are refused
"${overnight[@]}" --hours 3s --dir bug --bug S01 >out 2>&1 </dev/null
holds 'run 2' bug '.run == 2 and ([.findings[] | select(.class == "I7-pte") | .new] == [false])'
holds 'run 2 counts from its beginning' bug '([.workers[].executions] | add) > .executions and .executions > 0'
holds 'run 2 passes it' bug '[.known[] | select(.class == "I7-pte" and .count > 0)] | length == 1'
equal 'run 1 is kept' "$(jq .run bug/runs/1/state.json)" 1
expect 'other settings' 1 '--bug=swapin-newest-anon-vma --engine=libfuzzer, not with --release=5.19 --engine=libfuzzer' \
	"${overnight[@]}" --dir bug --release 5.19
equal 'one line' "$(cat out err | wc -l)" 1

# ---- known by the user: counted, not new
printf '# classes\nI7-pte  # of 2010\n' >known
expect 'known' 0 'but known|with 2 workers' "${overnight[@]}" --hours 3s --dir known.run --bug S01 --check I7 --known known
holds 'known' known.run '[.known[] | select(.class == "I7-pte" and .count > 0)] | length == 1'

# ---- the newest release, silent; what does not belong in the corpus is set aside before a worker reads it
mkdir -p clean/corpus/0directory
mkfifo clean/corpus/0pipe
head -c 200000 /dev/zero >clean/corpus/0large
printf 'changed' >clean/corpus/da39a3ee5e6b4b0d3255bfef95601890afd80709
start clean --hours 5s
expect 'a second runner' 1 "another runner is at work in it, process $runner" "${overnight[@]}" --dir clean
equal 'one line' "$(cat out err | wc -l)" 1
wait $runner
equal 'the newest release' $? 0
holds 'set aside' clean '[.aside[].file] | sort == ["0directory", "0large", "0pipe", "da39a3ee5e6b4b0d3255bfef95601890afd80709"]'
is 'they are there' test -p clean/aside/0pipe -a -s clean/aside/da39a3ee5e6b4b0d3255bfef95601890afd80709
is 'seeds' test "$(find clean/corpus -type f | wc -l)" -gt 200
holds 'model features' clean '.features > 1000 and .coverage > 300 and .features_total > .features'

# ---- a corrupt state, and a corrupt tally
executions=$(state clean .executions)
printf '{"format":1,' >clean/state.json
printf 'nonsense' >clean/workers/2/tally
expect 'a corrupt state' 0 'set aside state.json' "${overnight[@]}" --hours 2s --dir clean
holds 'a corrupt state' clean '([.aside[].file] | contains(["state.json", "tally"])) and (.problems | length > 0)'
if (($(state clean .executions) > executions / 10)); then ok; else fail "counters of the other tally are lost"; fi
is 'it is there' grep -q format clean/aside/state.json

# ---- SIGTERM: in order, within seconds, and the rest of the time is for later
start term --hours 1h
kill -TERM $runner
began=$SECONDS
wait $runner
equal 'SIGTERM' $? 72
if ((SECONDS - began <= 8)); then ok; else fail "SIGTERM: took $((SECONDS - began)) s"; fi
equal 'no worker stays' "$(workers_of term)" 0
holds 'interrupted' term '(.finished | not) and .sessions[0].end == "interrupted"'
expect 'continued' 0 'run 1, continued' "${overnight[@]}" --hours "$(($(state term .seconds) + 2))s" --dir term
holds 'continued' term '.finished and .run == 1 and (.sessions | length == 2)'
holds 'with the next kinds' term '[.workers[].focus] == ["swap", "remap"]'

# ---- the same at the very end, which may take minutes: a distill that does not come to an end stands for a long one
start late --hours 3s
for ((i = 0; i < 300; i++)); do
	distill=$(pgrep -f -- "distill -o $(realpath late)/distilled.new") && kill -STOP "$distill" && break
	sleep 0.02
done
kill -TERM $runner
began=$SECONDS
wait $runner
equal 'SIGTERM at the end' $? 72
if ((SECONDS - began <= 10)); then ok; else fail "SIGTERM at the end: took $((SECONDS - began)) s"; fi
holds 'SIGTERM at the end' late '(.finished | not) and (.problems | join(" ") | contains("distill") | not)'
expect 'the end again' 0 'report: ' "${overnight[@]}" --hours 3s --dir late
holds 'the end again' late '.finished and .run == 1'
is 'distilled after all' test -n "$(ls late/distilled)"

# ---- little room: the corpus stops growing, the run does not
expect 'little room' 0 'the corpus stops growing' "${overnight[@]}" --hours 5s --dir little --max-disk 1M
holds 'little room' little '.executions > 50 and .disk.refused > 0 and .finished'
if (($(du -s --block-size=1K little | cut -f 1) < 3072)); then ok; else fail "little room: $(du -sh little)"; fi
if mkdir "$disk" && ((EUID == 0)) && mount -t tmpfs -o size=6m none "$disk" 2>/dev/null; then
	start "$disk/run" --hours 9s --bug S01
	cat /dev/zero >"$disk/run/filler" 2>/dev/null
	sleep 3
	rm "$disk/run/filler"
	wait $runner
	equal 'a full disk' $? 77
	holds 'a full disk' "$disk/run" '.finished and (.problems | join(" ") | contains("stops growing")) and .executions > 100'
	is 'a full disk: filed' test -s "$disk/run/findings/swapin-newest-anon-vma/min.prog"

	# a crash file that comes when nothing is left is filed, too
	rm -rf "${disk:?}"/*
	start "$disk/late" --hours 12s --bug S10
	"$rmapfuzz" fmt --bytes -o crash "$source/crashes/degree-double-reuse/min.prog"
	cp crash "$disk/late/inbox/.late"
	# who fills it takes what becomes free meanwhile
	for i in 1 2 3 4; do
		cat /dev/zero >"$disk/filler.$i" 2>/dev/null
		sleep 0.5
	done
	mv "$disk/late/inbox/.late" "$disk/late/inbox/crash-$(sha1sum <crash | cut -d' ' -f1)"
	wait $runner
	equal 'nothing left' $? 77
	equal 'nothing left: filed all the same' "$(ls "$disk/late/inbox")" ''
	holds 'nothing left' "$disk/late" '.problems | join(" ") | contains("kept back")'
else
	echo 'skipped: a full disk needs root and tmpfs'
fi

# ---- it cannot run like this
expect 'no fuzz target' 1 'no fuzz target there' "${overnight[@]}" --dir none --fuzzer "$work/nowhere"
expect 'a target that does not work' 1 '/bin/false: ends at once' "${overnight[@]}" --dir none --fuzzer /bin/false
expect 'a directory that cannot be' 1 'No such file' "${overnight[@]}" --dir nowhere/none
expect 'no list' 1 'nowhere: No such file' "${overnight[@]}" --dir none --known nowhere
printf 'I7-pte\nno class\n' >list
expect 'a bad list' 1 'list:2:1: expected a failure class' "${overnight[@]}" --dir none --known list
expect 'a bad time' 1 "wants a time .* not '8 days'" "${overnight[@]}" --hours '8 days'
expect 'a bad size' 1 "wants a size .* not '2Q'" "${overnight[@]}" --max-disk 2Q
finish
