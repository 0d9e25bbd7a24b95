# SPDX-License-Identifier: GPL-2.0-only
# Run directories as "rmapfuzz overnight" leaves them, for the tests of the report: findings are real ones, made by
# triage; state and history are made up, in the form that src/night/ writes. No test by itself.

# make_findings DIRECTORY FILE.prog...: with triage, each under the bug that it names
make_findings() { "$rmapfuzz" triage -o "$1" "${@:2}" >/dev/null 2>&1; [[ -d $1 ]]; }

# make_history FILE MINUTES: a line a minute; curves that rise and flatten
make_history() {
	awk -v minutes="$2" 'BEGIN {
		print "seconds,executions,operations,coverage,features,corpus_files,corpus_bytes,findings,known,executions_per_second"
		for (i = 1; i <= minutes; i++) {
			rate = 21000 + 1500 * sin(i / 7) - 4000 * (i % 97 == 0)
			sum += rate * 60
			new = 1 - exp(-i / 40)
			printf "%d,%d,%d,%d,%d,%d,%d,%d,%d,%d\n", i * 60, sum, sum * 83, 700 + 480 * new, 210 + 390 * new,
				40 + 900 * new, 40000 + 700000 * new, (i > minutes / 3), i, rate
		}
	}' >"$1"
}

# make_state FINDINGS MINUTES [JQ-FILTER]: findings are directories of FINDINGS; to standard output
make_state() {
	local ops decisions entries
	ops=$("$rmapfuzz" ops --json | jq '[to_entries[] | {name: .value.name, executed: (1000000 + 100000 * .key),
		effective: ((1000000 + 100000 * .key) * (if .value.name == "swapoff" then 0.012 elif .value.name == "unpin" then 0 else 0.6 end) | floor),
		failed: 1200}]')
	decisions=$("$rmapfuzz" releases newest --json | jq '[.decisions | to_entries | to_entries[] |
		{name: .value.key, value: .value.value,
		 asked: (if .key % 9 == 8 then 0 elif .key % 9 == 7 then 12 else 1000000 * (.key + 1) end)}]')
	entries=$(find "$1" -mindepth 2 -maxdepth 2 -name finding.json -print0 2>/dev/null | sort -z | xargs -0 -r jq -n \
		'[inputs | {name: (input_filename | split("/")[-2]), class, signature, new: true, seconds: 600, count: 3}]')
	jq -n --argjson ops "$ops" --argjson decisions "$decisions" --argjson findings "${entries:-[]}" --argjson minutes "$2" '{
		format: 1, run: 1, options: "", engine: "libfuzzer", jobs: 2, build: "0.3.0 5d41402abc4b2a76",
		began: 1795042800, seconds: ($minutes * 60), wanted: 28800, finished: true,
		sessions: [{began: 1795042800, seconds: ($minutes * 20), end: "killed"},
			{began: 1795053000, seconds: ($minutes * 40), end: "finished"}],
		executions: 604800000, operations: 50198400000, coverage: 1180, features: 600, features_total: 742,
		corpus: {files: 940, bytes: 740000}, last_new: ($minutes * 48),
		workers: [{slot: 1, focus: "all", executions: 302400000, starts: 4, ends: {crash: 2, oom: 0, timeout: 1, killed: 0, other: 0}},
			{slot: 2, focus: "fork", executions: 302400000, starts: 2, ends: {crash: 0, oom: 1, timeout: 0, killed: 0, other: 0}}],
		findings: ($findings | to_entries | map(.value + {seconds: (600 + 1500 * .key)})),
		known: [], ops: $ops, decisions: $decisions, aside: [], disk: {bytes: 81000000, limit: 2147483648, refused: 0},
		problems: []}'" | ${3:-.}"
}

# make_run RUN MINUTES FINDINGS [JQ-FILTER]: FINDINGS is a directory to be copied, or nothing
make_run() {
	mkdir -p "$1/findings" "$1/inbox" "$1/corpus"
	[[ -z $3 ]] || cp -r "$3"/. "$1/findings/"
	echo '{}' >"$1/run.json"
	make_history "$1/history.csv" "$2"
	make_state "$1/findings" "$2" "${4:-.}" >"$1/state.json"
}
