#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ./build.sh coverage: the committed corpus reaches what the baseline says; less is noticed, and named.
# ctest: timeout=600
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
cd "$work" || exit 1

coverage() { "$source/build.sh" coverage "$@"; }
summary=$source/build/coverage/functions.json baseline=$source/coverage/baseline.json

expect 'pages' 0 'pages: build/coverage/html/index.html' coverage "$source/corpus/seeds"
if grep -q 'model/anon_vma.c' "$source/build/coverage/html/index.html"; then ok; else fail 'pages: no anon_vma.c'; fi

# a folder of the corpus is gone
expect 'without distilled' 1 '^lost: src/model/migrate.c ' coverage --check "$source"/corpus/{seeds,regress}
equal 'a line each function' "$(grep -c '^lost: ' out)" "$(grep '^lost: ' out | cut -d' ' -f2-3 | sort -u | wc -l)"
expect 'without regress' 1 '^lost: src/model/release.c bug_turn_back is not reached any more' \
	coverage --check "$source"/corpus/{seeds,distilled}
mkdir relative
cp "$source/corpus/seeds/zygote.prog" relative/
expect 'a directory by a relative path' 1 '^lost: ' coverage --check relative

expect 'as committed' 0 'no function of the engine lost coverage' coverage --check
cp "$summary" before.json
expect 'again' 0 'no function' coverage --check
if cmp -s "$summary" before.json; then ok; else fail 'not the same twice'; fi
if jq -e '.functions | length > 300 and all(.regions[0] <= .regions[1] and .lines[0] <= .lines[1])' "$summary" >jq; then ok; else fail "JSON: $(head -c 200 jq)"; fi

# other baselines
jq '.functions["src/model/fork.c was_here"] = .functions["src/model/fork.c dup_mmap"]' "$baseline" >gone.json
expect 'a function that is gone' 1 '^gone: src/model/fork.c was_here .*--update' coverage --check --baseline gone.json
jq 'del(.functions["src/model/fork.c dup_mmap"])' "$baseline" >new.json
expect 'a new function' 0 '^note: src/model/fork.c dup_mmap is not in the baseline yet' coverage --check --baseline new.json
jq '.clang = "1.0" | .functions["src/model/rmap.c rmap_walk"].branches = [9, 9]' "$baseline" >other.json
expect 'another compiler' 0 'note: the baseline is of clang 1.0' coverage --check --baseline other.json
jq '.functions["src/model/rmap.c rmap_walk"].branches = [9, 9]' "$baseline" >branch.json
expect 'a branch less' 1 '^lost: src/model/rmap.c rmap_walk: [0-9]+ of [0-9]+ branches not reached, were 0 of 9' \
	coverage --check --baseline branch.json

expect 'no such directory' 1 'no such directory' coverage nowhere
expect 'unknown option' 1 "unknown option '--chekc'" coverage --chekc
expect 'no baseline' 1 'no baseline' coverage --check --baseline nowhere.json
printf 'A jump 0\n' >relative/bad.prog
expect 'a program that cannot be read' 1 'bad.prog:1:3' coverage relative
finish
