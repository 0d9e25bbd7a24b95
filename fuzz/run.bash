# SPDX-License-Identifier: GPL-2.0-only
# The verb fuzz of build.sh, which sources this: from the options to the story of what was found. An engine is a file
# engine_NAME.bash with NAME_presets and NAME_dir and these functions, which see the variables of fuzz():
# own are the options that the rmapfuzz command takes, too, only those of the target alone.
#   NAME_replay        becomes the target, for the files in inputs
#   NAME_prepare       makes the directory corpus what the engine wants to start from
#   NAME_exec          becomes the fuzzer: for that many seconds, until it finds something
#   NAME_status        prints one line about a running fuzzer, or nothing
#   NAME_sum           prints what it did
#   NAME_finding       prints the path of what this run found, or nothing
#   NAME_reason        prints why it could not run
# Must never know which engine it is.
engines=(libfuzzer afl)
for engine in "${engines[@]}"; do
	# shellcheck source=/dev/null
	source "fuzz/engine_$engine.bash"
done
unset engine

# Every few seconds the state of the fuzzer.
watch_fuzzer() {
	local interval=$((seconds / 12)) began=$SECONDS line
	while sleep $((interval < 5 ? 5 : interval > 60 ? 60 : interval)) >/dev/null 2>&1; do
		line=$("${engine}_status") || :
		[[ -z $line ]] || printf '%5d s  %s\n' $((SECONDS - began)) "$line"
	done
}

# The fuzzer from start to end; its exit code in rc. A signal to this script reaches the fuzzer, wherever it came from.
run_fuzzer() {
	local watcher fuzzer
	: >"$log"
	touch "$began_file" # what is newer is of this run
	watch_fuzzer &
	watcher=$!
	"${engine}_exec" >"$log" 2>&1 </dev/null &
	fuzzer=$!
	trap 'interrupted=1; kill -INT "$fuzzer" 2>/dev/null || :' INT TERM
	while rc=0; do
		wait "$fuzzer" || rc=$?
		kill -0 "$fuzzer" 2>/dev/null || break # else it was the wait that a signal ended
	done
	trap - INT TERM
	kill "$watcher" 2>/dev/null || :
	wait "$watcher" 2>/dev/null || :
}

# The smallest program that fails as an artifact does, beside it. Prints its path, or the artifact's if that cannot be.
minimize() {
	local artifact=$1 small=build/crashes/min-${1##*-}.prog
	if "$bin/rmapfuzz" min "${own[@]}" -o "$small" "$artifact" >>"$log" 2>&1 </dev/null; then
		say "$small"
	else
		say "$artifact"
	fi
}

# next COMMAND WHAT: what somebody may want to do now
next() { printf '  %s\n      %s\n' "$1" "$2"; }

tell_finding() {
	local artifact=$1 small=$1
	say "found: $artifact ($(stat -c %s "$artifact") bytes)"
	if [[ ${artifact##*/} == crash-* ]]; then
		small=$(minimize "$artifact")
	fi
	"$bin/rmapfuzz" run "${own[@]}" "$small" 2>&1 </dev/null || :
	say
	say "next:"
	next "$bin/rmapfuzz trace$again $small" "step by step, what each operation changed"
	next "$bin/rmapfuzz triage$again $artifact" "file it as a known failure under crashes/: minimized, traced, drawn"
	next "./build.sh fuzz$with$again $artifact" "replay it in the fuzz target"
}

tell_nothing() {
	if [[ -n $interrupted ]]; then
		say "interrupted; nothing found so far"
	else
		say "nothing found"
	fi
	say
	say "next:"
	next "./build.sh fuzz --time 8h$with$again" "go on from the same corpus"
	if [[ -z $again ]]; then
		next "./build.sh fuzz$with --bug swapin-newest-anon-vma" "bring the bug of April 2010 back, and find it"
	fi
}

# Runs the fuzzer and sums up what came out.
fuzz_corpus() {
	local log=build/fuzz.log began_file=build/fuzz.began rc=0 began=$SECONDS interrupted='' again=${own[*]:+ ${own[*]}} with='' artifact
	[[ $engine == "${engines[0]}" ]] || with=" --engine $engine"
	with+=${only[*]:+ ${only[*]}}

	say "fuzzing for $seconds s${again:+ with$again}: corpus $corpus${seeds:+, seeds $seeds}, log $log"
	run_fuzzer
	[[ $rc != 72 ]] || interrupted=1
	artifact=$("${engine}_finding")
	if [[ -z $artifact && $rc != 0 && -z $interrupted ]]; then
		"${engine}_reason" >&2 || :
		die "the fuzzer ended with $rc ($log)"
	fi
	say
	say "$((SECONDS - began)) s, $("${engine}_sum")"
	if [[ -n $artifact ]]; then
		tell_finding "$artifact"
		return 77
	fi
	tell_nothing
	[[ -z $interrupted ]] || return 72
}

seconds_of() {
	[[ $1 =~ ^([0-9]{1,6})([smhd]?)$ ]] || die "--time wants seconds, or something like 10m or 8h, not '$1'"
	local unit
	case ${BASH_REMATCH[2]} in
	m) unit=60 ;;
	h) unit=3600 ;;
	d) unit=86400 ;;
	*) unit=1 ;;
	esac
	say $((10#${BASH_REMATCH[1]} * unit))
}

fuzz() {
	local seconds=60 empty='' seeds=build/seeds release=${RMAPFUZZ_RELEASE:-} bug=${RMAPFUZZ_BUG:-}
	local engine=${engines[0]} own=() only=() flags=() inputs=() path file='' output corpus presets
	while (($#)); do
		case $1 in
		--help)
			usage
			return
			;;
		--empty) empty=1 ;;
		--time=*) seconds=$(seconds_of "${1#*=}") ;;
		--engine=*) engine=${1#*=} ;;
		--known=* | --tally=*) # files, as the caller names them
			path=${1#*=}
			[[ $path == /* ]] || path=$start/$path
			only+=("${1%%=*}=$path")
			;;
		--focus=*) only+=("$1") ;;
		--*=*)
			own+=("$1")
			case $1 in
			--release=*) release=${1#*=} ;;
			--bug=*) bug=${1#*=} ;;
			esac
			;;
		--*)
			(($# > 1)) || die "$1 needs a value"
			set -- "$1=$2" "${@:3}"
			continue
			;;
		-*) flags+=("$1") ;;
		*)
			path=$(cd -- "$start" && realpath -e -- "$1" 2>/dev/null) || die "no such file: $1"
			[[ -d $path ]] || file=1
			inputs+=("$path")
			;;
		esac
		shift
	done
	[[ " ${engines[*]} " == *" $engine "* ]] || die "unknown engine '$engine'; known: ${engines[*]}"

	presets=${engine}_presets
	# shellcheck disable=SC2086 # a list of words
	build_quietly ${!presets}
	[[ -z $file ]] || "${engine}_replay"
	# bad options of the target end here, before anything is written
	if ! output=$("$bin/rmap_fuzzer" "${own[@]}" "${only[@]}" -help=1 2>&1 </dev/null); then
		printf '%s\n' "$output" | tail -n 3 >&2
		exit 1
	fi

	corpus=${engine}_dir
	corpus=${!corpus}${release:+-$release}${bug:+-$bug}
	corpus=build/${corpus//[^A-Za-z0-9._-]/_}
	if [[ -n $empty ]]; then
		corpus=${engine}_dir
		corpus=build/${!corpus}-empty
		seeds=
		rm -rf "$corpus"
	fi
	# with a bug turned back the seeds would give the answer away: it is found from nothing
	[[ -z $bug && -d $seeds ]] || seeds=
	mkdir -p build/crashes
	"${engine}_prepare"
	fuzz_corpus
}
