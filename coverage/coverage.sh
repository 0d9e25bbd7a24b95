#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ./build.sh coverage comes here once build/coverage/bin/rmapfuzz is built with source coverage: replays programs with
# it and says what of the engine they reach. docs/coverage.md is its manual. Writes below build/coverage alone, and
# with --update coverage/baseline.json.
set -euo pipefail
export LC_ALL=C

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
dir=$root/build/coverage
rmapfuzz=$dir/bin/rmapfuzz
baseline=$root/coverage/baseline.json
engine='src/(model|oracle)/' # whose functions are summed up and compared
committed=("$root"/corpus/{seeds,regress,distilled})

usage() {
	cat <<-EOT
	usage: ./build.sh coverage [OPTION...] [DIRECTORY...]

	Replays the committed corpus and build/corpus, or the directories that are named, and writes what of the
	sources was reached to build/coverage/html (pages) and build/coverage/functions.json (the engine's functions).

	  --check           compare with the baseline; exit code 1 if a function of the engine loses coverage
	  --update          make the baseline anew
	  --baseline FILE   another baseline than coverage/baseline.json

	With --check and --update build/corpus, which others do not have, is left out.
	EOT
}

die() {
	printf 'coverage: %s\n' "$*" >&2
	exit 1
}

# play NAME ARGUMENT...: of the command. A violation is no error; what one NAME reaches adds up (%m).
play() {
	local name=$1 got=0
	shift
	LLVM_PROFILE_FILE=$dir/profile.replay/$name-%m.profraw "$rmapfuzz" "$@" >/dev/null 2>"$dir/replay.log" </dev/null || got=$?
	((got == 0 || got == 77)) || die "could not replay: $(head -n 1 "$dir/replay.log")"
}

# Everything under all rows of the release table and under its own directives, in one process: that is what distill
# does. What an option alone decides needs only what people wrote: stories with other ways to recycle, and past bugs
# beyond the first violation.
replay() {
	local program recycle
	rm -rf "$dir/profile.replay"
	mkdir -p "$dir/profile.replay"
	play releases distill --release all "$@"
	while IFS= read -r program; do
		for recycle in now malloc; do
			play "$recycle" run --recycle "$recycle" "$program"
		done
		[[ $program != */regress/* ]] || play continue trace --continue "$program"
	done < <(find "$@" -name '*.prog' -path '*/corpus/*' ! -path '*/distilled/*' | sort)
	llvm-profdata merge -o "$dir/replay.profdata" "$dir"/profile.replay/*.profraw
}

# FILE <tab> LINE <tab> COUNT of all lines that have code.
lines() {
	llvm-cov export -format=lcov -instr-profile="$dir/replay.profdata" "$rmapfuzz" |
		awk -F'[:,]' -v OFS='\t' '/^SF:/ { file = substr($0, 4); sub(/.*\/src\//, "src/", file) }
			/^DA:/ { print file, $2, $3 }'
}

# FILE, NAME, first and last line, regions and branches reached and there are, places not reached. A static function
# of a header is in many objects: what any of them reached was reached. Kind 0 is code; a number of a file other
# than 0 is an expansion of a macro, which is counted where it stands.
functions() {
	llvm-cov export -instr-profile="$dir/replay.profdata" "$rmapfuzz" | jq -r --arg engine "$engine" '
		def reached(list): [list[] | select(.count > 0)] | length;
		[.data[0].functions[] | (.filenames[0] | sub("^.*/src/"; "src/")) as $file | select($file | test("^" + $engine))
			| { file: $file, name: (.name | sub("^.*:"; "")), first: .regions[0][0], last: .regions[0][2],
			    regions: [.regions[] | select(.[7] == 0 and .[5] == 0) | { at: .[:4], count: .[4] }],
			    branches: [.branches[] | select(.[6] == 0)
				| { at: (.[:4] + [1]), count: .[4] }, { at: (.[:4] + [0]), count: .[5] }] }]
		| group_by([.file, .first, .name])[]
		| [([.[].regions[]] | group_by(.at) | map({ at: .[0].at, count: (map(.count) | add) })),
		   ([.[].branches[]] | group_by(.at) | map({ at: .[0].at, count: (map(.count) | add) }))] as [$regions, $branches]
		| [.[0].file, .[0].name, .[0].first, .[0].last, reached($regions), ($regions | length), reached($branches),
		   ($branches | length), ([$regions[] | select(.count == 0) | .at[0]] | unique | map(tostring) | join(" "))]
		| @tsv'
}

# The summary as JSON, a line each function, in order of file and name.
summary() {
	printf '{ "clang": "%s", "functions": {\n' "$(clang -dumpversion)"
	awk -F'\t' 'NR == FNR { has[$1, $2] = 1; count[$1, $2] = $3; next }
		{
			reached = there = 0
			for (line = $3; line <= $4; line++)
				if (has[$1, line]) {
					there++
					reached += count[$1, line] > 0
				}
			printf "\"%s %s\": { \"regions\": [%d, %d], \"lines\": [%d, %d], \"branches\": [%d, %d] }\n", $1, $2, $5, $6,
				reached, there, $7, $8
		}' "$dir/lines.tsv" "$dir/functions.tsv" | sort | sed '$!s/$/,/'
	printf '}}\n'
}

sums() {
	jq -r '[.functions | to_entries[] | .value + { room: (.key | split("/")[1]) }] | group_by(.room)[]
		| (map(select(.regions[0] == 0)) | length) as $unreached
		| "src/\(.[0].room): \(length) functions, \($unreached) not reached; " + ([["regions", "lines", "branches"][] as $what
			| "\(map(.[$what][0]) | add) of \(map(.[$what][1]) | add) \($what)"] | join(", "))' "$dir/functions.json"
}

# What the baseline reached and this does not, one line a function. More that is not reached is a loss, whether code
# came without a program for it or a program went; fewer regions, all of them reached, are none.
compare() {
	jq -rn --slurpfile was "$1" --slurpfile is "$dir/functions.json" --rawfile places "$dir/functions.tsv" '
		def missed(what): .[what][1] - .[what][0];
		($places | split("\n") | map(split("\t") | select(length > 8) | { key: "\(.[0]) \(.[1])", value: .[8] }) | from_entries)
			as $places
		| $was[0] as $was | $is[0] as $is | ($was.clang == $is.clang) as $alike
		| (if $alike then empty else
			"note: the baseline is of clang \($was.clang), this is \($is.clang): only functions that are not reached at all count"
		   end),
		  ($was.functions | to_entries[] | .key as $name | .value as $old | $is.functions[$name] as $new
			| if $new == null then "gone: \($name) is in the baseline alone; ./build.sh coverage --update"
			  elif $old.regions[0] > 0 and $new.regions[0] == 0 then "lost: \($name) is not reached any more"
			  else [("regions", "branches") as $what
				| select($alike and ($new | missed($what)) > ($old | missed($what)))
				| "\($new | missed($what)) of \($new[$what][1]) \($what) not reached, were \($old | missed($what)) of \(
					$old[$what][1])"]
				| select(length > 0) | "lost: \($name): \(join(", "))"
				  + ($places[$name] | if . == "" then "" else "; lines \(.)" end)
			  end),
		  ($is.functions | keys_unsorted[] | select($was.functions[.] == null)
			| "note: \(.) is not in the baseline yet; ./build.sh coverage --update")'
}

check=''
update=''
named=()
while (($#)); do
	case $1 in
	--check) check=1 ;;
	--update) update=1 ;;
	--baseline)
		(($# > 1)) || die "--baseline needs a file"
		baseline=$2
		shift
		;;
	--help | -h)
		usage
		exit
		;;
	-*) die "unknown option '$1'; ./build.sh coverage --help lists them" ;;
	*)
		[[ -d $1 ]] || die "no such directory: $1"
		named+=("$1")
		;;
	esac
	shift
done
[[ -z $check || -z $update ]] || die "--check or --update, not both"
[[ -z $update || ${#named[@]} == 0 ]] || die "--update is of the committed corpus, no other directories"
[[ -z $check || -r $baseline ]] || die "no baseline: $baseline"

if ((${#named[@]} == 0)); then
	named=("${committed[@]}")
	if [[ -z $check && -z $update && -d $root/build/corpus ]]; then
		named+=("$root/build/corpus")
	fi
fi

replay "${named[@]}"
lines >"$dir/lines.tsv"
functions >"$dir/functions.tsv"
summary >"$dir/functions.json"
sums
if [[ -n $update ]]; then
	cp "$dir/functions.json" "$baseline.new"
	mv "$baseline.new" "$baseline"
	echo "written: $baseline"
elif [[ -n $check ]]; then
	compare "$baseline" >"$dir/compared"
	cat "$dir/compared"
	if grep -qvE '^note:' "$dir/compared"; then
		exit 1
	fi
	echo "no function of the engine lost coverage"
else
	rm -rf "$dir/html"
	llvm-cov show -format=html -output-dir="$dir/html" -show-branches=count -project-title=rmapfuzz \
		-instr-profile="$dir/replay.profdata" "$rmapfuzz"
	echo "pages: build/coverage/html/index.html, functions: build/coverage/functions.json"
fi
