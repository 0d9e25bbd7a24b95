#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# One entry for everything: ./build.sh --help. All that it makes is under build/; programs to run are in build/bin/.
# With OSS-Fuzz's variables set (CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE, OUT), `build` fills $OUT instead.
set -euo pipefail

start=$PWD
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd -- "$root"

bin=build/bin
options_file=cmake/rmap_fuzzer.options

# Debian's names. libclang-rt-dev has the runtimes of ASan, UBSan and libFuzzer; llvm has the symbolizer.
packages=(clang libclang-rt-dev llvm gcc libc6-dev cmake ninja-build libcmocka-dev libxxhash-dev libjansson-dev graphviz
	clang-format clang-tidy groff-base procps zip jq afl++)

usage() {
	cat <<-EOT
	usage: ./build.sh VERB [ARGUMENT...]

	  deps                 install what is missing, or print the command that does
	  build [PRESET...]    build the programs: fuzz, release, afl, asan, fuzz-noasan, coverage, gcc (default: fuzz release)
	  fuzz [OPTION...]     fuzz for a minute: --time 8h, --release 2.6.34, --bug ID, --check I1,I7, --recycle now, --empty
	  merge OUT IN...      libFuzzer's choice of the files of IN... by coverage, into the directory OUT (docs/corpus.md)
	  test [OPTION...]     build and run all tests; options go to ctest
	  install [PREFIX]     install the command with its man page and completion (default: /usr/local)
	  bench [OPTION...]    build and run the benches; options go to them
	  clean                remove build/
	EOT
}

say() { printf '%s\n' "$*"; }

die() {
	printf 'build.sh: %s\n' "$*" >&2
	exit 1
}

# deps ---------------------------------------------------------------------------------------------------------

missing_packages() {
	local installed package
	# absent packages make dpkg-query fail; what it prints of the others is right all the same
	installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || :)
	for package; do
		[[ $'\n'$installed$'\n' == *$'\n'"installed $package"$'\n'* ]] || printf '%s ' "$package"
	done
}

deps() {
	local missing sudo=() log=build/deps.log
	command -v dpkg-query >/dev/null || return 0 # not a Debian: the build says what it lacks
	if oss_fuzz_wanted; then
		packages=(cmake zip) # compilers come with the image
	fi
	missing=$(missing_packages "${packages[@]}")
	[[ -n $missing ]] || return 0
	if ((EUID != 0)); then
		sudo=(sudo -n)
		if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
			say "These packages are missing; install them with:" >&2
			say "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing% }" >&2
			exit 1
		fi
	fi
	say "installing ${missing% }"
	mkdir -p build
	# shellcheck disable=SC2086 # a list of words
	if ! { "${sudo[@]}" apt-get update &&
		"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
	} >"$log" 2>&1 </dev/null; then
		tail -n 3 "$log" >&2
		die "could not install them ($log); by hand: apt-get install --no-install-recommends ${missing% }"
	fi
}

# build --------------------------------------------------------------------------------------------------------

# Programs of each preset that get a name in build/bin/.
programs_of() {
	case $1 in
	fuzz) say rmap_fuzzer rmap_fuzzer-no-mutator rmapfuzz ;;
	fuzz-noasan) say rmap_fuzzer:rmap_fuzzer-noasan ;;
	asan) say rmapfuzz bench:bench-asan ;;
	afl) say rmap_fuzzer:rmap_fuzzer-afl ;;
	release) say bench librmap_mutator.so ;;
	esac
}

# What is built of a preset; nothing: all.
targets_of() {
	[[ $1 != afl ]] || say rmap_fuzzer
}

build_preset() {
	local preset=$1 quiet=${2:-} dir=build/$1 stamp=build/$1/.configured program targets
	mapfile -t targets < <(targets_of "$preset")
	if [[ ! -e $stamp || CMakePresets.json -nt $stamp ]]; then
		mkdir -p "$dir"
		if ! cmake --preset "$preset" >"$dir/configure.log" 2>&1; then
			cat "$dir/configure.log" >&2
			die "could not configure the preset $preset"
		fi
		touch "$stamp"
	fi
	if [[ -n $quiet ]]; then
		ninja -C "$dir" --quiet "${targets[@]}" | sed -E '/^(-- |ninja: no work to do)/d'
	else
		ninja -C "$dir" "${targets[@]}"
	fi || die "could not build the preset $preset"
	mkdir -p "$bin"
	for program in $(programs_of "$preset"); do
		if [[ -e $dir/bin/${program%:*} ]]; then
			ln -sfn "../$preset/bin/${program%:*}" "$bin/${program#*:}"
		fi
	done
	if [[ $preset == fuzz && -d $dir/seeds ]]; then
		ln -sfn fuzz/seeds build/seeds
	fi
	if [[ $preset == fuzz && -d $dir/share ]]; then
		ln -sfn fuzz/share build/share
	fi
}

# What another verb needs: only errors are shown.
build_quietly() {
	local preset
	for preset; do
		[[ -e build/$preset/build.ninja ]] || say "building $preset"
		build_preset "$preset" quietly
	done
}

build() {
	local presets=("$@") known preset
	if oss_fuzz_wanted; then
		build_for_oss_fuzz
		return
	fi
	((${#presets[@]})) || presets=(fuzz release)
	known=' release gcc asan fuzz fuzz-noasan afl coverage '
	for preset in "${presets[@]}"; do
		[[ $known == *" $preset "* ]] || die "unknown preset '$preset'; known:${known% }"
	done
	for preset in "${presets[@]}"; do
		[[ $preset != afl ]] || build_preset release # the mutator library, which afl-fuzz loads: no sanitizers in it
		build_preset "$preset"
	done
}

oss_fuzz_wanted() { [[ -n ${LIB_FUZZING_ENGINE:-} && -n ${OUT:-} ]]; }

# Compilers and flags are those of the environment, unchanged. The byte forms of the corpus are made by a second
# build without these flags, since a program for the fuzzing engine may not run without it.
build_for_oss_fuzz() {
	local dir=${WORK:-$root/build}/oss-fuzz generator=()
	command -v ninja >/dev/null && generator=(-G Ninja)
	rm -rf -- "$dir"
	mkdir -p "$OUT"
	cmake -S . -B "$dir/target" "${generator[@]}" -DCMAKE_BUILD_TYPE= -DRMAPFUZZ_WERROR=OFF \
		-DRMAPFUZZ_ENGINE="$LIB_FUZZING_ENGINE"
	cmake --build "$dir/target" --target rmap_fuzzer
	cp "$dir/target/bin/rmap_fuzzer" "$OUT/"
	cp "$options_file" "$OUT/rmap_fuzzer.options"
	if [[ -e dictionaries/rmap.dict ]]; then
		cp dictionaries/rmap.dict "$OUT/rmap_fuzzer.dict"
	fi
	env -u CFLAGS cmake -S . -B "$dir/seeds" "${generator[@]}" -DRMAPFUZZ_WERROR=OFF
	if cmake --build "$dir/seeds" --target seeds; then
		rm -f "$OUT/rmap_fuzzer_seed_corpus.zip"
		(cd "$dir/seeds/seeds" && zip -q "$OUT/rmap_fuzzer_seed_corpus.zip" ./*)
	fi
}

# fuzz ---------------------------------------------------------------------------------------------------------

# The [libfuzzer] section as command line options.
fuzzer_settings() {
	sed -n '/^\[libfuzzer\]/,/^\[/ s/^\([a-z_]*\) *= *\(.*\)$/-\1=\2/p' "$options_file"
}

# Every few seconds the state of the fuzzer, from its log.
watch_log() {
	local log=$1 interval=$2 began=$SECONDS line
	while sleep "$interval" >/dev/null 2>&1; do
		line=$(tail -c 8192 "$log" | grep -a '^#.* cov:' | tail -n 1) || continue
		printf '%5d s  %s\n' $((SECONDS - began)) "$(sed -E 's/^[^c]*//; s/ (lim|rss|L|MS): .*( exec)/\2/; s/ rss:.*//' <<<"$line")"
	done
}

# The smallest program that fails as an artifact does, beside it. Prints its path, or the artifact's if that cannot be.
minimize() {
	local artifact=$1 small=build/crashes/min-${1##*-}.prog
	shift
	if "$bin/rmapfuzz" min "$@" -o "$small" "$artifact" >>build/fuzz.log 2>&1 </dev/null; then
		say "$small"
	else
		say "$artifact"
	fi
}

# The statistics at the end of a log, and the last status line of libFuzzer.
final_stat() { sed -n "s/^stat::$1: *//p" "$2" | tail -n 1; }
last_cov() {
	grep -a '^#.* cov:' "$1" | tail -n 1 |
		sed -E 's/.* cov: ([0-9]+).* corp: ([0-9]+).*/, coverage \1, \2 programs in the corpus/' || :
}

# fuzz_corpus SECONDS CORPUS SEEDS OWN... -- FLAG...: runs the fuzzer and sums up what came out.
fuzz_corpus() {
	local seconds=$1 corpus=$2 seeds=$3 log=build/fuzz.log own=() settings artifact small rc=0
	local interval=$((seconds / 12)) began=$SECONDS watcher interrupted='' again
	shift 3
	while [[ $1 != -- ]]; do
		own+=("$1")
		shift
	done
	shift
	mapfile -t settings < <(fuzzer_settings)
	again="${own[*]:+ ${own[*]}}"

	say "fuzzing for $seconds s${again:+ with$again}: corpus $corpus${seeds:+, seeds $seeds}, log $log"
	: >"$log"
	watch_log "$log" $((interval < 5 ? 5 : interval > 60 ? 60 : interval)) &
	watcher=$!
	trap 'interrupted=1' INT TERM
	"$bin/rmap_fuzzer" "${own[@]}" "${settings[@]}" -max_total_time="$seconds" -print_final_stats=1 \
		-artifact_prefix=build/crashes/ "$@" "$corpus" ${seeds:+"$seeds"} >"$log" 2>&1 </dev/null || rc=$?
	kill "$watcher" 2>/dev/null || :
	wait "$watcher" 2>/dev/null || :
	trap - INT TERM

	artifact=$(sed -nE 's/.*Test unit written to (.*\/(crash|leak|timeout|oom)-[0-9a-f]+)$/\1/p' "$log" | tail -n 1)
	if [[ -z $artifact && $rc != 0 && $rc != 72 ]]; then
		grep -avE '^(INFO|WARNING|stat::|#)' "$log" | tail -n 20 >&2 || :
		die "the fuzz target ended with $rc ($log)"
	fi
	say
	say "$((SECONDS - began)) s, $(final_stat number_of_executed_units "$log") executions$(last_cov "$log")"
	if [[ -n $artifact ]]; then
		small=$artifact
		say "found: $artifact ($(stat -c %s "$artifact") bytes)"
		if [[ ${artifact##*/} == crash-* ]]; then
			small=$(minimize "$artifact" "${own[@]}")
		fi
		"$bin/rmapfuzz" run "${own[@]}" "$small" 2>&1 </dev/null || :
		say
		say "next:"
		say "  $bin/rmapfuzz trace$again $small"
		say "      step by step, what each operation changed"
		say "  $bin/rmapfuzz triage$again $artifact"
		say "      file it as a known failure under crashes/: minimized, traced, drawn"
		say "  ./build.sh fuzz$again $artifact"
		say "      replay it in the fuzz target"
		return 77
	fi
	if [[ -n $interrupted || $rc == 72 ]]; then
		say "interrupted; nothing found so far"
	else
		say "nothing found"
	fi
	say
	say "next:"
	say "  ./build.sh fuzz --time 8h$again"
	say "      go on from the same corpus"
	if [[ -z $again ]]; then
		say "  ./build.sh fuzz --bug swapin-newest-anon-vma"
		say "      bring the bug of April 2010 back, and find it"
	fi
	[[ -z $interrupted && $rc != 72 ]] || return 72
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
	local own=() flags=() inputs=() path file='' output corpus
	while (($#)); do
		case $1 in
		--time | --release | --bug | --check | --recycle)
			(($# > 1)) || die "$1 needs a value"
			set -- "$1=$2" "${@:3}"
			continue
			;;
		--time=*) seconds=$(seconds_of "${1#*=}") ;;
		--empty) empty=1 ;;
		--*)
			own+=("$1")
			case $1 in
			--release=*) release=${1#*=} ;;
			--bug=*) bug=${1#*=} ;;
			esac
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

	build_quietly fuzz
	[[ -x $bin/rmap_fuzzer ]] || die "there is no fuzz target"
	if [[ -n $file ]]; then
		exec "$bin/rmap_fuzzer" "${own[@]}" "${flags[@]}" "${inputs[@]}"
	fi
	# bad options of the target end here, before anything is written
	if ! output=$("$bin/rmap_fuzzer" "${own[@]}" -help=1 2>&1 </dev/null); then
		printf '%s\n' "$output" | tail -n 3 >&2
		exit 1
	fi

	corpus=corpus${release:+-$release}${bug:+-$bug}
	corpus=build/${corpus//[^A-Za-z0-9._-]/_}
	if [[ -n $empty ]]; then
		corpus=build/corpus-empty
		seeds=
		rm -rf "$corpus"
	fi
	# with a bug turned back the seeds would give the answer away: it is found from nothing
	[[ -z $bug && -d $seeds ]] || seeds=
	mkdir -p "$corpus" build/crashes
	fuzz_corpus "$seconds" "$corpus" "$seeds" "${own[@]}" -- "${flags[@]}" "${inputs[@]}"
}

# merge OUT IN... [FLAG...]: directories as the caller names them; what is in OUT already stays and counts.
merge() {
	local path settings dirs=() flags=()
	for path; do
		case $path in
		-*) flags+=("$path") ;;
		/*) dirs+=("$path") ;;
		*) dirs+=("$start/$path") ;;
		esac
	done
	((${#dirs[@]} >= 2)) || die "merge wants a directory to write to and one or more to read"
	for path in "${dirs[@]:1}"; do
		[[ -d $path ]] || die "no such directory: $path"
	done
	build_quietly fuzz
	mapfile -t settings < <(fuzzer_settings)
	mkdir -p "${dirs[0]}"
	exec "$bin/rmap_fuzzer" "${settings[@]}" -set_cover_merge=1 "${flags[@]}" "${dirs[@]}"
}

# test, bench, clean -------------------------------------------------------------------------------------------

# The scripts among the tests run the programs of build/bin/, so the fuzz target and the mutator library are built too.
run_tests() {
	build_quietly fuzz asan release
	exec ctest --preset asan "$@"
}

# The command of build/bin/: with sanitizers, which judge where the oracle is told not to.
install_command() {
	local prefix=${1:-/usr/local}
	[[ $prefix == /* ]] || prefix=$start/$prefix
	build_quietly fuzz
	cmake --install build/fuzz --prefix "$prefix"
}

bench() {
	local program script
	build_quietly release asan fuzz fuzz-noasan
	for program in bench bench-asan; do
		[[ -x $bin/$program ]] || die "there is no $program"
		"$bin/$program" "$@"
	done
	for script in bench/*.sh; do
		[[ ! -e $script ]] || RMAPFUZZ_BIN_DIR=$root/$bin bash "$script" "$@"
	done
}

main() {
	local verb=${1:-}
	(($# == 0)) || shift
	if [[ -z $verb ]] && oss_fuzz_wanted; then
		verb=build
	fi
	case $verb in
	'' | help | -h | --help)
		usage
		return
		;;
	clean)
		rm -rf build
		return
		;;
	deps | build | fuzz | merge | bench) ;;
	install) verb=install_command ;; # install is a program
	test) verb=run_tests ;; # test is a word of the shell
	*) die "unknown verb '$verb'; ./build.sh --help lists them" ;;
	esac
	deps
	if [[ $verb != deps ]]; then
		"$verb" "$@"
	fi
}

main "$@"
