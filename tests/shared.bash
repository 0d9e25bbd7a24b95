# SPDX-License-Identifier: GPL-2.0-only
# What scripts of tests/ begin and end with: they source this, run checks, and call finish. No test by itself.
set -uo pipefail

# shellcheck disable=SC2034 # for the scripts
rmapfuzz=$RMAPFUZZ_BIN_DIR/rmapfuzz source=$RMAPFUZZ_SOURCE_DIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

ok() { passed=$((passed + 1)); }

fail() {
	echo "FAILED $*"
	failed=$((failed + 1))
}

# is WHAT COMMAND...: the command succeeds
is() {
	local what=$1
	shift
	if "$@" >"$work/log" 2>&1; then ok; else fail "$what: $(head -n 6 "$work/log")"; fi
}

# check WHAT EXIT_CODE ARGUMENT...: of the verb that the script has set as $verb; output in $work/out and $work/err
check() {
	local what=$1 wanted=$2 got
	shift 2
	"$rmapfuzz" "$verb" "$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	if ((got == wanted)); then ok; else fail "$what: exit $got, wanted $wanted: $(head -n 2 "$work/err")"; fi
}

# expect WHAT EXIT_CODE PATTERN COMMAND...: of a command in the current directory; leaves out and err there
expect() {
	local what=$1 wanted=$2 pattern=$3 got
	shift 3
	"$@" >out 2>err </dev/null
	got=$?
	if [[ $got != "$wanted" ]]; then
		fail "$what: exit $got, wanted $wanted: $(head -n 2 err out)"
	elif ! grep -qE -- "$pattern" out err; then
		fail "$what: no '$pattern' in: $(head -n 3 out err)"
	else
		ok
	fi
}

# equal WHAT A B
equal() { if [[ $2 == "$3" ]]; then ok; else fail "$1: '$2' is not '$3'"; fi; }

# says WHAT TEXT, silent WHAT TEXT: of that output
says() { if grep -qF -- "$2" "$work/out"; then ok; else fail "$1: does not say '$2'"; fi; }
silent() { if grep -qF -- "$2" "$work/out"; then fail "$1: says '$2'"; else ok; fi; }

finish() {
	echo "$passed passed, $failed failed"
	((failed == 0))
}
