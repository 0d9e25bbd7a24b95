# SPDX-License-Identifier: GPL-2.0-only
# What OSS-Fuzz's bad_build_check and its rules for targets ask for, as functions that print what they saw, and fail if
# that is not what they want: sourced by check.sh. $OUT is the build, $target its path, $sanitizer and $engine what it is.
# Thresholds are those of infra/base-images/base-runner/bad_build_check.

# Runtime libraries of the base-runner image; everything else must be linked statically.
readonly runtime_libraries=' libc.so.6 libm.so.6 libpthread.so.0 libdl.so.2 librt.so.1 libgcc_s.so.1 libresolv.so.2 ld-linux-x86-64.so.2 '

# All executables that are fuzz targets, as test_all.py of the image finds them.
find_targets() {
	local file
	for file in "$OUT"/*; do
		if [[ -f $file && -x $file && ${file##*/} != afl-* ]] && grep -q LLVMFuzzerTestOneInput "$file"; then
			echo "$file"
		fi
	done
}

check_names() {
	local name=${target##*/}
	echo "$name"
	[[ $name =~ ^[A-Za-z0-9_-]+$ ]]
}

# No file but the target's own, and what the image puts there.
check_files() {
	local file name count=0
	for file in "$OUT"/*; do
		name=${file##*/}
		case $name in
		"${target##*/}" | "${target##*/}".dict | "${target##*/}".options | "${target##*/}"_seed_corpus.zip) count=$((count + 1)) ;;
		llvm-symbolizer | afl-*) ;;
		*)
			echo "unknown file $name"
			return 1
			;;
		esac
	done
	echo "$count: target, dictionary, options, seed corpus"
	((count == 4))
}

# Each source is compiled with the flags as they came, and no others that change code.
check_flags() {
	local commands=$WORK/oss-fuzz/target/compile_commands.json wanted all with foreign
	wanted=$(printf '%s\n' "${builder[@]}" | sed -n 's/^CFLAGS=//p')
	all=$(jq -r '.[].command' "$commands" | grep -cE '/(src/(program|model|oracle|driver)|fuzz)/')
	with=$(jq -r '.[].command' "$commands" | grep -E '/(src/(program|model|oracle|driver)|fuzz)/' | grep -cF -- "$wanted")
	foreign=$(jq -r '.[].command' "$commands" | grep -F -- "$wanted" | sed "s/ -c .*//" | awk -v flags="$wanted" '{
		at = index($0, flags); print substr($0, 1, at - 1) substr($0, at + length(flags)) }' |
		grep -oE -- ' -(O[0-9sgz]?|march=[^ ]*|mtune=[^ ]*|f(no-)?sanitize[^ ]*)( |$)' | sort -u | tr -d '\n')
	echo "$with of $all compilations with CFLAGS as given${foreign:+, others:$foreign}"
	((all > 0 && with == all)) && [[ -z $foreign ]]
}

check_architecture() {
	local machine
	machine=$(objdump -f "$target" | sed -n 's/^architecture: \([^,]*\).*/\1/p')
	echo "$machine"
	[[ $machine == i386:x86-64 ]]
}

check_libraries() {
	local library all='' more=''
	# see base_builder.bash
	[[ $sanitizer != memory ]] || more=libstdc++.so.6
	for library in $(objdump -p "$target" | sed -n 's/^ *NEEDED *//p'); do
		all+=" $library"
		if [[ "$runtime_libraries$more " != *" $library "* ]]; then
			echo "not linked statically: $library"
			return 1
		fi
	done
	echo "only${all:- none}"
}

# Calls into the runtimes of sanitizers in a disassembly: asan, dfsan, msan, ubsan.
sanitizer_calls() {
	awk '/callq?[ \t]+[0-9a-f]+ <__(asan|dfsan|msan|ubsan)/ {
			match($0, /<__(asan|dfsan|msan|ubsan)/); calls[substr($0, RSTART + 3, RLENGTH - 3)]++ }
		END { print calls["asan"] + 0, calls["dfsan"] + 0, calls["msan"] + 0, calls["ubsan"] + 0 }'
}

# Those that AFL++ links into each target: OSS-Fuzz builds for AFL++ with ASan only, where they do not matter.
afl_asan_calls() {
	local library
	library=$(afl_library) || return
	objdump -dr "$library" "${library%/*}/afl-compiler-rt.o" 2>/dev/null | grep -cE 'R_X86_64_PL?T?[0-9]+.*__asan'
}

# Counted and judged as bad_build_check does it.
check_sanitizers() {
	local asan dfsan msan ubsan own=''
	read -r asan dfsan msan ubsan < <(objdump -dC "$target" | sanitizer_calls)
	if [[ $engine == afl && $sanitizer != address ]]; then
		own=$(afl_asan_calls)
		asan=$((asan - own))
	fi
	echo "calls: asan $asan${own:+ (and $own of AFL++)}, msan $msan, ubsan $ubsan, dfsan $dfsan"
	case $sanitizer in
	address) ((asan >= 1000 && msan <= 3 && ubsan <= 200 && dfsan == 0)) ;;
	memory) ((asan == 0 && msan >= 1000 && ubsan <= 200 && dfsan == 0)) ;;
	undefined) ((asan == 0 && msan <= 3 && ubsan >= 168 && dfsan == 0)) ;;
	esac
}

# Options of $OUT/TARGET.options for libFuzzer, as run_fuzzer makes them.
libfuzzer_options() {
	sed -n '/^\[libfuzzer\]/,/^\[/ s/^\([a-z_]*\) *= *\(.*\)$/-\1=\2/p' "$target.options"
}

# run_fuzzer DIRECTORY PROGRAM ARGUMENT...: with the options, into $work/log
run_fuzzer() {
	local directory=$1 program=$2 options
	shift 2
	mapfile -t options < <(libfuzzer_options)
	inside "$directory" "$program" "$@" "${fuzzer_arguments[@]}" "${options[@]}" >"$work/log" 2>&1
}

log_says() { grep -qE -- "$1" "$work/log"; }

# starts DIRECTORY PROGRAM: the shortest run of that engine
starts() {
	case $engine in
	libfuzzer) run_fuzzer "$1" "$2" -seed=1337 -runs=4 && log_says 'Done 4 runs' ;;
	*) inside "$1" "$2" "/tmp/seeds/$(seed_name)" >"$work/log" 2>&1 ;;
	esac
}

seed_name() { find "$work/tmp/seeds" -type f -printf '%f\n' | LC_ALL=C sort | head -n 1; }

check_engine() {
	case $engine in
	libfuzzer) check_libfuzzer ;;
	afl) check_afl ;;
	none)
		starts / "/out/${target##*/}" && log_says '\.\.\. ok$' && echo "runs a file: $(tail -n 1 "$work/log")"
		;;
	esac
}

check_libfuzzer() {
	local edges
	starts / "/out/${target##*/}" || return
	if log_says 'ERROR: no interesting inputs were found'; then
		echo "no coverage instrumentation"
		return 1
	fi
	edges=$(sed -nE 's/^INFO: Loaded [0-9]+ module.*\(.*(counters|guards)\): *([0-9]+).*/\2/p' "$work/log" | head -n 1)
	echo "-seed=1337 -runs=4: Done 4 runs, ${edges:-0} edges"
	((${edges:-0} >= 100))
}

# Two seconds are enough to see what bad_build_check waits for half a minute for.
check_afl() {
	local execs
	mkdir -p "$work/tmp/afl/in"
	echo input >"$work/tmp/afl/in/input"
	chmod -R a+rwX "$work/tmp/afl"
	settings=("${afl_settings[@]}")
	inside /out /out/afl-fuzz -V 2 -m none -t 5000+ -i /tmp/afl/in -o /tmp/afl/out -x "/out/${target##*/}.dict" -- \
		"/out/${target##*/}" >"$work/log" 2>&1 || :
	settings=()
	log_says 'All set and ready to roll' || return
	! log_says 'target binary (crashed|terminated)' || return
	execs=$(sed -n 's/^execs_done *: *//p' "$work/tmp/afl/out/default/fuzzer_stats" 2>/dev/null)
	echo "All set and ready to roll, ${execs:-0} executions"
	((${execs:-0} > 0))
}

# The target works from anywhere, named in any way.
check_directories() {
	local directory
	for directory in / /tmp /out; do
		starts "$directory" "/out/${target##*/}" || {
			echo "not from $directory"
			return 1
		}
	done
	starts /out "./${target##*/}" || {
		echo "not by a relative name"
		return 1
	}
	echo "from /, /tmp, /out and as ./${target##*/}"
}

# Files that are opened for writing, made, renamed or removed by a run; devices do not count.
check_writes() {
	local strace name=${target##*/} seed writes
	command -v strace >/dev/null || {
		echo "no strace"
		return 2
	}
	seed=$(seed_name)
	rm -f "$work/tmp/strace"
	strace=(strace -f -qq -e trace=%file -o /tmp/strace)
	# LeakSanitizer does not work under ptrace
	settings=(ASAN_OPTIONS=detect_leaks=0)
	if [[ $engine == libfuzzer ]]; then
		run_fuzzer / "${strace[@]}" "/out/$name" -seed=1337 -runs=200
	else
		inside / "${strace[@]}" "/out/$name" "/tmp/seeds/$seed" >"$work/log" 2>&1
	fi || {
		settings=()
		return 1
	}
	settings=()
	[[ -s $work/tmp/strace ]] || return 1
	writes=$(grep -E 'O_(WRONLY|RDWR|CREAT)|^[0-9]+ +(mkdir|rename|unlink|link|symlink|truncate|chmod|fchmod|chown|lchown|fchown|mknod)[a-z0-9]*\(' \
		"$work/tmp/strace" | grep -vE '= -1 |"/dev/|"(/tmp/|'"$work/tmp"')' | head -n 1)
	echo "$(wc -l <"$work/tmp/strace") calls with file names${writes:+; writes: $writes}"
	[[ -z $writes ]]
}

# argv[0] after LLVMFuzzerInitialize is what it was: /proc shows it, while strace holds up the exit.
check_argv() {
	local name=/out/${target##*/} job pid seen found='' what=("/tmp/seeds/$(seed_name)")
	command -v strace >/dev/null || {
		echo "no strace"
		return 2
	}
	[[ $engine != libfuzzer ]] || what=(-runs=0)
	rm -f "$work/tmp/pid"
	settings=(ASAN_OPTIONS=detect_leaks=0)
	# -D: the target has the process id of the shell, strace is beside it
	# shellcheck disable=SC2016
	inside / sh -c 'echo $$ >"$1"; shift; exec strace -D -qq -o /dev/null -e trace=exit_group \
		-e inject=exit_group:delay_enter=500000 "$@"' sh /tmp/pid "$name" "${what[@]}" >"$work/log" 2>&1 &
	job=$!
	settings=()
	while kill -0 "$job" 2>/dev/null; do
		sleep 0.05
		[[ -s $work/tmp/pid ]] && pid=$(cat "$work/tmp/pid") || continue
		seen=$({ tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | head -n 1)
		[[ -z $seen || $seen == sh || $seen == strace ]] || found=$seen
	done
	wait "$job" || return
	echo "${found:-not seen}"
	[[ $found == "$name" || $found == "$(outside_name "$name")" ]]
}

check_seeds() {
	local count
	rm -rf "$work/tmp/seeds"
	mkdir -p "$work/tmp/seeds"
	unzip -q "${target}_seed_corpus.zip" -d "$work/tmp/seeds" >"$work/log" 2>&1 || return
	chmod -R a+rX "$work/tmp/seeds"
	count=$(find "$work/tmp/seeds" -type f | wc -l)
	if [[ $engine == libfuzzer ]]; then
		run_fuzzer / "/out/${target##*/}" -runs=0 /tmp/seeds && log_says "#$((count + 1))?.*INITED"
	else
		inside /tmp/seeds sh -c 'exec "$0" ./*' "/out/${target##*/}" >"$work/log" 2>&1
	fi || return
	echo "$count files unpacked and run"
	((count > 0))
}

check_merge() {
	rm -rf "$work/tmp/merged"
	mkdir -m 777 "$work/tmp/merged"
	run_fuzzer / "/out/${target##*/}" -merge=1 /tmp/merged /tmp/seeds || return
	echo "$(find "$work/tmp/merged" -type f | wc -l) files kept"
	[[ -n $(find "$work/tmp/merged" -type f) ]]
}

check_dictionary() {
	local entries
	run_fuzzer / "/out/${target##*/}" -dict="/out/${target##*/}.dict" -runs=4 || return
	entries=$(sed -n 's/^Dictionary: \([0-9]*\) entries$/\1/p' "$work/log")
	echo "${entries:-0} entries"
	((${entries:-0} > 0 && entries == $(grep -cE '^[^#]*"' "$target.dict")))
}

# Sections and keys that ClusterFuzz knows; libFuzzer's own are asked from the target.
check_options() {
	local line section='' count=0 known=''
	if [[ $engine == libfuzzer ]]; then
		inside / "/out/${target##*/}" -help=1 >"$work/log" 2>&1 || return
		known=$(sed -nE 's/^ ([a-z_]+) *\t.*/\1/p' "$work/log")
	fi
	while IFS= read -r line; do
		case $line in
		'' | '#'*) ;;
		'[libfuzzer]' | '[asan]' | '[msan]' | '[ubsan]' | '[env]' | '[afl]') section=$line ;;
		*)
			if [[ -z $section || ! $line =~ ^([a-z_]+)\ *=\ *[^\ ]+$ ]]; then
				echo "cannot read '$line'"
				return 1
			fi
			if [[ $section == '[libfuzzer]' && -n $known && $'\n'$known$'\n' != *$'\n'"${BASH_REMATCH[1]}"$'\n'* ]]; then
				echo "libFuzzer has no option '${BASH_REMATCH[1]}'"
				return 1
			fi
			count=$((count + 1))
			;;
		esac
	done <"$target.options"
	echo "$count options${known:+, all known to the target}"
	((count > 0))
}

# The profile that the coverage job makes of the corpus, over the engine's own sources, which it must still find.
check_profile() {
	local covered
	rm -rf "$work/tmp/merged" "$work/tmp/profile"
	mkdir -m 777 "$work/tmp/merged" "$work/tmp/profile"
	settings=(LLVM_PROFILE_FILE=/tmp/profile/%p.profraw)
	run_fuzzer / "/out/${target##*/}" -merge=1 /tmp/merged /tmp/seeds
	local rc=$?
	settings=()
	((rc == 0)) || return
	llvm-profdata merge -sparse -o "$work/tmp/profile/all" "$work"/tmp/profile/*.profraw >"$work/log" 2>&1 || return
	llvm-cov export -summary-only -instr-profile "$work/tmp/profile/all" "$target" >"$work/tmp/profile/json" 2>"$work/log" || return
	covered=$(jq -r '[.data[0].files[] | select(.filename | test("/src/model/")) | .summary.lines] |
		"\(map(.covered) | add) of \(map(.count) | add) lines"' "$work/tmp/profile/json")
	echo "src/model: $covered"
	[[ $covered =~ ^[1-9][0-9]*\ of ]]
}
