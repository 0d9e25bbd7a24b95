#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The man page and the completion: well-formed, complete, installed. Verbs and options are taken from --help.
# ctest: timeout=120
. "$RMAPFUZZ_SOURCE_DIR/tests/shared.bash"
cd "$work" || exit 1

"$rmapfuzz" --man >page
"$rmapfuzz" --completion >completion
mapfile -t verbs < <("$rmapfuzz" --help | awk '/^$/ && n++ { exit } /^  [a-z]/ { print $1 }')
is 'verbs' test "${#verbs[@]}" -ge 11

# ---- the page
if command -v groff >/dev/null; then
	is 'groff takes the page' groff -man -ww -z page
	is 'groff has nothing to say' test ! -s log
	groff -man -Tascii -P-cbou -rLL=200n page >plain 2>/dev/null
	is 'the page has text' grep -q 'rmapfuzz - programs' plain
else
	sed 's/\\-/-/g; s/\\f[BIR]//g; s/\\(aq/'"'"'/g' page >plain
fi
for verb in "${verbs[@]}"; do
	"$rmapfuzz" "$verb" --help >help
	is "$verb --help has an example or says what it prints" test "$(wc -l <help)" -ge 6
	is "$verb is in the page" grep -q "^ *rmapfuzz $verb \[OPTION" plain
	awk -v verb="$verb" '/^ *(.SS ")?rmapfuzz [a-z0-9]+"?$/ || /^(.SH )?[A-Z]/ { inside = $NF == verb || $NF == verb "\"" } inside' plain >section
	for option in $(grep -oE '^ +(-., +| +)--[a-z0-9-]+' help | grep -oE -- '--[a-z0-9-]+'); do
		[[ $option != --help && $option != --usage ]] || continue
		is "$verb $option is in the page" grep -qE -- "(^| )$option([= ,[]|\$)" section
		is "$verb $option is completed" grep -qE -- "^	$verb\) options=.*$option[= \"]" completion
	done
done

# ---- completion, in a bash that knows nothing else
cat >try.bash <<-'END'
	source "$1"
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_rmapfuzz
	printf '%s\n' "${COMPREPLY[@]}"
END
complete_to() { # complete_to WANTED WORD...: WANTED is what is offered, or *part* of it
	local wanted=$1 got
	shift
	got=$(bash --norc try.bash completion "$@" 2>&1 | tr '\n' ' ')
	# shellcheck disable=SC2053 # a pattern
	[[ ${got% } == $wanted ]] || {
		echo "'$*' gives '${got% }', wanted '$wanted'"
		return 1
	}
}
touch some.prog 'with blank.prog'
mkdir run
is 'it is registered' bash --norc -c 'source completion && complete -p rmapfuzz'
is 'all verbs' complete_to "${verbs[*]} --help --version --man --completion" rmapfuzz ''
is 'one verb, though a directory is called so' complete_to run rmapfuzz ru
is 'options' complete_to '*--release=*--bug=*' rmapfuzz run --
is 'one option' complete_to '--quiet' rmapfuzz run --qu
is 'options of that verb alone' complete_to '' rmapfuzz dict --rel
is 'releases behind a blank' complete_to '6.18 6.18.8' rmapfuzz run --release 6.18
is 'releases behind =' complete_to '*2.6.34-rc3*7.3' rmapfuzz run --release =
is 'part of a release behind =' complete_to '6.18 6.18.8' rmapfuzz run --release = 6.18
is 'releases of the short option' complete_to '7.0-rc1 7.0-rc5 7.0 7.3' rmapfuzz run -r 7
is 'bugs by id and by name' complete_to 'swapin-newest-anon-vma' rmapfuzz run --bug swapin-n
is 'bugs by id' complete_to 'S01 S02*' rmapfuzz trace -b S
is 'checks' complete_to 'all' rmapfuzz run --check a
is 'checks in a list' complete_to 'I1,I7' rmapfuzz run --check I1,I7
is 'ways to recycle' complete_to 'late now malloc' rmapfuzz run --recycle ''
is 'colours' complete_to 'always' rmapfuzz trace --color al
is 'files' complete_to 'some.prog' rmapfuzz run so
is 'files with blanks' complete_to 'with blank.prog' rmapfuzz run wi
is 'files of an option' complete_to 'some.prog' rmapfuzz fmt -o so
is 'arguments of bugs' complete_to 'S01' rmapfuzz bugs S01
is 'arguments of releases' complete_to '7.0-rc1 7.0-rc5 7.0 7.3' rmapfuzz releases 7
is 'arguments of ops' complete_to 'mprotect mprotect-begin' rmapfuzz ops mpr
is 'arguments of invariants' complete_to 'I2 I20 I21*' rmapfuzz invariants I2

# ---- version, installation
version=$(sed -n 's/^project(rmapfuzz VERSION \([0-9.]*\) .*/\1/p' "$source/CMakeLists.txt")
is 'version' bash -c "[[ \$('$rmapfuzz' --version | head -n 1) == 'rmapfuzz $version' ]]"
build=$(dirname "$(readlink -f "$rmapfuzz")")/..
is 'installs' cmake --install "$build" --prefix "$work/usr"
is 'installed: the command' "$work/usr/bin/rmapfuzz" --version
is 'installed: the page' cmp page "$work/usr/share/man/man1/rmapfuzz.1"
is 'installed: the completion' cmp completion "$work/usr/share/bash-completion/completions/rmapfuzz"

finish
