# SPDX-License-Identifier: GPL-2.0-only
# What OSS-Fuzz's base-builder image gives to a project's build.sh, from Debian's compilers: sourced by check.sh.
# Flags are those of infra/base-images/base-builder/Dockerfile and base-clang. Must set nothing outside of `builder`.

# What the runtime library of clang 14 does not know is left out; that is -Wno-error=... of newer compilers only.
readonly base_flags='-O1 -fno-omit-frame-pointer -gline-tables-only -Wno-error=int-conversion
	-Wno-error=deprecated-declarations -Wno-error=implicit-function-declaration -Wno-error=implicit-int
	-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION'

readonly ubsan_checks=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return,returns-nonnull-attribute,shift,signed-integer-overflow,unreachable,vla-bound,vptr

sanitizer_flags() {
	case $1 in
	address) echo "-fsanitize=address -fsanitize-address-use-after-scope" ;;
	undefined) echo "-fsanitize=$ubsan_checks,unsigned-integer-overflow -fno-sanitize-recover=$ubsan_checks" ;;
	memory) echo "-fsanitize=memory -fsanitize-memory-track-origins" ;;
	coverage) echo "-fprofile-instr-generate -fcoverage-mapping -pthread -Wl,--no-as-needed -Wl,-ldl -Wl,-lm -Wno-unused-command-line-argument" ;;
	esac
}

# builder_environment SANITIZER ENGINE: the variables as NAME=VALUE in the array `builder`. SRC, OUT and WORK are the caller's.
builder_environment() {
	local sanitizer=$1 engine=$2 flags cc=clang cxx=clang++ library=$WORK/libFuzzingEngine.a extra=() cxx_extra=''
	flags=$(tr -s '\n\t' '  ' <<<"$base_flags")
	flags="${flags% } $(sanitizer_flags "$sanitizer")"
	case $engine in
	libfuzzer)
		library=-fsanitize=fuzzer
		[[ $sanitizer == coverage ]] || flags+=" -fsanitize=fuzzer-no-link"
		;;
	afl) # no coverage flags: the compiler wrapper instruments
		cc=afl-clang-fast cxx=afl-clang-fast++
		cp "$(afl_library)" "$library"
		extra=(AFL_QUIET=1 ASAN_OPTIONS=detect_leaks=0:symbolize=0:detect_odr_violation=0:abort_on_error=1)
		;;
	none) ;; # the image names a library that is not there
	esac
	# -static-libstdc++ stands for the image's libc++, which is linked statically; MSan's runtime and it collide
	[[ $sanitizer == memory ]] || cxx_extra=-static-libstdc++
	builder=(PATH="$PATH" HOME=/root LANG=C.UTF-8 SRC="$SRC" OUT="$OUT" WORK="$WORK" CC="$cc" CXX="$cxx" CCC="$cxx"
		CFLAGS="$flags" CXXFLAGS="$flags${cxx_extra:+ $cxx_extra} -Wno-unused-command-line-argument"
		LIB_FUZZING_ENGINE="$library" SANITIZER="$sanitizer" FUZZING_ENGINE="$engine" ARCHITECTURE=x86_64
		FUZZING_LANGUAGE=c UBSAN_OPTIONS=silence_unsigned_overflow=1 "${extra[@]}")
	[[ -z ${CMAKE_C_COMPILER_LAUNCHER:-} ]] || builder+=(CMAKE_C_COMPILER_LAUNCHER="$CMAKE_C_COMPILER_LAUNCHER")
}

# AFL++'s driver for libFuzzer targets, in the directory of its compiler's parts.
afl_library() {
	local directory
	for directory in "${AFL_PATH:-}" /usr/lib/afl /usr/local/lib/afl; do
		if [[ -n $directory && -e $directory/libAFLDriver.a ]]; then
			echo "$directory/libAFLDriver.a"
			return
		fi
	done
	return 1
}

# run_builder LOG: the project's build.sh, as `compile` of the image runs it; then what `compile` itself puts into $OUT.
run_builder() {
	(cd "$SRC/rmapfuzz" && env -i "${builder[@]}" bash -eux "$SRC/build.sh") >"$1" 2>&1 </dev/null || return
	cp "$(command -v llvm-symbolizer)" "$OUT/" 2>/dev/null || :
	if [[ " ${builder[*]} " == *' FUZZING_ENGINE=afl '* ]]; then
		cp "$(command -v afl-fuzz)" "$(command -v afl-showmap)" "$OUT/"
	fi
}
