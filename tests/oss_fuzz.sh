#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Would OSS-Fuzz take the target, and do its files and the workflows hold together? Four builds of the ten of
# ./build.sh check-oss-fuzz; and its checks are tried on what they must refuse. ctest: timeout=900 label=slow
. "$(dirname -- "${BASH_SOURCE[0]}")/shared.bash"
cd -- "$source" || exit 1

# matrix SANITIZER ENGINE CHECKS
matrix() {
	local last
	scripts/oss-fuzz/check.sh "$1" "$2" >"$work/matrix" 2>&1 || {
		fail "$1 $2: $(grep -A 4 FAILED "$work/matrix" | head -n 8)"
		return
	}
	last=$(tail -n 1 "$work/matrix")
	if [[ $last =~ ^([0-9]+)\ passed,\ 0\ failed && ${BASH_REMATCH[1]} -ge $3 ]]; then ok; else fail "$1 $2: $last"; fi
}
matrix address libfuzzer 14
matrix memory libfuzzer 14
matrix address afl 12
matrix undefined none 12

# The checks themselves: the fuzz target of the tests is a build with ASan and UBSan, which is one sanitizer too many.
. scripts/oss-fuzz/base_builder.bash
. scripts/oss-fuzz/base_runner.bash
. scripts/oss-fuzz/bad_build_check.bash
# refuses WHAT REASON COMMAND...: the command fails, and says why, or its log does
refuses() {
	local what=$1 reason=$2 said
	shift 2
	: >"$work/log"
	if said=$("$@" 2>&1); then
		fail "$what is accepted: $said"
	elif grep -qE -- "$reason" "$work/log" <(printf '%s\n' "$said"); then
		ok
	else
		fail "$what is refused for another reason: $said $(tail -n 2 "$work/log")"
	fi
}
confined='' OUT=$work/out WORK=$work sanitizer=address engine=libfuzzer
mkdir -p "$OUT" "$work/tmp"
target=$OUT/rmap_fuzzer
fresh() {
	rm -rf "${OUT:?}"/*
	cp "$RMAPFUZZ_BIN_DIR/rmap_fuzzer" "$target"
	cp cmake/rmap_fuzzer.options "$target.options"
	cp dictionaries/rmap.dict "$target.dict"
	(cd "${RMAPFUZZ_BIN_DIR%/bin}/seeds" && zip -q "${target}_seed_corpus.zip" ./b*)
}
fresh
is 'a good name' check_names
is 'good files' check_files
is 'a good dictionary' check_dictionary
is 'good options' check_options
is 'good seeds' check_seeds
is 'a good start' starts / /out/rmap_fuzzer
is 'argv[0]' check_argv
is 'nothing is written' check_writes
refuses 'two sanitizers' 'asan [0-9]{4,}.*ubsan [0-9]{3,}' check_sanitizers
sanitizer=memory
refuses 'no MSan' 'msan 0' check_sanitizers
sanitizer=address
refuses 'a shared C++ library' 'not linked statically: libstdc' check_libraries
touch "$OUT/rmap_fuzzer.log"
refuses 'a file of nobody' 'unknown file rmap_fuzzer.log' check_files
fresh
echo 'broken="' >>"$target.dict"
refuses 'a broken dictionary' 'ParseDictionaryFile: error in line' check_dictionary
fresh
echo 'no_such_option = 1' >>"$target.options"
refuses 'an unknown option' "no option 'no_such_option'" check_options
fresh
echo 'no zip' >"${target}_seed_corpus.zip"
refuses 'a broken seed corpus' 'End-of-central-directory' check_seeds
target=$OUT/rmap.fuzzer
refuses 'a dot in the name' '^rmap.fuzzer$' check_names
target=$OUT/rmap_fuzzer
# programs that are no target of ours: one that writes, one that changes its name
cat >"$work/writes.c" <<'C'
#include <fcntl.h>
int LLVMFuzzerTestOneInput;
int main(void) { return open("/var/tmp/rmapfuzz-oss-fuzz-test", O_WRONLY | O_CREAT, 0600) < 0; }
C
cat >"$work/renames.c" <<'C'
int LLVMFuzzerTestOneInput;
int main(int argc, char **argv) { argv[argc - argc][0] = 'X'; return 0; }
C
engine=none
mkdir -p "$work/tmp/seeds"
touch "$work/tmp/seeds/seed"
clang "$work/writes.c" -o "$target" && refuses 'a file outside of /tmp' 'writes: .*/var/tmp/rmapfuzz' check_writes
rm -f /var/tmp/rmapfuzz-oss-fuzz-test
clang "$work/renames.c" -o "$target" && refuses 'another argv[0]' '^X' check_argv
refuses 'a program that is none' 'No such file|not found' starts / /out/no_such_program

# The files of both projects: what is copied exists, what is run is there, the yaml is yaml.
for file in .github/workflows/*.yml .clusterfuzzlite/project.yaml oss-fuzz/project.yaml; do
	is "$file is yaml" yq -e . "$file"
done
equal 'the language' "$(yq -r .language oss-fuzz/project.yaml)" "$(yq -r .language .clusterfuzzlite/project.yaml)"
for file in homepage primary_contact main_repo; do
	is "project.yaml has $file" yq -e ".$file | strings" oss-fuzz/project.yaml
done
for file in .clusterfuzzlite/Dockerfile oss-fuzz/Dockerfile; do
	is "$file has a base image" grep -qE '^FROM gcr\.io/oss-fuzz-base/base-builder(:v1)?$' "$file"
	is "$file copies build.sh" grep -qE '^COPY .*build\.sh \$SRC/$' "$file"
	is "$file works in the project" grep -qxF 'WORKDIR $SRC/rmapfuzz' "$file"
done
# the context of ClusterFuzzLite's Dockerfile is the project, that of OSS-Fuzz its own folder
while read -r file; do is "COPY $file" test -e "$file"; done < <(sed -n 's/^COPY \([^ ]*\) .*/\1/p' .clusterfuzzlite/Dockerfile)
while read -r file; do is "COPY $file" test -e "oss-fuzz/$file"; done < <(sed -n 's/^COPY \([^ ]*\) .*/\1/p' oss-fuzz/Dockerfile)
for file in .clusterfuzzlite/build.sh oss-fuzz/build.sh; do
	is "$file" bash -n "$file"
	while read -r script; do is "$file runs $script" test -x "$script"; done < <(sed -n 's|^"$SRC/rmapfuzz/\(.*\)"$|\1|p' "$file")
	equal "$file runs one script" "$(grep -c '^"$SRC/rmapfuzz/scripts/oss-fuzz/build.sh"$' "$file")" 1
done
# OSS-Fuzz's presubmit looks for that in each file
for file in oss-fuzz/*; do is "$file has the licence OSS-Fuzz asks for" grep -q 'http://www.apache.org/licenses/LICENSE-2.0' "$file"; done
# Every action is pinned by commit, all modes are there, and each sanitizer that is fuzzed is one that is checked
equal 'unpinned actions' "$(grep -hE '^ *(- )?uses:' .github/workflows/*.yml | grep -cvE '@[0-9a-f]{40} # v[0-9.]+$')" 0
equal 'modes' "$(yq -r '.jobs[].steps[].with.mode // empty' .github/workflows/*.yml | sort | tr '\n' ' ')" 'batch code-change coverage prune '
equal 'sanitizers' "$(yq -r '.jobs[].strategy.matrix.sanitizer // [] | .[]' .github/workflows/*.yml | sort -u | tr '\n' ' ')" \
	'address memory undefined '
# What the workflows run exists here
while read -r file; do is "workflow runs $file" test -e "$file"; done < <(yq -r '.jobs[].steps[].run // empty' .github/workflows/*.yml |
	grep -oE '(\./build\.sh|\.ci/run)' | sort -u)

finish
