# SPDX-License-Identifier: GPL-2.0-only
# AFL++ (4.04) for fuzz/run.bash. Its functions use the variables of fuzz(); must never decide how a run begins or
# ends. The target's options go through the environment, for AFL++'s driver takes every argument for an input.
# An AFL_ variable that is set already, be it empty, stays as it is.

afl_presets='fuzz release afl' # the command, the mutator library, the target
afl_dir=afl-out                # build/afl-out[-release][-bug]

# default NAME VALUE: of an environment variable
default() { [[ -v $1 ]] || export "$1=$2"; }

# An option --name=value of the target as RMAPFUZZ_NAME; what may be given more than once is a list with commas.
afl_environment() {
	local option name
	local -A given=()
	for option in "${own[@]}" "${only[@]}"; do
		name=${option%%=*}
		name=${name#--}
		name=RMAPFUZZ_${name^^}
		name=${name//-/_}
		export "$name=${given[$name]:+${!name},}${option#*=}"
		given[$name]=1
	done
	default AFL_CUSTOM_MUTATOR_LIBRARY "$root/$bin/librmap_mutator.so"
	default AFL_CUSTOM_MUTATOR_ONLY 1
	default AFL_BENCH_UNTIL_CRASH 1
	default AFL_AUTORESUME 1
	default AFL_NO_UI 1
	default AFL_NO_AFFINITY 1 # it would refuse to start where all cores are taken
	default AFL_SKIP_CPUFREQ 1
	default AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES 1 # a pipe as core_pattern only makes them slow
}

afl_replay() {
	afl_environment
	exec "$bin/rmap_fuzzer-afl" "${inputs[@]}"
}

# One of the settings that both engines share.
afl_setting() { sed -n "s/^$1 *= *//p" "$options_file"; }

# It starts from one directory, and wants something there. Its counters go on when it is resumed.
afl_prepare() {
	local directory
	afl_execs_before=0
	if [[ -e $corpus/default/fuzzer_stats ]]; then
		afl_execs_before=$(afl_stat execs_done)
		((!${#inputs[@]})) || die "AFL++ reads other directories only when it begins: with --empty, or without $corpus"
		return
	fi
	rm -rf "$corpus"
	mkdir -p "$corpus/in"
	printf '\n' >"$corpus/in/newline"
	for directory in ${seeds:+"$seeds"} "${inputs[@]}"; do
		cp -r "$directory/." "$corpus/in/"
	done
}

afl_exec() {
	afl_environment
	exec afl-fuzz -V "$seconds" -t "$(afl_setting timeout)000" -G "$(afl_setting max_len)" -m none \
		"${flags[@]}" -i "$corpus/in" -o "$corpus" -- "$bin/rmap_fuzzer-afl"
}

# afl_stat NAME: from fuzzer_stats, which is written once a minute and at the end.
afl_stat() { sed -n "s/^$1 *: *//p" "$corpus/default/fuzzer_stats" 2>/dev/null || :; }

# From plot_data, which gets a line every five seconds as long as something changes, but none in the first minute.
afl_status() {
	if [[ $corpus/default/plot_data -nt $began_file ]]; then
		tail -n 1 "$corpus/default/plot_data" | awk -F', *' '/^[0-9]/ {
			printf "edges: %s corp: %s exec/s: %d crashes: %s hangs: %s\n", $13, $4, $11, $8, $9; any = 1 }
			END { exit !any }' && return
	fi
	tail -c 8192 "$log" | sed -nE 's/.*Fuzzing test case #.*\(([0-9]+) total, ([0-9]+) crashes.*/corp: \1 crashes: \2/p' |
		tail -n 1
}

afl_sum() {
	local execs
	execs=$(afl_stat execs_done)
	say "$((${execs:-0} - afl_execs_before)) executions, $(afl_stat edges_found) edges," \
		"$(afl_stat corpus_count) programs in the corpus, stability $(afl_stat stability)"
}

# The last crash or else hang of this run, under the name that libFuzzer would give it.
afl_finding() {
	local kind file artifact
	for kind in crash:crashes timeout:hangs; do
		file=$(find "$corpus/default/${kind#*:}" -name 'id:*' -newer "$began_file" 2>/dev/null | sort | tail -n 1)
		[[ -n $file ]] || continue
		artifact=build/crashes/${kind%:*}-$(sha1sum <"$file" | cut -d' ' -f1)
		cp "$file" "$artifact"
		say "$artifact"
		return
	done
}

afl_reason() { sed -E 's/\x1b(\[[0-9;?]*[A-Za-z]|\(B)//g' "$log" | sed -n '/^ *\[-\]/,$p' | grep -v '^ *$' | head -n 20; }
