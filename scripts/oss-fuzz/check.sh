#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ./build.sh check-oss-fuzz [SANITIZER|all [ENGINE|all]]: would OSS-Fuzz take the target? Builds it as OSS-Fuzz's base image
# does, from a copy of the sources, and looks at the result as its bad_build_check does. One line a check; ends with what it
# cannot imitate. Leaves nothing behind. Exit codes: 0 all passed, 1 not.
set -uo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
. "$here/base_builder.bash"
. "$here/base_runner.bash"
. "$here/bad_build_check.bash"

die() {
	printf 'check-oss-fuzz: %s\n' "$*" >&2
	exit 1
}

# What is committed or would be, without what is ignored: build/ of this checkout must not help.
copy_sources() {
	mkdir -p "$SRC/rmapfuzz"
	if git -C "$root" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		(cd "$root" && git ls-files -z --cached --others --exclude-standard |
			while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
			tar -c --no-recursion --null -T -) | tar -x -C "$SRC/rmapfuzz"
	else
		tar -C "$root" -c --exclude=./build . | tar -x -C "$SRC/rmapfuzz"
	fi || die "cannot copy the sources"
	cp "$SRC/rmapfuzz/oss-fuzz/build.sh" "$SRC/build.sh"
}

listing() { (cd "$SRC" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha1sum); }

passed=0 failed=0 left_out=0

# report NAME COMMAND...: one line; a failed check shows the end of its log. 2 is "cannot be checked here".
report() {
	local name=$1 said rc=0 verdict=ok
	shift
	: >"$work/log"
	said=$("$@" 2>>"$work/log") || rc=$?
	case $rc in
	0) passed=$((passed + 1)) ;;
	2) left_out=$((left_out + 1)) verdict='left out' ;;
	*) failed=$((failed + 1)) verdict=FAILED ;;
	esac
	printf '%-10s %-10s %-15s %-9s %s\n' "$sanitizer" "$engine" "$name" "$verdict" "$said"
	if ((rc != 0 && rc != 2)); then
		tail -n 12 "$work/log" | sed 's/^/    /'
	fi
	return "$rc"
}

check_sources_untouched() {
	echo "the sources are as they were"
	[[ $(listing) == "$before" ]]
}

check_target() {
	report name check_names
	report files check_files
	report flags check_flags
	report architecture check_architecture
	report libraries check_libraries
	report 'seed corpus' check_seeds
	report options check_options
	report 'argv[0]' check_argv
	if [[ $sanitizer == coverage ]]; then # has nothing to fuzz by
		report profile check_profile
		return
	fi
	report sanitizer check_sanitizers
	report engine check_engine
	report directories check_directories
	report writes check_writes
	if [[ $engine == libfuzzer ]]; then
		report dictionary check_dictionary
		report merge check_merge
	fi
}

# One build of the matrix. A build is moved before it is looked at, so that paths known when it was made mean nothing.
check_one() {
	sanitizer=$1 engine=$2
	local target before
	OUT=$work/out WORK=$work/work
	rm -rf "$OUT" "$WORK" "$work/not-out" "$work/tmp"
	mkdir -p "$OUT" "$WORK" "$work/root"
	mkdir -m 1777 "$work/tmp"
	before=$(listing)
	if ! builder_environment "$sanitizer" "$engine"; then
		report build false
		return
	fi
	report build run_build || return
	report sources check_sources_untouched
	mv "$OUT" "$work/not-out"
	OUT=$work/not-out
	while IFS= read -r target; do
		check_target
	done < <(find_targets)
}

run_build() {
	run_builder "$work/log" || {
		echo "build.sh ended with $?"
		return 1
	}
	echo "$(find_targets | wc -l) fuzz target"
	[[ -n $(find_targets) ]]
}

cannot() {
	cat <<-'EOT'

		Not imitated:
		  - the images: Docker is not used. Debian's clang and AFL++ stand for those of the image, libstdc++ for its libc++
		    (linked statically, but for MSan, whose runtime collides with Debian's static one)
		  - MSan: no library is instrumented. The target itself uses none but libc, whose functions MSan knows; only
		    libFuzzer uses libstdc++
		  - honggfuzz and Centipede; i386 and aarch64; the introspector build
		  - what compile_afl draws by lot: CMPLOG, COMPCOV, context-sensitive coverage, a dictionary of constants
		  - OSS-Fuzz builds for AFL++ and without an engine with ASan only; here UBSan and MSan are tried as well
		  - the coverage job: the profile is made and read, its HTML report is not
		  - a container that enforces limits of memory and time
	EOT
	if [[ -z $confined ]]; then
		cat <<-'EOT'
			  - another user, a read-only $OUT and nothing writable but /tmp: needs root (sudo ./build.sh check-oss-fuzz)
		EOT
	fi
}

main() {
	local sanitizers=(address undefined memory coverage) engines=(libfuzzer afl none) a b
	case ${1:-all} in
	all) ;;
	address | undefined | memory | coverage) sanitizers=("$1") ;;
	*) die "unknown sanitizer '$1'; known: ${sanitizers[*]}" ;;
	esac
	case ${2:-all} in
	all) ;;
	libfuzzer | afl | none) engines=("$2") ;;
	*) die "unknown engine '$2'; known: ${engines[*]}" ;;
	esac
	work=$(mktemp -d) || die "no temporary directory"
	trap 'rm -rf "$work"' EXIT
	chmod 755 "$work"
	SRC=$work/src
	copy_sources
	runner_init
	for a in "${sanitizers[@]}"; do
		for b in "${engines[@]}"; do
			# OSS-Fuzz makes coverage builds for libFuzzer only
			[[ $a == coverage && $b != libfuzzer ]] || check_one "$a" "$b"
		done
	done
	cannot
	echo
	echo "$passed passed, $failed failed, $left_out left out"
	((failed == 0 && passed > 0))
}

main "$@"
