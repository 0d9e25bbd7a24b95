#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every verb on bad days: an empty file, random bytes, files that cannot be read, a directory of many files, a full
# disk, Ctrl-C in the middle. The exit code is one of the documented ones, a fault is one line, nothing is left half
# written. Verbs are taken from --help, so that a new one is tried, too. ctest: timeout=900
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
disk=$work/disk
cleanup() {
	mountpoint -q "$disk" && umount "$disk"
	rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1
skipped=()

mapfile -t verbs < <("$rmapfuzz" --help | awk '/^$/ && n++ { exit } /^  [a-z]/ { print $1 }')

# takes VERB WORD: what its arguments are called; needs VERB: it does nothing without any.
takes() { "$rmapfuzz" "$1" --help | sed -n 1p | grep -q -- "$2"; }
needs() { ! "$rmapfuzz" "$1" --help | sed -n 1p | grep -qE -- '\[OPTION\.\.\.\]( \[.*)? *$'; }
has_option() { "$rmapfuzz" "$1" --help | grep -qE -- "(^|[ ,])$2([= ,]|\$)"; }

# Lines that say what is wrong, as opposed to what a verb tells of itself on the way.
faults() { grep -cE '^(rmapfuzz|[^ ]+:[0-9]+:[0-9]+:)' "$1"; }

# try WHAT CODES COMMAND...: exit code among CODES, one fault for 1 (at most $most), none for 0; nothing a sanitizer says
most=1
try() {
	local what=$1 codes=" $2 " rc lines
	shift 2
	timeout 300 "$@" >out 2>err </dev/null
	rc=$?
	lines=$(faults err)
	if [[ $codes != *" $rc "* ]]; then
		fail "$what: exit code $rc, wanted$codes: $(head -n 2 err)"
	elif [[ $rc == 1 ]] && ((lines < 1 || lines > most)); then
		fail "$what: $lines faults on standard error instead of one: $(head -n 3 err)"
	elif [[ $rc == 0 && $lines != 0 ]]; then
		fail "$what: exit code 0, but $(head -n 1 err)"
	elif grep -qE 'ERROR: |runtime error:' err; then
		fail "$what: $(grep -E 'ERROR: |runtime error:' err | head -n 1)"
	else
		ok
	fi
}

nothing_left() { # nothing_left WHAT DIRECTORY: no temporary names
	local left
	left=$(find "$2" -name '.*.??????' -print -quit)
	if [[ -z $left ]]; then ok; else fail "$1: $left is left"; fi
}

: >empty
: >empty.prog
head -c 3000 /dev/urandom >random-3000
head -c 7 /dev/urandom >random-7
head -c 200000 /dev/urandom >random-200000
printf '\1\0\0\0' | cat - random-3000 >random-relative
printf '\201\0\0\0' | cat - random-3000 >random-resolved
mkfifo pipe
mkdir few
cp "$source"/corpus/seeds/{b,z}*.prog "$source"/corpus/regress/2010-*.prog few/
nr_few=$(find few -type f | wc -l)
mkdir -p many/0
cp "$source"/corpus/seeds/*.prog "$source"/tests/conformance/random/*.prog many/0
nr_many=$(find many/0 -type f | wc -l)
for ((i = 1; i * nr_many < 10000; i++)); do
	cp -lr many/0 "many/$i"
done

for verb in "${verbs[@]}"; do
	has_option "$verb" --hours && continue # it works until told otherwise: overnight.sh has its bad days
	has_option "$verb" --seeds && continue # for hours, too: score.sh
	if ! takes "$verb" FILE && needs "$verb"; then
		try "$verb, no argument" 1 "$rmapfuzz" "$verb"
		for argument in empty random-3000 nowhere few /proc/self/mem; do
			try "$verb $argument" 1 "$rmapfuzz" "$verb" "$argument"
		done
		nothing_left "$verb" .
		[[ $(find few -type f | wc -l) == "$nr_few" ]] || fail "$verb moved what is none of its business"
		continue
	fi
	if ! takes "$verb" FILE; then
		try "$verb" 0 "$rmapfuzz" "$verb"
		try "$verb, standard output full" 1 bash -c "'$rmapfuzz' $verb >/dev/full"
		try "$verb, unknown argument" 1 bash -c "'$rmapfuzz' $verb frobnicate >/dev/null 2>all; rc=\$?; sed -n '1s/^/rmapfuzz: /p' all >&2; exit \$rc"
		continue
	fi
	try "$verb, no file" 1 "$rmapfuzz" "$verb"
	for file in empty empty.prog; do
		try "$verb $file" '0 1' "$rmapfuzz" "$verb" "$file"
	done
	for file in random-*; do
		try "$verb $file" '0 1 77' "$rmapfuzz" "$verb" "$file"
	done
	try "$verb, no such file" 1 "$rmapfuzz" "$verb" nowhere
	grep -q nowhere err || fail "$verb, no such file: does not name it"
	try "$verb, a file that reads as an error" 1 "$rmapfuzz" "$verb" /proc/self/mem
	if has_option "$verb" --json; then
		cp few/zygote.prog $'latin-\xe9.prog'
		try "$verb --json, a name that is not UTF-8" '0 1 77' "$rmapfuzz" "$verb" --json $'latin-\xe9.prog'
		if [[ $verb == min ]] || jq -e . out >/dev/null; then ok; else fail "$verb --json, a name that is not UTF-8: no JSON"; fi
		rm -f $'latin-\xe9.prog'
	fi
	try "$verb, a device without end" 1 "$rmapfuzz" "$verb" /dev/zero
	try "$verb few files" '0 1 77' "$rmapfuzz" "$verb" few
	try "$verb few files and one that is not there" 1 "$rmapfuzz" "$verb" few nowhere
	nothing_left "$verb" .
	[[ $(find few -type f | wc -l) == "$nr_few" ]] || fail "$verb wrote into a directory that it read"
done

# ---- files without permission, as nobody: root reads everything
mkdir secret
cp few/zygote.prog secret/a.prog
cp few/zygote.prog secret/b.prog
chmod 000 secret/b.prog
chmod 755 . secret
as_nobody=()
((EUID != 0)) || as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if "${as_nobody[@]}" test -x "$rmapfuzz" -a -r secret/a.prog 2>/dev/null; then
	for verb in "${verbs[@]}"; do
		takes "$verb" FILE || continue
		try "$verb, no permission" 1 "${as_nobody[@]}" "$rmapfuzz" "$verb" "$PWD/secret/b.prog"
		grep -q 'b.prog: Permission denied' err || fail "$verb, no permission: $(head -n 1 err)"
	done
	try 'run, no permission for one of two' 1 "${as_nobody[@]}" "$rmapfuzz" run "$PWD/secret"
	if grep -q 'a.prog: ok' out; then ok; else fail 'run, no permission for one of two: the other was not run'; fi
else
	skipped+=('files without permission: nobody cannot reach the command')
fi

# ---- many files
for verb in run distill; do
	try "$verb, 10,000 files" '0 77' "$rmapfuzz" "$verb" many
done
try 'fmt, 10,000 files' 0 "$rmapfuzz" fmt --bytes -o bytes many
[[ $(find bytes -type f | wc -l) == $(find many -type f | wc -l) ]] || fail 'fmt, 10,000 files: some are missing'
try 'migrate, 10,000 files' 0 "$rmapfuzz" migrate -o migrated bytes
if diff -rq bytes migrated >/dev/null; then ok; else fail 'migrate, 10,000 files: not the same'; fi
rm -rf migrated

# ---- a full disk
for verb in "${verbs[@]}"; do
	takes "$verb" FILE || continue
	"$rmapfuzz" "$verb" few/zygote.prog >out 2>/dev/null </dev/null
	[[ ! -s out ]] || try "$verb, standard output full" 1 bash -c "'$rmapfuzz' $verb few/zygote.prog >/dev/full"
done
mkdir "$disk"
if ((EUID == 0)) && mount -t tmpfs -o size=64k,nr_inodes=64 none "$disk" 2>/dev/null; then
	for verb in "${verbs[@]}"; do
		takes "$verb" FILE && has_option "$verb" --output || continue
		cat /dev/zero >"$disk/filler" 2>/dev/null
		most=9 # a verb may have several files to write
		try "$verb --output, disk full" 1 "$rmapfuzz" "$verb" -o "$disk/x" few/2010-swapin-newest-anon-vma.prog
		most=1
		[[ ! -f $disk/x ]] || fail "$verb --output, disk full: a half-written file"
		[[ -z $(find "$disk/x" -type f 2>/dev/null) ]] || fail "$verb --output, disk full: a half-written file below x"
		nothing_left "$verb --output, disk full" "$disk"
		rm -rf "${disk:?}"/*
	done
	printf 'A mmap 0 1 rw\n#= linux 7.3\n' >"$disk/a.prog"
	printf '  A   read 0\n' >"$disk/b.prog"
	cp "$disk"/?.prog .
	cat /dev/zero >"$disk/filler" 2>/dev/null
	try 'run --update, disk full' 1 "$rmapfuzz" run --update "$disk/a.prog"
	try 'fmt --in-place, disk full' 1 "$rmapfuzz" fmt --in-place "$disk/b.prog"
	if cmp -s a.prog "$disk/a.prog" && cmp -s b.prog "$disk/b.prog"; then ok; else fail 'disk full: sources were damaged'; fi
	nothing_left 'in place, disk full' "$disk"
	umount "$disk"
else
	skipped+=('a full disk: needs root and tmpfs')
fi

# ---- Ctrl-C, first where it cannot be missed: while a file is being waited for
set -m # else bash would have background commands ignore it
interrupt() { # interrupt WHAT CODES SECONDS COMMAND...
	local what=$1 codes=" $2 " delay=$3 pid rc
	shift 3
	"$@" >out 2>err </dev/null &
	pid=$!
	sleep "$delay"
	kill -INT "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	rc=$?
	if [[ $codes != *" $rc "* ]]; then
		fail "$what, Ctrl-C: exit code $rc, wanted$codes: $(head -n 2 err)"
	elif [[ -n $(pgrep -P "$pid") ]]; then
		fail "$what, Ctrl-C: a child stays"
	else
		ok
	fi
}
for verb in "${verbs[@]}"; do
	takes "$verb" FILE || continue
	interrupt "$verb pipe" 72 0.3 "$rmapfuzz" "$verb" pipe
	interrupt "$verb many" '0 1 72 77' 0.3 "$rmapfuzz" "$verb" many
	nothing_left "$verb, Ctrl-C" .
done
interrupt 'run pipe and another' 72 0.3 "$rmapfuzz" run pipe few/zygote.prog
interrupt 'run many' 72 0.5 "$rmapfuzz" run many
interrupt 'distill many' 72 0.5 "$rmapfuzz" distill many
for ((try = 0; try < 5; try++)); do
	rm -rf text
	interrupt 'fmt bytes' '0 72' "0.$((try * 2 + 1))" "$rmapfuzz" fmt -o text bytes
	nothing_left 'fmt bytes, Ctrl-C' text
	"$rmapfuzz" fmt --strict text >/dev/null 2>err || fail "fmt bytes, Ctrl-C: $(head -n 1 err)"
done

for reason in "${skipped[@]}"; do
	echo "skipped: $reason"
done
finish
