#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The morning report: what it says is what the run directory says, in all three forms; what is missing or broken is
# told and no failure; the page stands alone and shows its drawings in a browser. ctest: timeout=300
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
. "$RMAPFUZZ_SOURCE_DIR/tests/report_run.bash"
cd "$work" || exit 1

# report WHAT ARGUMENT...: written, and nothing said
report() {
	is "$1" "$rmapfuzz" report "${@:2}"
	if [[ ! -s $work/log ]]; then ok; else fail "$1: says $(head -n 1 "$work/log")"; fi
}
# json WHAT JQ-CONDITION [FILE]: of report.json and, as $state, of state.json
json() {
	local file=${3:-run/report/report.json} state='{}'
	[[ ! -e ${file%/report/report.json}/state.json ]] || state=$(jq -c . "${file%/report/report.json}/state.json" 2>/dev/null)
	if jq -e --argjson state "${state:-null}" "$2" "$file" >/dev/null; then ok; else fail "$1: $2"; fi
}
# page WHAT TEXT [RUN]: report.md and the page have it
page() {
	local run=${3:-run}
	if grep -qF -- "$2" "$run/report/report.md"; then ok; else fail "$1: report.md lacks '$2'"; fi
	if grep -qF -- "$2" "$run/report/index.html"; then ok; else fail "$1: index.html lacks '$2'"; fi
}
# told WHAT TEXT [RUN]: among the warnings
told() {
	if jq -e --arg text "$2" '.warnings | any(contains($text))' "${3:-run}/report/report.json" >/dev/null; then
		ok
	else
		fail "$1: not told '$2': $(jq -c .warnings "${3:-run}/report/report.json")"
	fi
}
nothing_left() { if [[ -z $(find . -name '.*.??????' -print -quit) ]]; then ok; else fail "left behind: $(find . -name '.*.??????')"; fi; }

# ---- a night with three failures, one of them known
make_findings some "$source"/corpus/regress/{2010-swapin-newest-anon-vma-today,2022-degree-double-reuse,2015-fork-always-adds-level}.prog ||
	fail 'no findings to report'
make_run run 480 some '.findings[0].new = false | .known = [{class: "I3-vma", count: 12034}] | .run = 2 |
	.problems = ["<b>the disk</b> was full & *slow*"] | .aside = [{file: "corpus/0a1b", why: "not | canonical"}] | .disk.refused = 17'
report 'a night' run
json 'the totals are those of the state' '(.totals | {executions, operations, coverage, features, features_total}) ==
	($state | {executions, operations, coverage, features, features_total})'
json 'executions per second' '.totals.executions_per_second == ($state | .executions / .seconds | floor)'
json 'new failures are those of the state' '[.findings[].name] == [$state.findings[] | select(.new) | .name]'
json 'known ones, too, with their counts' '[.known[] | {class, count}] == [$state.findings[] | select(.new | not) | {class, count}] + $state.known'
json 'the verdict counts them' '.verdict.new == 2 and .verdict.known == 2 and .verdict.outcome == "new failures"'
json 'operations without effect' '[.reach.operations[] | select(.reached != "often") | .name] == ["swapoff", "unpin"]'
json 'decisions never asked for' '[.reach.decisions[] | select(.reached == "never") | .name] == [$state.decisions[] | select(.asked == 0) | .name]'
json 'and rarely' '[.reach.decisions[] | select(.reached == "rarely") | .name] == [$state.decisions[] | select(.asked == 12) | .name]'
json 'every line of the history' '.history.lines == 480 and (.history.points | length) == 480'
json 'workers and sessions' '.workers == $state.workers and .sessions == $state.sessions'
json 'no warning' '.warnings == []'
page 'verdict first' '2 new failures in 8 h on release newest (rules of 7.3); 2 known failures seen again.'
equal 'it is the first line' "$(head -n 1 run/report/report.md | cut -c 1-16)" '# 2 new failures'
page 'the failing operation' "$(jq -r '.findings[0].listing' run/report/report.json | grep '>' | cut -c 4-)"
page 'known ones' 'I3-vma'
page 'a command' "rmapfuzz run findings/$(jq -r '.findings[0].name' run/report/report.json)/min.prog"
if grep -qF '&lt;b&gt;the disk&lt;/b&gt; was full &amp; *slow*' run/report/index.html; then ok; else fail 'markup of a file became markup'; fi
for number in $(jq -r '.totals | .executions, .operations' run/report/report.json); do
	page 'numbers' "$(sed -E ':a; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; ta' <<<"$number")"
done
name=$(jq -r '.findings[0].name' run/report/report.json)
expect 'the command replays it' 77 'DEDUP_TOKEN' bash -c "cd run && '$rmapfuzz' run 'findings/$name/min.prog'"
equal 'drawings are copies' "$(cat run/report/finding-1.svg)" "$(cat "run/findings/$name/forest.svg")"
cp -r run/report again
report 'made again' run
if diff -r again run/report >/dev/null; then ok; else fail 'the same files make another report'; fi
report 'elsewhere' -o elsewhere run
if diff -r elsewhere run/report >/dev/null; then ok; else fail 'another place makes another report'; fi
nothing_left

# ---- one run after another
mkdir -p run/runs/1 && cp -r run/report/. run/runs/1 && jq '.verdict.new = 9 | .totals.coverage = 1000 |
	.known += [{class: "I99-gone", count: 4}] | .reach.decisions[8].asked = 5 | .run.build = "0.2.9"' run/report/report.json >run/runs/1/report.json
report 'with one before' run
json 'compared' '.previous.number == 1 and .previous.new == 9 and .previous.gone == ["I99-gone"] and
	.previous.decisions_lost == [.reach.decisions[8].name] and .previous.same_options and (.previous.same_build | not)'
if grep -qE '^\| coverage \| 1,000 \| 1,180 \| \+180 \|' run/report/report.md; then ok; else fail 'compared: coverage'; fi

# ---- what explains a failure
mkdir old
printf 'A mmap 0 1 rw\nA write 0\nA migrate-begin 0\n' >old.prog
"$rmapfuzz" triage --release 2.6.34-rc3 -o old old.prog >/dev/null 2>&1
make_run suspects 5 old '.options = "--release=2.6.34-rc3"'
report 'an old release' suspects
json 'bugs that it has by itself' '.findings[0].suspects | index("S01 swapin-newest-anon-vma") and (index("S14 mremap-copied-merge-no-dup") | not)' suspects/report/report.json
page 'and they are named' 'Bugs that this release has by itself and that break this invariant: S01 swapin-newest-anon-vma' suspects
page 'behind the end' 'Broken behind the last operation, while everything exits: ' suspects
jq '.options = ""' old/*/finding.json >old.json && cp old.json "$(echo suspects/findings/*/finding.json)"
report 'the same on the newest' suspects
page 'nothing explains it' 'No bug of the catalogue explains it in this release. Bugs that broke this invariant in other releases: ' suspects

# ---- what the score says of the bugs
mkdir score
cat >score/score.json <<-'END'
	{"seeds": 11, "canary": {"detected": true}, "rows": [
	 {"subject": "S01", "driver": "mutator", "runs": 11, "detected": 11, "executions": {"median": 1008.0}, "cpu_seconds": {"median": 0.04},
	  "invariants": {"I7": 11}, "bar": {"verdict": "met", "why": ""}},
	 {"subject": "S01", "driver": "uniform", "runs": 11, "detected": 2, "executions": {"median": null}, "cpu_seconds": {"median": null}, "invariants": {}, "bar": null},
	 {"subject": "S02", "driver": "mutator", "runs": 3, "detected": 0, "executions": {"median": null}, "cpu_seconds": {"median": null},
	  "invariants": {}, "bar": {"verdict": "missed", "why": "0 of 3 found <b>"}}]}
END
report 'a score beside the run' suspects
json 'its figures' '.score | .seeds == 11 and .canary and [.bugs[] | [.subject, .verdict, .median_executions]] == [["S01", "met", 1008], ["S02", "missed", null]]' suspects/report/report.json
page 'the score in short' 'Bars met: 1, missed: 1, not measured: 0.' suspects
is 'a bug of it' grep -qE '^\| S01 \| met +\| 11/11 \| 1,008 \| 0.04 \| I7 \|$' suspects/report/report.md
page 'beside a bug' 'S01 swapin-newest-anon-vma (score: found 11/11, median 1,008 executions)' suspects
if grep -q '<b>' suspects/report/index.html; then fail 'markup of a score got through'; else ok; fi
mv score score-elsewhere
report 'a score elsewhere' --score score-elsewhere suspects
page 'is read, too' 'Bars met: 1' suspects
report 'none' suspects
json 'no score, no part' '.score == null and (.warnings | length == 0)' suspects/report/report.json
echo '{"rows": 5, "seeds": [' >score-elsewhere/score.json
report 'a broken score' --score score-elsewhere suspects
json 'is told' '.score == null and (.warnings | map(select(startswith("score.json: line"))) | length == 1)' suspects/report/report.json

# ---- nothing new
make_run quiet 200 '' '.options = "--release=5.19 --bug=S10"'
report 'a quiet night' quiet
page 'nothing new' 'Nothing new in 3 h 20 min on release 5.19, with S10 degree-double-reuse turned back.' quiet
json 'nothing' '.verdict.outcome == "nothing new" and .findings == []' quiet/report/report.json
touch quiet/inbox/crash-1
report 'a crash file that waits' quiet
page 'the verdict does not pass over it' 'No new failure filed in 3 h 20 min on release 5.19, with S10 degree-double-reuse turned back; 1 crash file not looked at yet.' quiet

# ---- bad days: told, and no failure
cp -r run bad
truncate -s -7 bad/history.csv
sed -i '5s/.*/240,1,2/; 9d; 20s/^[0-9]*/60/' bad/history.csv
first=$(jq -r '.findings[0].name' run/report/report.json) second=$(jq -r '.findings[1].name' run/report/report.json)
rm bad/findings/"$first"/{trace.txt,forest.svg}
printf 'A jump 0\n' >bad/findings/"$second"/min.prog
printf '<svg><script>alert(1)</script><g' >bad/findings/"$second"/forest.svg
printf '{' >bad/findings/"$second"/finding.json
report 'broken pieces' bad
told 'no trace' "findings/$first/trace.txt: No such file" bad
told 'no drawing' "findings/$first/forest.svg: No such file" bad
told 'a bad program' "findings/$second/min.prog: 1:3: expected" bad
told 'a bad drawing' "findings/$second/forest.svg: " bad
told 'a bad finding.json' "findings/$second/finding.json: line 1" bad
told 'a bad line of the history' 'history.csv: torn or out of order: 2 of its lines, the last is line 19' bad
json 'the last line is torn and not counted' '.history.lines == 478 and .history.bad == 2 and (.history.points | length) == 476' bad/report/report.json
page 'the other parts are there' 'Decisions of the release never taken' bad
printf '{"run": "x"' >bad/state.json
report 'a torn state' bad
told 'a torn state' 'state.json: line 1' bad
page 'the verdict says so' 'how the run went is not known' bad
json 'findings are there all the same' '.verdict.new == 3 and .verdict.outcome == "new failures"' bad/report/report.json
rm bad/state.json bad/history.csv
mkfifo bad/history.csv
report 'no state, and a FIFO for a history' bad
told 'no state' 'state.json: No such file' bad
told 'no regular file' 'history.csv: no regular file' bad
page 'no charts' 'Too short for a chart' bad
jq -n --arg out "$second/../../../secret" '{findings: [{name: "../../secret", new: true, class: 7}, {name: $out, new: true}, 4], ops: {}, decisions: [[]], workers: [1], sessions: "x", known: [null],
	executions: "many", disk: 3, aside: [2], problems: [{}]}' >bad/state.json
mkdir secret && echo 'A secret' >secret/min.prog
report 'a state full of nonsense' bad
if grep -rq 'A secret' bad/report; then fail 'a name led out of the run'; else ok; fi
told 'a missing number' 'no number "executions"' bad

jq '.seconds = 1e308 | .executions = -9223372036854775808 | .corpus.bytes = 9223372036854775807 | .began = 8e15 |
	.workers[0].executions = 9223372036854775807 | .last_new = -9e15 | .findings[0].seconds = -1e300' run/state.json >bad/state.json
report 'numbers beyond all measure' bad
RANDOM=1
for ((try = 0; try < 15; try++)); do
	rm -rf torn
	cp -r run torn
	for file in state.json history.csv runs/1/report.json findings/"$first"/{finding.json,min.prog,trace.txt,forest.svg}; do
		size=$(stat -c %s "torn/$file")
		((RANDOM % 3)) || truncate -s $((RANDOM % size)) "torn/$file"
		((RANDOM % 3)) || printf '\xff\0"<`' | dd of="torn/$file" bs=1 seek=$((RANDOM * 7 % size)) conv=notrunc status=none
	done
	report "torn, $try" torn
done

# ---- drawings and texts as an enemy would make them
cp -r run evil
cat >evil/findings/"$first"/forest.svg <<-'END'
	<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="90pt" viewBox="0 0 90 90" onload="alert(1)"><script>alert(2)</script>
	<style>@import url(http://example.org/x)</style><image href="http://example.org/x"/><g id="x" style="background:url(http://example.org/y)" onclick="a()">
	<a xlink:href="javascript:alert(3)" xmlns:xlink="http://www.w3.org/1999/xlink"><text x="9" y="9">shown &lt;b&gt;</text></a></g>
	<use href="http://example.org/z#a"/><rect fill="url(http://example.org/f)" width="9" height="9"/></svg>
END
printf '```\n</pre><script>alert(4)</script>\n````\n<img src=http://example.org/p>' >evil/findings/"$first"/trace.txt
report 'an enemy' evil
if grep -qiE '<script|<img|<image|onload|onclick|javascript:|@import|url\(http|href="http|<use href="http' evil/report/index.html; then
	fail "markup got through: $(grep -oiE '.{20}(<script|<img|<image|onload|onclick|javascript:|@import|url\(http|href="http).{20}' evil/report/index.html | head -n 3)"
else
	ok
fi
if grep -qF 'shown &lt;b&gt;' evil/report/index.html; then ok; else fail 'what a link in a drawing shows is lost'; fi
if grep -qF '&lt;script&gt;alert(4)' evil/report/index.html; then ok; else fail 'the text of a trace is lost'; fi

# ---- no place for it
expect 'no argument' 1 'no run directory given' "$rmapfuzz" report
expect 'two' 1 'one run directory' "$rmapfuzz" report run run
expect 'none' 1 'nowhere: No such file' "$rmapfuzz" report nowhere
expect 'no run' 1 'some: no run directory' "$rmapfuzz" report some
equal 'one line' "$(wc -l <err)" 1
mkdir taken && echo precious >taken/file
expect 'a place that is taken' 1 'taken: ' "$rmapfuzz" report -o taken run
equal 'it is left alone' "$(cat taken/file)" precious
nothing_left
if mkdir small && mount -t tmpfs -o size=300k tmpfs small 2>/dev/null; then
	trap 'umount "$work/small" 2>/dev/null; rm -rf "$work"' EXIT
	report 'a small disk' -o small/report quiet
	before=$(cat small/report/* | md5sum)
	cat /dev/zero >small/filler 2>/dev/null
	expect 'a full disk' 1 'No space left on device' "$rmapfuzz" report -o small/report run
	equal 'a full disk: the old report stays' "$(cat small/report/* | md5sum)" "$before"
	equal 'a full disk: nothing else does' "$(find small -mindepth 1 -maxdepth 1 | sort | tr '\n' ' ')" 'small/filler small/report '
	umount small
else
	echo 'skipped: a full disk, which needs root and tmpfs'
fi
mkdir no-gnuplot && ln -s "$(command -v cat)" no-gnuplot/cat
is 'without gnuplot' env PATH="$PWD/no-gnuplot" "$rmapfuzz" report -o plain run
if grep -q 'No charts' plain/report.md && grep -q '^| 8 h | ' plain/report.md && [[ ! -e plain/speed.svg ]]; then ok; else fail 'without gnuplot: no numbers'; fi

# ---- in a browser
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [[ -n $browser ]]; then
	. "$source/tests/report_browser.bash"
else
	echo 'skipped: the page in a browser, for there is no chromium'
fi
cd "$source" || exit 1
finish
