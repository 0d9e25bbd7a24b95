/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * WITH_ASAN is defined in builds with AddressSanitizer, whichever compiler
 * made them. Holds no code.
 */
#ifndef RMAPFUZZ_ASAN_H
#define RMAPFUZZ_ASAN_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(WITH_ASAN)
#define WITH_ASAN 1
#endif

#endif
