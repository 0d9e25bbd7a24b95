# SPDX-License-Identifier: GPL-2.0-only
# Where OSS-Fuzz's targets run, imitated: sourced by check.sh. As root a target runs in a chroot of its own as nobody,
# with /out and everything else read-only but /tmp, and the sources out of sight; otherwise only in a clean environment.
# Must never mount anything that the rest of the machine sees.

# Those of the base-runner image, which are those of ClusterFuzz.
readonly runner=(PATH=/usr/bin:/bin HOME=/tmp LANG=C.UTF-8
	ASAN_OPTIONS=alloc_dealloc_mismatch=0:allocator_may_return_null=1:allocator_release_to_os_interval_ms=500:check_malloc_usable_size=0:detect_container_overflow=1:detect_odr_violation=0:detect_leaks=1:detect_stack_use_after_return=1:fast_unwind_on_fatal=0:handle_abort=1:handle_segv=1:handle_sigill=1:max_uar_stack_size_log=16:print_scariness=1:quarantine_size_mb=10:strict_memcmp=1:symbolize=1:use_sigaltstack=1
	MSAN_OPTIONS=print_stats=1:symbolize=1 UBSAN_OPTIONS=print_stacktrace=1:print_summary=1:silence_unsigned_overflow=1:symbolize=1)
readonly fuzzer_arguments=(-rss_limit_mb=2560 -timeout=25)
readonly afl_settings=(AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_TRY_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_FAST_CAL=1
	AFL_FORKSRV_INIT_TMOUT=30000 ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_odr_violation=0:detect_leaks=0
	MSAN_OPTIONS=exit_code=86:symbolize=0 UBSAN_OPTIONS=silence_unsigned_overflow=1:halt_on_error=1:abort_on_error=1:symbolize=0)

# Is there a chroot to run in?
runner_init() {
	confined=''
	if ((EUID == 0)) && command -v setpriv >/dev/null && unshare --mount true 2>/dev/null; then
		confined=1
	fi
}

# The inside of the namespace: $1 the new root, $2 what becomes /out, $3 what becomes /tmp, then the command.
# shellcheck disable=SC2016 # is expanded over there
readonly enter_chroot='
set -e
root=$1 out=$2 tmp=$3
shift 3
mount -t tmpfs none "$root"
cd "$root"
mkdir usr out tmp proc dev
for directory in bin lib lib32 lib64 libx32 sbin; do
	if [ -L "/$directory" ]; then cp -a "/$directory" .; fi
done
mount --bind /usr usr
mount --bind "$out" out
mount --bind "$tmp" tmp
mount --rbind /proc proc
for device in null zero urandom; do touch dev/$device; mount --bind /dev/$device dev/$device; done
for directory in usr out .; do mount -o remount,bind,ro "$directory"; done
exec chroot . setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"'

# inside DIRECTORY COMMAND...: with /out and /tmp as they are called there; `settings` are more variables.
settings=()
inside() {
	local directory=$1 command=()
	shift
	if [[ -n $confined ]]; then
		# shellcheck disable=SC2016
		command=(unshare --mount --propagation private sh -c "$enter_chroot" enter "$work/root" "$OUT" "$work/tmp")
	else
		directory=$(outside_name "$directory")
		local word words=()
		for word; do words+=("$(outside_name "$word")"); done
		set -- "${words[@]}"
	fi
	# shellcheck disable=SC2016
	timeout 120 "${command[@]}" env -i "${runner[@]}" "${settings[@]}" sh -c 'cd "$1" && shift && exec "$@"' sh "$directory" "$@" </dev/null
}

# Without a chroot /out/... and /tmp/... are where they really are.
outside_name() {
	case $1 in
	/out | /out/*) printf '%s\n' "$OUT${1#/out}" ;;
	/tmp | /tmp/*) printf '%s\n' "$work/tmp${1#/tmp}" ;;
	*=/out/*) printf '%s\n' "${1%%=*}=$OUT${1#*=/out}" ;;
	*=/tmp/*) printf '%s\n' "${1%%=*}=$work/tmp${1#*=/tmp}" ;;
	*) printf '%s\n' "$1" ;;
	esac
}
