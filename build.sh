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
packages=(clang libclang-rt-dev llvm gcc libc6-dev cmake ninja-build libcmocka-dev libxxhash-dev libjansson-dev libmd-dev
	graphviz libcmark-gfm-dev libcmark-gfm-extensions-dev libexpat1-dev gnuplot-nox
	clang-format clang-tidy groff-base procps zip unzip jq yq strace afl++)

usage() {
	cat <<-EOT
	usage: ./build.sh VERB [ARGUMENT...]

	  deps [PACKAGE...]    install what is missing, or print the command that does; and these packages
	  build [PRESET...]    build the programs: fuzz, release, afl, asan, fuzz-noasan, coverage, gcc (default: fuzz release)
	  fuzz [OPTION...]     fuzz for a minute: --time 8h, --release 2.6.34, --bug ID, --check I1,I7, --recycle now, --empty,
	                       --engine afl
	  overnight [OPTION...]
	                       fuzz unattended, with the options of rmapfuzz overnight; the run directory is
	                       build/night[-release][-bug] if --dir names no other (docs/overnight.md)
	  score [OPTION...]    how surely and how soon each bug of the catalogue is found, with the options of rmapfuzz score
	                       (docs/score.md)
	  merge OUT IN...      libFuzzer's choice of the files of IN... by coverage, into the directory OUT (docs/corpus.md)
	  test [OPTION...]     build and run all tests; options go to ctest
	  coverage [DIR...]    what the corpus reaches of the engine; --check compares (docs/coverage.md)
	  check-oss-fuzz [SANITIZER [ENGINE]]
	                       would OSS-Fuzz take it? builds as OSS-Fuzz does and checks the result (docs/scale.md)
	  install [PREFIX]     install the command with its man page and completion (default: /usr/local)
	  mutants [OPTION...] [NAME...]
	                       would a slip in the engine be noticed? builds engines with one each (docs/mutants.md)
	  bench [OPTION...]    build and run the benches; options go to them
	  clean                remove build/
	EOT
}

# the verbs fuzz and merge
source fuzz/run.bash

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
	fuzz) say rmap_fuzzer rmap_fuzzer-no-mutator rmap_fuzzer-value-profile rmap_random rmapfuzz ;;
	fuzz-noasan) say rmap_fuzzer:rmap_fuzzer-noasan ;;
	asan) say rmapfuzz rmap_fuzzer-standalone bench:bench-asan ;;
	afl) say rmap_fuzzer:rmap_fuzzer-afl ;;
	release) say bench librmap_mutator.so rmap_fuzzer-standalone:rmap_fuzzer-plain ;;
	esac
}

# What is built of a preset; nothing: all.
targets_of() {
	[[ $1 != afl ]] || say rmap_fuzzer
}

configure_preset() {
	local preset=$1 dir=build/$1 stamp=build/$1/.configured
	if [[ ! -e $stamp || CMakePresets.json -nt $stamp ]]; then
		mkdir -p "$dir"
		if ! cmake --preset "$preset" >"$dir/configure.log" 2>&1; then
			cat "$dir/configure.log" >&2
			die "could not configure the preset $preset"
		fi
		touch "$stamp"
	fi
}

build_preset() {
	local preset=$1 quiet=${2:-} dir=build/$1 program targets
	mapfile -t targets < <(targets_of "$preset")
	configure_preset "$preset"
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
		exec scripts/oss-fuzz/build.sh
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

# overnight, score ---------------------------------------------------------------------------------------------

# Both run where the caller is, so that files are as the caller names them; a directory of the caller's comes later and wins.
command_of_caller() {
	cd -- "$start"
	exec "$root/$bin/rmapfuzz" "$@"
}

# The run directory has the name of what is fuzzed there.
overnight() {
	local name=night presets=(fuzz) words word
	# one word for an option and its value, whichever way they were given
	mapfile -t words < <(printf '%s\n' "$@" | sed -E '/^(-[rb]|--(release|bug|engine))$/{N;s/\n/=/}')
	for word in "${words[@]}"; do
		case $word in
		-[rb]* | --release=* | --bug=*)
			word=${word#-[rb]}
			name+=-${word#*=}
			;;
		--engine=afl) presets=(fuzz afl release) ;;
		esac
	done
	build_quietly "${presets[@]}"
	command_of_caller overnight --dir="$root/build/${name//[^A-Za-z0-9._-]/_}" "$@"
}

score() {
	local presets=(fuzz release)
	[[ ,${*//[ =]/,}, != *,afl,* ]] || presets+=(afl)
	build_quietly "${presets[@]}"
	command_of_caller score --output="$root/build/score" "$@"
}

# test, bench, clean -------------------------------------------------------------------------------------------

# The scripts among the tests run the programs of build/bin/, so the fuzz target and the mutator library are built too.
run_tests() {
	build_quietly fuzz asan release afl
	exec ctest --preset asan "$@"
}

# Arguments as coverage/coverage.sh has them. Only the command is built, not the tests of the preset.
coverage() {
	local argument arguments=()
	for argument; do
		if [[ $argument != -* && $argument != /* ]]; then
			argument=$(realpath -ms -- "$start/$argument")
		fi
		arguments+=("$argument")
	done
	configure_preset coverage
	ninja -C build/coverage --quiet rmapfuzz | sed -E '/^(-- |ninja: no work to do)/d' || die "could not build the preset coverage"
	exec bash coverage/coverage.sh "${arguments[@]}"
}

# The command of build/bin/: with sanitizers, which judge where the oracle is told not to.
install_command() {
	local prefix=${1:-/usr/local}
	[[ $prefix == /* ]] || prefix=$start/$prefix
	build_quietly fuzz
	cmake --install build/fuzz --prefix "$prefix"
}

check_oss_fuzz() { exec scripts/oss-fuzz/check.sh "$@"; }

mutants() {
	build_quietly fuzz
	start=$start exec bash mutants/run.sh "$@"
}

bench() {
	local program script
	build_quietly release asan fuzz fuzz-noasan afl
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
	deps | build | fuzz | overnight | score | merge | coverage | bench | mutants) ;;
	install) verb=install_command ;; # install is a program
	check-oss-fuzz) verb=check_oss_fuzz ;;
	test) verb=run_tests ;; # test is a word of the shell
	*) die "unknown verb '$verb'; ./build.sh --help lists them" ;;
	esac
	[[ $verb != deps ]] || packages+=("$@")
	deps
	if [[ $verb != deps ]]; then
		"$verb" "$@"
	fi
}

main "$@"
