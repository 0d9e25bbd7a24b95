# SPDX-License-Identifier: GPL-2.0-only
# Compiler flags. None of them says anything about sanitizers or optimization unless a preset asked for it,
# so that a build that gets its flags from outside (OSS-Fuzz) keeps them unchanged.
add_compile_options(-Wall -Wextra -Wshadow -Wconversion)
if(RMAPFUZZ_WERROR)
	add_compile_options(-Werror)
endif()

if(RMAPFUZZ_SANITIZE)
	add_compile_options(-fsanitize=${RMAPFUZZ_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
	add_link_options(-fsanitize=${RMAPFUZZ_SANITIZE})
	if(RMAPFUZZ_SANITIZE MATCHES undefined)
		# Checks on each access through a pointer, a sixth of an operation's time. A null pointer stops
		# by itself, and every object lies in an aligned slot.
		add_compile_options(-fno-sanitize=null,alignment)
	endif()
endif()

if(RMAPFUZZ_SOURCE_COVERAGE)
	add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
	add_link_options(-fprofile-instr-generate)
endif()

# The fuzzer's feedback comes from the model alone: coverage of the codec and of the oracle says nothing new
# about the rmap and costs time. No trace-cmp: its callbacks were a tenth of all samples, and found nothing more.
set(RMAPFUZZ_FEEDBACK "")
if(RMAPFUZZ_LIBFUZZER)
	set(RMAPFUZZ_FEEDBACK -fsanitize-coverage=inline-8bit-counters,pc-table)
endif()
