#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The one build for OSS-Fuzz and ClusterFuzzLite: fills $OUT with the fuzz target, its seed corpus, dictionary and
# options. Compilers and flags are those of the environment, unchanged; nothing is written but $OUT and $WORK.
# oss-fuzz/build.sh, .clusterfuzzlite/build.sh and `./build.sh build` with OSS-Fuzz's variables set end here.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
: "${OUT:?is the directory that gets filled}"
dir=${WORK:-$root/build}/oss-fuzz
generator=()
command -v ninja >/dev/null && generator=(-G Ninja)

# build SUBDIRECTORY TARGET CMAKE_OPTION...
build() {
	local sub=$dir/$1 target=$2
	shift 2
	cmake -S . -B "$sub" "${generator[@]}" -DCMAKE_BUILD_TYPE= -DRMAPFUZZ_WERROR=OFF "$@"
	cmake --build "$sub" --target "$target" --parallel "$(nproc)"
}

rm -rf -- "$dir"
mkdir -p -- "$OUT"

# The base image has no library for the engine "none", whose targets bring a main() of their own.
if [[ ${FUZZING_ENGINE:-} == none && ! -e ${LIB_FUZZING_ENGINE:-} ]]; then
	build target rmap_fuzzer-standalone
	cp "$dir/target/bin/rmap_fuzzer-standalone" "$OUT/rmap_fuzzer"
else
	build target rmap_fuzzer -DRMAPFUZZ_ENGINE="${LIB_FUZZING_ENGINE:?is what the target is linked with}"
	cp "$dir/target/bin/rmap_fuzzer" "$OUT/"
fi
cp cmake/rmap_fuzzer.options "$OUT/rmap_fuzzer.options"
cp dictionaries/rmap.dict "$OUT/rmap_fuzzer.dict"

# The byte forms of the corpus come out of a second build without the flags: a program for an engine, or with a
# sanitizer, may not run here.
(unset CFLAGS CXXFLAGS && build seeds seeds)
rm -f -- "$OUT/rmap_fuzzer_seed_corpus.zip"
(cd "$dir/seeds/seeds" && zip -q "$OUT/rmap_fuzzer_seed_corpus.zip" ./*)
