#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The verb mutants of build.sh: engines with one slip each, and whether the fuzz target notices (docs/mutants.md).
# Edits copies of src/model/*.c in build/mutants, never the sources; a result is kept until the copy changes.
set -uo pipefail

rules=mutants/rules.awk
fuzz=build/fuzz

usage() {
	cat <<-'EOT'
	usage: ./build.sh mutants [OPTION...] [NAME...]

	  NAME            only these; a pattern of the shell: 'merge.c:*', '*:dropped-count:*'
	  --list          print the names, build nothing
	  --part K/N      of the slips by rule those whose name's hash is K modulo N; all of the list (default: 0/10; 0/1 is all)
	  --seconds N     CPU seconds for each mutant (default: 60)
	  --jobs N        at once (default: 1)
	  --decisions     wrong decisions in place of slips: each value that is not the newest release's
	  --subjects FILE keep the executables, and write what rmapfuzz score wants to know of each
	  --fresh         forget the results so far
	  --report        only the table of the results so far
	  --tables DIR    list.txt, releases.txt and survivors.txt of that directory (default: mutants)
	  --work DIR      where mutants and results are kept (default: build/mutants)
	EOT
}

# A file or directory as the caller of build.sh names it.
path_of() {
	if [[ $1 == /* ]]; then
		printf '%s\n' "$1"
	else
		realpath -ms -- "${start:-$PWD}/$1"
	fi
}

die() {
	printf 'mutants: %s\n' "$*" >&2
	exit 1
}

# table of places --------------------------------------------------------------------------------------------------

# Not the files that are the harness's: memory, touched sets, dispatch, tables.
places() {
	local sources=()
	mapfile -t sources < <(printf '%s\n' src/model/*.c | grep -vE '/(arena|world|model|release|history|version)\.c$')
	awk -v list="$tables/list.txt" -f $rules "${sources[@]}"
}

# Names to run. A name by rule has three colons; its part follows from the name alone.
names_of_places() {
	cut -f 1 "$work/places.tsv" | awk -v part="${part%/*}" -v parts="${part#*/}" '
		BEGIN { for (i = 32; i < 127; i++) code[sprintf("%c", i)] = i }
		seen[$0]++ { next }
		split($0, fields, ":") == 4 {
			hash = 7
			for (i = 1; i <= length($0); i++)
				hash = (hash * 31 + code[substr($0, i, 1)]) % 65521
			if (hash % parts != part)
				next
		}
		{ print }'
}

# Each value but that of the newest release, of the decisions that no bug of the catalogue is about: NAME=VALUE.
names_of_decisions() {
	build/bin/rmapfuzz releases newest --json | jq -r '.decisions | to_entries[] | "\(.key)=\(.value)"' >"$work/newest"
	awk -F '[(,] *' '
		FILENAME ~ /newest$/ { newest[$0]; next }
		FILENAME ~ /bugs.def$/ { text = text $0; next }
		/^VALUE\(/ && !(($2 "=" $3) in newest) && text !~ ("[ ,]" $2 ", *[A-Z_]+, *[A-Z_]+,") { print "decision:" $2 "=" $3 }
		' "$work/newest" src/model/bugs.def src/model/decisions.def
}

names() {
	printf 'original\n'
	if [[ -n $only_decisions ]]; then
		names_of_decisions
	else
		names_of_places
	fi
}

wanted() {
	local name pattern
	((${#patterns[@]})) || {
		cat
		return
	}
	while read -r name; do
		for pattern in "${patterns[@]}"; do
			# shellcheck disable=SC2053 # a pattern
			[[ $name != $pattern ]] || printf '%s\n' "$name"
		done
	done
}

# one mutant -------------------------------------------------------------------------------------------------------

# The edited copy; prints its path.
make_copy() {
	local name=$1 dir=$2 path
	path=$(awk -F '\t' -v name="$name" '$1 == name { print $2; exit }' "$work/places.tsv")
	[[ -n $path ]] || return 1
	awk -v name="$name" '
		BEGIN { FS = "\t" }
		FNR == NR {
			if ($1 == name) {
				text = $0
				sub(/^[^\t]*\t[^\t]*\t[^\t]*\t/, "", text)
				edited[$3] = text
			}
			next
		}
		{ print FNR in edited ? edited[FNR] : $0 }' "$work/places.tsv" "$path" >"$dir/${path##*/}"
	printf '%s\n' "$dir/${path##*/}"
}

# With the flags of the fuzz preset, but -O1: compiles sooner, and finds the same. What a slip leaves without a value has
# a pattern, as in kernels: not whatever happens to be right in a register. Linked before the archive of the model,
# out of which the linker then takes every object but the original of this one.
build_mutant() {
	local copy=$1 target=$2 dir=$3 flags link
	flags=$(jq -r --arg file "/src/model/${copy##*/}" '.[] | select(.file | endswith($file)) | .command' $fuzz/compile_commands.json |
		sed -E 's/ -o .*//; s/ -Werror / /')
	link=$(ninja -C $fuzz -t commands bin/rmap_fuzzer | tail -n 1 | sed -E 's/^: && //; s/ && :$//')
	eval "$flags -O1 -g0 -w -ftrivial-auto-var-init=pattern -c -o $dir/mutant.o $copy" >"$dir/log" 2>&1 || return 1
	link=${link/ -o bin\/rmap_fuzzer / -o $target $dir/mutant.o }
	(cd $fuzz && eval "$link -Wl,--strip-debug") >"$dir/log" 2>&1 || die "could not link $1: $(tail -n 1 "$dir/log")"
}

# Runs the target for at most so many CPU seconds. Sets by (empty: silent), executions, cpu.
run_target() {
	local allowed=$1 log=$2
	shift 2
	cpu=$(
		(
			ulimit -St "$allowed"
			exec env ASAN_OPTIONS=symbolize=0 "$@" -print_final_stats=1 >"$log" 2>&1 </dev/null
		) 2>/dev/null
		times >"$log.times" # not in a pipe: there it would be another shell's
		awk 'NR == 2 { split($1 $2, t, "[ms]"); printf "%.1f", t[1] * 60 + t[2] + t[3] * 60 + t[4] }' "$log.times"
	)
	executions=$(awk '/^stat::number_of_executed_units/ { n = $2 } /^#[0-9]/ { last = substr($1, 2) } END { print n ? n : last + 0 }' "$log")
	by=$(awk '
		/^DEDUP_TOKEN: I[0-9]/ { print $2; exit }
		/^SUMMARY: AddressSanitizer/ { print "ASan:" $3; exit }
		/^SUMMARY: UndefinedBehavior/ { print "UBSan:" $3; exit }
		/^SUMMARY: libFuzzer: timeout/ { print "hang"; exit }
		/^SUMMARY: libFuzzer: out-of-memory/ { print "memory"; exit }
		/Assertion .* failed/ { print "assert"; exit }
		/^SUMMARY: libFuzzer:/ { print "signal"; exit }' "$log")
}

# From an empty corpus, release by release. Sets verdict, by, options, executions, cpu.
kill_run() {
	local target=$1 dir=$2 share extra own allowed hang total=0 spent=0
	shift 2
	verdict=survived
	while read -r share own; do
		[[ $share == [0-9]* ]] || continue
		# shellcheck disable=SC2206 # words
		extra=($own "$@")
		allowed=$(((seconds * share + 99) / 100))
		hang=$((allowed < 20 ? (allowed + 1) / 2 : 10)) # before the time is over: else it is taken for silence
		rm -rf "$dir/corpus" && mkdir "$dir/corpus"
		run_target "$allowed" "$dir/log" "$target" "${extra[@]}" "${settings[@]}" -timeout=$hang -seed=1 -artifact_prefix="$dir/" "$dir/corpus"
		total=$((total + executions))
		spent=$(awk "BEGIN { printf \"%.1f\", $spent + $cpu }")
		options=$own
		[[ -z $by ]] || {
			verdict=killed
			break
		}
		grep -q '^#' "$dir/log" || die "the target does not run: $(tail -n 1 "$dir/log")"
	done <"$tables/releases.txt"
	[[ -n $by ]] || options=- by=-
	executions=$total cpu=$spent
}

one() {
	local name=$1 dir target copy sum replay=- verdict by=- options=- executions=0 cpu=0 extra=()
	dir=$work/run.$BASHPID
	mkdir -p "$dir"
	target=$dir/target
	[[ -z $subjects ]] || target=$work/bin/${name//[\/:]/_}
	case $name in
	original) target=build/bin/rmap_fuzzer sum=$(cksum <build/bin/rmap_fuzzer | cut -d ' ' -f 1) ;;
	decision:*) target=build/bin/rmap_fuzzer sum=$(cksum <build/bin/rmap_fuzzer | cut -d ' ' -f 1) extra=("--decision=${name#*:}") ;;
	*)
		copy=$(make_copy "$name" "$dir") || die "no such mutant: $name"
		sum=$(cksum <"$copy" | cut -d ' ' -f 1)
		;;
	esac
	if known_result "$name" "$sum"; then
		rm -rf "$dir"
		return
	fi
	if [[ -n ${copy:-} ]] && ! build_mutant "$copy" "$target" "$dir"; then
		verdict=not-compiling
	else
		if [[ -d build/seeds ]]; then
			run_target 60 "$dir/log" "$target" "${extra[@]}" "${settings[@]}" -artifact_prefix="$dir/" -runs=0 build/seeds/
			replay=${by:-silent}
		fi
		kill_run "$target" "$dir" "${extra[@]}"
	fi
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$sum" $verdict "$by" "$options" $executions "$cpu" "$replay" "$seconds" >>"$results"
	printf '%-13s %-28s %6s executions %6s s  %s %s\n' $verdict "$by" $executions "$cpu" "$name" "${options#-}"
	rm -rf "$dir"
}

# A result holds while the copy is the same and, for a survivor, as much time was allowed.
known_result() {
	awk -F '\t' -v name="$1" -v sum="$2" -v seconds="$seconds" '
		$1 == name { good = $2 == sum && ($3 != "survived" || $9 >= seconds) }
		END { exit !good }' "$results"
}

# report -----------------------------------------------------------------------------------------------------------

# Counts, and survivors with their reasons. Fails if one of those wanted has none.
report() {
	awk -F '\t' -v wanted="$work/wanted" '
		BEGIN { while ((getline name < wanted) > 0) want[name] }
		FILENAME ~ /survivors/ { if (!/^#/ && NF >= 3) { kind[$1] = $2; reason[$1] = $3 } next }
		{ verdict[$1] = $3; by[$1] = $4; executions[$1] = $6; cpu[$1] = $7; replay[$1] = $8; allowed[$1] = $9; options[$1] = $5 }
		END {
			for (name in want) {
				if (name == "original" && verdict[name] == "killed") {
					printf "the original is not silent: %s with %s\n", by[name], options[name]
					bad = 1
				}
				if (name == "original" || !(name in verdict))
					continue
				total++
				nr[verdict[name]]++
				if (verdict[name] != "not-compiling" && replay[name] != "silent" && replay[name] != "-")
					replayed++
				if (verdict[name] == "killed") {
					how = by[name]
					if (how ~ /^I[0-9]/)
						sub(/-.*/, "", how)
					hows[how]++
				}
				if (verdict[name] == "survived") {
					survivors[name]
					if (!(name in kind))
						bad = 1
					else if (kind[name] == "equivalent")
						equivalent++
				}
			}
			compiled = total - nr["not-compiling"]
			printf "%d mutants, %d do not compile, %d killed from an empty corpus, %d survived, %d of them equivalent\n", total, nr["not-compiling"], nr["killed"], nr["survived"], equivalent
			if (compiled - equivalent > 0)
				printf "%.1f %% of those that are not equivalent killed; %d killed by the corpus\n", 100 * nr["killed"] / (compiled - equivalent), replayed
			for (how in hows)
				printf "  %-28s %d\n", how, hows[how] | "sort -k2,2nr -k1,1"
			close("sort -k2,2nr -k1,1")
			for (name in survivors)
				printf "survivor %s (%s s): %s\n", name, allowed[name], name in kind ? kind[name] ": " reason[name] : "UNEXPLAINED" | "sort"
			close("sort")
			exit bad
		}' "$tables/survivors.txt" "$results"
}

# The file that `rmapfuzz score --subjects` reads: name, executable, options, bound in CPU seconds.
write_subjects() {
	awk -F '\t' -v wanted="$work/wanted" -v bin="$work/bin" -v plain="$PWD/build/bin/rmap_fuzzer" -v seconds="$seconds" '
		BEGIN { while ((getline name < wanted) > 0) want[name] }
		{ verdict[$1] = $3; options[$1] = $5 }
		END {
			for (name in want) {
				if (name == "original" || !(name in verdict) || verdict[name] == "not-compiling")
					continue
				file = name
				gsub(/[\/:]/, "_", file)
				target = bin "/" file
				where = options[name] == "-" ? "--release=newest" : options[name]
				if (name ~ /^decision:/) {
					target = plain
					where = where " --decision=" substr(name, 10)
				}
				printf "%s\t%s\t%s\t%s\n", name, target, where, seconds
			}
		}' "$results" | sort >"$subjects.tmp" && mv "$subjects.tmp" "$subjects"
}

options_of() {
	while (($#)); do
		case $1 in
		--list | --fresh | --report | --decisions) printf -v "only_${1#--}" %s 1 ;;
		--part | --seconds | --jobs | --subjects | --tables | --work)
			(($# > 1)) || die "$1 needs a value"
			set -- "$1=$2" "${@:3}"
			continue
			;;
		--part=*) part=${1#*=} ;;
		--seconds=*) seconds=${1#*=} ;;
		--jobs=*) jobs=${1#*=} ;;
		--subjects=*) subjects=$(path_of "${1#*=}") ;;
		--tables=*) tables=$(path_of "${1#*=}") ;;
		--work=*) work=$(path_of "${1#*=}") ;;
		--help)
			usage
			exit
			;;
		-*) die "unknown option '$1'; --help lists them" ;;
		*) patterns+=("$1") ;;
		esac
		shift
	done
	[[ $part =~ ^[0-9]+/[1-9][0-9]*$ ]] || die "--part wants K/N, not '$part'"
	[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "--seconds wants a number, not '$seconds'"
	[[ $jobs =~ ^[1-9][0-9]*$ ]] || die "--jobs wants a number, not '$jobs'"
}

main() {
	part=0/10 seconds=60 jobs=1 subjects='' patterns=() tables=$PWD/mutants work=$PWD/build/mutants
	only_list='' only_fresh='' only_report='' only_decisions=''
	options_of "$@"
	results=$work/results.tsv # name, checksum, verdict, by, options, executions, CPU seconds, replay, seconds allowed
	mapfile -t settings < <(sed -n '/^\[libfuzzer\]/,/^\[/ s/^\([a-z_]*\) *= *\(.*\)$/-\1=\2/p' cmake/rmap_fuzzer.options)
	mkdir -p "$work/bin"
	[[ -z $only_fresh ]] || rm -f "$results"
	touch "$results"
	places >"$work/places.tsv" || exit 1
	names | wanted >"$work/wanted"
	[[ -s $work/wanted ]] || die "no mutant of that name"
	if [[ -n $only_list ]]; then
		cat "$work/wanted"
		return
	fi
	if [[ -z $only_report ]]; then
		export -f one make_copy build_mutant run_target kill_run known_result die
		export tables work results fuzz seconds subjects settings_words="${settings[*]}"
		# shellcheck disable=SC2016 # expanded by that shell
		xargs -P "$jobs" -n 1 bash -c 'read -ra settings <<<"$settings_words"; one "$0"' <"$work/wanted" ||
			die "not all of them could be run"
	fi
	[[ -z $subjects ]] || write_subjects
	report
}

main "$@"
