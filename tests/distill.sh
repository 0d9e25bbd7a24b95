#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# rmapfuzz distill: what is kept has all features and nothing to spare, whatever the order of the files; every kind of
# bad input, a full disk and Ctrl-C leave nothing half-written; and the committed corpus is small, quick and needed.
# ctest: timeout=240
set -uo pipefail

run=$RMAPFUZZ_BIN_DIR/rmapfuzz
corpus=$RMAPFUZZ_SOURCE_DIR/corpus
work=$(mktemp -d)
trap 'umount "$work/small" 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

ok() {
	if "${@:2}"; then
		passed=$((passed + 1))
	else
		echo "FAILED $1"
		failed=$((failed + 1))
	fi
}
same() { [[ $1 == "$2" ]] || { printf '  %s\n  %s\n' "$1" "$2" >&2; return 1; }; }

# exits WANTED PATTERN COMMAND...: the exit code, one line on standard error where it is 1, and a pattern in the output
exits() {
	local wanted=$1 pattern=$2 got lines
	shift 2
	"$@" >out 2>err </dev/null
	got=$?
	lines=$(wc -l <err)
	if [[ $got != "$wanted" ]] || ! grep -qE -- "$pattern" out err || [[ $wanted == 1 && -s err && $lines != 1 ]]; then
		echo "  exit $got, wanted $wanted '$pattern': $(head -n 3 out err)" >&2
		return 1
	fi
}
kept_features() { "$run" distill --json "$@" | jq -r .features; }

# the choice -------------------------------------------------------------------------------------------------

all=$(kept_features "$corpus/seeds" "$corpus/regress")
ok 'writes a directory' exits 0 'kept [0-9]+ programs' "$run" distill -o one "$corpus/seeds" "$corpus/regress"
ok 'all features are kept' same "$(kept_features one)" "$all"
ok 'copies are the files as they were' bash -c "for f in one/*; do cmp -s \"\$f\" '$corpus'/*/\"\${f##*/}\" ||
	cmp -s \"\$f\" '$corpus/seeds'/\"\${f##*/}\" || cmp -s \"\$f\" '$corpus/regress'/\"\${f##*/}\" || exit 1; done"
ok 'nothing could go' exits 0 'none could go' "$run" distill --check one
ok 'stable' exits 0 . "$run" distill -o two one
ok 'stable: the same files' diff -r one two
# without any one of them something is lost: the smallest and the largest, one in the middle
for file in $(ls -S one | sed -n '1p;20p;$p'); do
	mkdir less && cp one/* less/ && rm "less/$file"
	ok "without $file features are lost" test "$(kept_features less)" -lt "$all"
	rm -r less
done
mkdir twice && cp one/* twice/ && cp "one/$(ls one | head -n 1)" twice/again.prog
ok 'a copy could go' exits 1 'again.prog: reaches nothing' "$run" distill --check twice

# other places, other order, other times of writing: the same names
mkdir -p mixed/x/y mixed/b
find "$corpus/seeds" "$corpus/regress" -name '*.prog' | sort -r | awk '{ print $0, NR % 3 }' | while read -r file n; do
	case $n in 0) cp "$file" mixed/ ;; 1) cp "$file" mixed/x/y/ ;; *) cp "$file" mixed/b/ ;; esac
done
ok 'the order of files does not matter' same "$("$run" distill mixed/x mixed/b mixed/*.prog 2>/dev/null | sed 's|.*/||')" \
	"$("$run" distill "$corpus/regress" "$corpus/seeds" 2>/dev/null | sed 's|.*/||')"
ok '--max' same "$("$run" distill --max 7 one 2>/dev/null)" "$("$run" distill one 2>/dev/null | head -n 7)"
ok '--beyond itself keeps nothing' exits 0 'kept 0 programs' "$run" distill --beyond one one
ok '--beyond less keeps what is missing' same \
	"$("$run" distill --beyond "$corpus/seeds" "$corpus/seeds" one 2>/dev/null | sed 's|.*/||' | grep -vc '^20[0-9][0-9]-')" 0
ok '--shorten' exits 0 . "$run" distill --shorten -o short one
ok '--shorten loses no feature' test "$(kept_features short)" -ge "$all"
ok '--shorten drops operations' test "$(cat short/* | grep -c '^[A-H]')" -lt "$(cat one/* | grep -c '^[A-H]')"
ok '--shorten leaves directives' exits 77 'I[0-9]' "$run" run short/2010-clone-reverses-chain.prog
ok '--list tells why' exits 0 '^    (pair|target|decision|effect): ' "$run" distill --list one
ok 'several releases count each' exits 0 '^    5.19: ' "$run" distill --list --release 5.19 --release newest one
ok '--release all' exits 0 'and [0-9]+ more' "$run" distill --release all --list one

# forms and names --------------------------------------------------------------------------------------------

ok '--bytes' exits 0 . "$run" distill --bytes -o bytes one
ok '--text' exits 0 . "$run" distill --text -o text bytes
mkdir plain
for file in one/*; do sed '/^#!/d' "$file" >"plain/${file##*/}"; done
ok 'bytes lack nothing but directives' same "$(kept_features text)" "$(kept_features plain)"
ok 'bytes keep their names' same "$(ls bytes)" "$(ls one | sed 's/\.prog$//' | sort)"
mkdir -p clash/a clash/b
printf 'A mmap 0 1 rw\nA write 0\n' >clash/a/x.prog
printf 'A mmap 0 1 rw\nA fork B\n' >clash/b/x.prog
ok 'two files of one name' exits 0 'kept 2' "$run" distill -o clashed clash/a clash/b
ok 'one of them gets a tag' test "$(ls clashed | grep -cE '^x(-[0-9a-f]{8})?\.prog$')" = 2
ok 'standard input' bash -c "printf 'A mmap 0 1 rw\n' | '$run' distill - 2>/dev/null | grep -qx -- -"

# bad input --------------------------------------------------------------------------------------------------

mkdir empty
: >nothing
: >nothing.prog
printf 'A mmap 0 1 rw\nA jump 0\n' >bad.prog
ln -s /proc/self/mem unreadable # reads with an error, for root as well
head -c 3000 /dev/urandom >noise
printf '#! bug S99\nA mmap 0 1 rw\n' >unknown-bug.prog
ls -A >before
ok 'empty directory' exits 0 'kept 0 programs' "$run" distill empty
ok 'empty file' exits 0 'kept [01] programs' "$run" distill nothing nothing.prog
ok 'random bytes' exits 0 'kept 1 programs' "$run" distill noise
ok 'bad text' exits 1 'bad.prog:2:3: expected' "$run" distill -o new one bad.prog
ok 'unreadable' exits 1 'unreadable: ' "$run" distill -o new one unreadable
ok 'no such file' exits 1 'nowhere: No such file' "$run" distill -o new one nowhere
ok 'bad directive' exits 1 "unknown-bug.prog: unknown bug 'S99'" "$run" distill -o new one unknown-bug.prog
ok 'no file' exits 1 'no file given' "$run" distill
ok 'unknown release' exits 1 "unknown release '9.x'" "$run" distill --release 9.x one
ok 'unknown bug' exits 1 'unknown bug' "$run" distill --bug S99 one
ok 'not empty' exits 1 'two: is not empty' "$run" distill -o two one
ok 'not a directory' exits 1 'nothing: Not a directory' "$run" distill -o nothing one
ok 'no parent' exits 1 'nowhere/new: No such file' "$run" distill -o nowhere/new one
ok 'what was there is there' diff -r one two
rm -f out err
ok 'nothing was written' same "$(ls -A | grep -vxE 'out|err')" "$(grep -vxE 'out|err' before)"
ok 'an empty directory is taken' exits 0 'kept' "$run" distill -o empty one
ok 'as an empty directory: it is filled' diff -r one empty

# libFuzzer's own choice, as ./build.sh merge makes it -------------------------------------------------------

mkdir merged
ok 'merge' exits 0 'MERGE-OUTER: [1-9][0-9]* new files' "$RMAPFUZZ_BIN_DIR/rmap_fuzzer" -set_cover_merge=1 merged bytes
ok 'merge picks some of the files' test "$(ls merged | wc -l)" -lt "$(ls bytes | wc -l)"
rm -r merged

# a full disk and Ctrl-C -------------------------------------------------------------------------------------

mkdir small
if mount -t tmpfs -o size=64k none small 2>/dev/null; then
	ok 'full disk' exits 1 'No space left' "$run" distill -o small/new one
	ok 'full disk: nothing is left' same "$(ls -A small)" ''
	umount small
else
	echo 'no right to mount a small disk: not tried'
fi
if [[ -c /dev/full ]]; then
	ok 'full disk behind standard output' exits 1 'No space left' bash -c "'$run' distill one 2>&1 >/dev/full | tail -n 1 >&2; exit \${PIPESTATUS[0]}"
fi
mkdir many
for file in one/*; do
	for i in {1..40}; do
		ln "$file" "many/$i-${file##*/}"
	done
done
ls -A | grep -vxE 'out|err' >before
timeout --foreground --preserve-status -s INT 1 "$run" distill --release all -o interrupted many >out 2>err
ok 'Ctrl-C' same $? 72
timeout --foreground --preserve-status -s INT 2 "$run" distill --release all --shorten -o interrupted "$corpus" many >out 2>err
ok 'Ctrl-C, maybe while shortening' same $? 72
ok 'Ctrl-C: nothing is left' same "$(ls -A | grep -vxE 'out|err')" "$(cat before)"

# the committed corpus ---------------------------------------------------------------------------------------

programs=$(find "$corpus" -name '*.prog' | wc -l)
ok "fewer than 500 programs: $programs" test "$programs" -lt 500
ok 'none over 8 kB' same "$(find "$corpus" -name '*.prog' -size +8k)" ''
# a change of the rules may make some of them superfluous; docs/corpus.md says how to choose again
eras=(--release newest --release 6.12 --release 5.19 --release 3.7)
spare=$("$run" distill --check --json "${eras[@]}" --beyond "$corpus/seeds" --beyond "$corpus/regress" "$corpus/distilled" |
	jq '.not_needed | length')
ok "at most a tenth of the distilled programs could go: $spare" test "$spare" -le $(($(ls "$corpus/distilled" | wc -l) / 10))
ok 'they reach more than the stories do' test "$(kept_features "$corpus")" -gt $((all * 2))
began=${EPOCHREALTIME/./}
ok 'clean under the newest release' exits 0 "$programs programs.* 0 violations" "$run" run --quiet --release newest "$corpus"
took=$(((${EPOCHREALTIME/./} - began) / 1000))
ok "replayed in 5 seconds: $took ms" test "$took" -lt 5000

echo "$passed passed, $failed failed"
((failed == 0))
