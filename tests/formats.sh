#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Byte files of every format that was ever committed still are the programs that they were: tests/formats/vN/NAME.bin is
# NAME.prog, and migrate makes canonical bytes of the present format of it. ctest: timeout=120
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
cd "$source/tests/formats" || exit 1

refuses() { # refuses WHAT PATTERN COMMAND...
	local what=$1 pattern=$2 rc
	shift 2
	"$@" >"$work/stdout" 2>"$work/stderr" </dev/null
	rc=$?
	is "$what: exit code and one line" test "$rc $(wc -l <"$work/stderr") $(wc -c <"$work/stdout")" = '1 1 0'
	is "$what: words" grep -q -- "$pattern" "$work/stderr"
}

files=0 weights=
for file in v*/*.bin; do
	files=$((files + 1))
	"$rmapfuzz" fmt -o "$work/text" "$file"
	if ! cmp -s "$work/text" "${file%.bin}.prog"; then weights=1; fi
	is "$file as text" diff "$work/text" "${file%.bin}.prog"
	"$rmapfuzz" migrate -o "$work/new" "$file"
	"$rmapfuzz" fmt --bytes -o "$work/bytes" "${file%.bin}.prog"
	is "$file migrated" cmp "$work/new" "$work/bytes"
	is "$file migrated, canonical" "$rmapfuzz" fmt --strict "$work/new"
	rm -f "$work/text" "$work/new" "$work/bytes"
done
is 'samples' test "$files" -ge 15
[[ -z $weights ]] ||
	echo "If weights or rules have changed on purpose, a new byte format is due: docs/program.md, 'Changing weights'"

cp -r v1 "$work/in"
rm "$work"/in/*.prog
cp -r "$work/in" "$work/before"
is 'a directory' "$rmapfuzz" migrate -o "$work/out" "$work/in"
is 'a directory: all there' test "$(ls "$work/in")" = "$(ls "$work/out")"
is 'a directory: sources as before' diff -r "$work/in" "$work/before"
is 'in place' "$rmapfuzz" migrate --in-place "$work/in"
is 'in place: the same' diff -r "$work/in" "$work/out"

printf '\177\0\0\0\xb0\0\0\3\0\0' >"$work/alien"
printf '\1\0\0\0\xb0\0\0\3\0\0' >"$work/known"
printf '\1\0' >"$work/short"
cp "$work/alien" "$work/in/alien"
refuses 'unknown format' 'byte format 127 is unknown; known: 1 2 3' "$rmapfuzz" migrate "$work/alien"
read -ra versions < <(sed 's/.*known: //' "$work/stderr")
for version in "${versions[@]}"; do
	is "samples of format $version" test -e "v$version/relative.bin"
done
refuses 'no header' 'no program' "$rmapfuzz" migrate "$work/short"
refuses 'text' 'is text' "$rmapfuzz" migrate v1/relative.prog
refuses 'unknown --unknown-as' 'unknown byte format' "$rmapfuzz" migrate --unknown-as=77 "$work/alien"
refuses 'onto itself' 'would overwrite itself' "$rmapfuzz" migrate -o "$work/known" "$work/known"
is 'unknown read as known' "$rmapfuzz" migrate --unknown-as=1 -o "$work/a" "$work/alien"
is 'known' "$rmapfuzz" migrate -o "$work/b" "$work/known"
is 'unknown read as known: the same' cmp "$work/a" "$work/b"
before=$(sha1sum <"$work/in/alien")
"$rmapfuzz" migrate --in-place "$work/in" >"$work/out.log" 2>&1
is 'a bad file among good ones: exit code' test $? = 1
is 'a bad file among good ones: counted' grep -q '1 bad' "$work/out.log"
is 'a bad file is left alone' test "$before" = "$(sha1sum <"$work/in/alien")"

finish
