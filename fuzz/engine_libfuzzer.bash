# SPDX-License-Identifier: GPL-2.0-only
# libFuzzer for fuzz/run.bash, and the verb merge. Its functions use the variables of fuzz(); must never decide how
# a run begins or ends.

libfuzzer_presets=fuzz
libfuzzer_dir=corpus # build/corpus[-release][-bug]

# The [libfuzzer] section as command line options.
fuzzer_settings() {
	sed -n '/^\[libfuzzer\]/,/^\[/ s/^\([a-z_]*\) *= *\(.*\)$/-\1=\2/p' "$options_file"
}

libfuzzer_replay() { exec "$bin/rmap_fuzzer" "${own[@]}" "${only[@]}" "${flags[@]}" "${inputs[@]}"; }

libfuzzer_prepare() { mkdir -p "$corpus"; }

libfuzzer_exec() {
	local settings
	mapfile -t settings < <(fuzzer_settings)
	exec "$bin/rmap_fuzzer" "${own[@]}" "${only[@]}" "${settings[@]}" -max_total_time="$seconds" -print_final_stats=1 \
		-artifact_prefix=build/crashes/ "${flags[@]}" "${inputs[@]}" "$corpus" ${seeds:+"$seeds"}
}

libfuzzer_last_status() { tail -c 8192 "$log" | grep -a '^#.* cov:' | tail -n 1; }

libfuzzer_status() {
	libfuzzer_last_status | sed -E 's/^[^c]*//; s/ (lim|rss|L|MS): .*( exec)/\2/; s/ rss:.*//'
}

libfuzzer_sum() {
	say "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1) executions$(libfuzzer_last_status |
		sed -E 's/.* cov: ([0-9]+).* corp: ([0-9]+).*/, coverage \1, \2 programs in the corpus/')"
}

# The file that libFuzzer wrote last, if it wrote one.
libfuzzer_finding() {
	sed -nE 's/.*Test unit written to (.*\/(crash|leak|timeout|oom)-[0-9a-f]+)$/\1/p' "$log" | tail -n 1
}

libfuzzer_reason() { grep -avE '^(INFO|WARNING|stat::|#)' "$log" | tail -n 20; }

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
