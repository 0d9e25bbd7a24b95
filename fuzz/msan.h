/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a fuzzing engine hands over is initialized, and MemorySanitizer does not
 * know it where the engine is not instrumented. Must be nothing at all in other
 * builds: OSS-Fuzz takes more than three calls for a build with MSan.
 */
#ifndef RMAPFUZZ_FUZZ_MSAN_H
#define RMAPFUZZ_FUZZ_MSAN_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define WITH_MSAN 1
#endif
#endif

#ifdef WITH_MSAN
#include <sanitizer/msan_interface.h>
#define from_engine(at, size) __msan_unpoison(at, size)
#else
#define from_engine(at, size) ((void)(at), (void)(size))
#endif

#endif
