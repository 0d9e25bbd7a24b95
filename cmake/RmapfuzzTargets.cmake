# SPDX-License-Identifier: GPL-2.0-only
# The kinds of targets. A room without sources is an empty library, a program without sources is left out.

find_path(XXHASH_INCLUDE_DIR xxhash.h)

# What the command needs beyond the C library: all of it, or there is no command.
set(RMAPFUZZ_COMMAND_LIBRARIES)
foreach(library jansson:jansson.h md:sha1.h cmark-gfm:cmark-gfm.h cmark-gfm-extensions:cmark-gfm-core-extensions.h expat:expat.h)
	string(REPLACE ":" ";" pair ${library})
	list(GET pair 0 name)
	list(GET pair 1 header)
	find_library(RMAPFUZZ_LIBRARY_${name} ${name})
	find_path(RMAPFUZZ_HEADER_${name} ${header})
	if(RMAPFUZZ_LIBRARY_${name} AND RMAPFUZZ_HEADER_${name})
		list(APPEND RMAPFUZZ_COMMAND_LIBRARIES ${RMAPFUZZ_LIBRARY_${name}})
	else()
		list(APPEND missing_of_command ${name})
	endif()
endforeach()
if(missing_of_command)
	message(STATUS "The command rmapfuzz is left out, for want of ${missing_of_command}: ./build.sh deps")
	set(RMAPFUZZ_COMMAND_LIBRARIES)
endif()

add_library(rmapfuzz_common INTERFACE)
target_include_directories(rmapfuzz_common INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(XXHASH_INCLUDE_DIR)
	# header only: nothing to link, and sanitizers see it
	target_compile_definitions(rmapfuzz_common INTERFACE XXH_INLINE_ALL=)
endif()

function(rmapfuzz_sources result)
	list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/)
	file(GLOB sources CONFIGURE_DEPENDS ${ARGN})
	set(${result} ${sources} PARENT_SCOPE)
endfunction()

# rmapfuzz_library(ROOM [DEPENDS ROOM...] [OPTIONS compile-option...])
function(rmapfuzz_library room)
	cmake_parse_arguments(arg "" "" "DEPENDS;OPTIONS" ${ARGN})
	list(TRANSFORM arg_DEPENDS PREPEND rmapfuzz_)
	rmapfuzz_sources(sources src/${room}/*.c)
	if(sources)
		add_library(rmapfuzz_${room} STATIC ${sources})
		target_link_libraries(rmapfuzz_${room} PUBLIC rmapfuzz_common ${arg_DEPENDS})
		target_compile_options(rmapfuzz_${room} PRIVATE ${arg_OPTIONS})
	else()
		add_library(rmapfuzz_${room} INTERFACE)
		target_link_libraries(rmapfuzz_${room} INTERFACE rmapfuzz_common ${arg_DEPENDS})
	endif()
endfunction()

# rmapfuzz_program(NAME ROOM pattern...): a program on top of a room
function(rmapfuzz_program name room)
	rmapfuzz_sources(sources ${ARGN})
	if(sources)
		add_executable(${name} ${sources})
		target_link_libraries(${name} PRIVATE rmapfuzz_${room})
	endif()
endfunction()

# rmapfuzz_fuzzer(NAME pattern...): with clang's libFuzzer, or with the engine from outside
function(rmapfuzz_fuzzer name)
	if(NOT RMAPFUZZ_LIBFUZZER AND NOT RMAPFUZZ_ENGINE)
		return()
	endif()
	rmapfuzz_program(${name} driver ${ARGN})
	if(NOT TARGET ${name})
		return()
	endif()
	if(RMAPFUZZ_ENGINE)
		separate_arguments(engine UNIX_COMMAND "${RMAPFUZZ_ENGINE}")
		target_link_libraries(${name} PRIVATE ${engine})
		set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
	else()
		target_link_options(${name} PRIVATE -fsanitize=fuzzer)
	endif()
endfunction()

# The fuzz target with a model whose comparisons libFuzzer sees as well: -use_value_profile=1 does nothing without.
# Objects, so that none of the other model is linked.
function(rmapfuzz_value_profile name)
	if(NOT RMAPFUZZ_LIBFUZZER)
		return()
	endif()
	rmapfuzz_sources(model src/model/*.c)
	add_library(rmapfuzz_model_compared OBJECT ${model})
	target_link_libraries(rmapfuzz_model_compared PRIVATE rmapfuzz_common)
	target_compile_options(rmapfuzz_model_compared PRIVATE ${RMAPFUZZ_FEEDBACK} -fsanitize-coverage=trace-cmp)
	rmapfuzz_fuzzer(${name} ${ARGN})
	target_sources(${name} PRIVATE $<TARGET_OBJECTS:rmapfuzz_model_compared>)
endfunction()

# The mutator as objects for the tests, and as a custom mutator library for AFL++. Objects, not an archive:
# fuzzing engines refer to it weakly, and a weak reference takes nothing out of an archive.
function(rmapfuzz_mutator)
	rmapfuzz_sources(mutator fuzz/mutator*.c)
	add_library(rmapfuzz_mutator OBJECT ${mutator})
	target_include_directories(rmapfuzz_mutator PUBLIC ${CMAKE_SOURCE_DIR}/fuzz)
	target_link_libraries(rmapfuzz_mutator PUBLIC rmapfuzz_program)

	rmapfuzz_sources(library fuzz/afl_mutator.c fuzz/mutator*.c src/program/*.c)
	add_library(rmap_mutator MODULE ${library})
	target_link_libraries(rmap_mutator PRIVATE rmapfuzz_common)
	target_compile_options(rmap_mutator PRIVATE -fvisibility=hidden)
	set_target_properties(rmap_mutator PROPERTIES PREFIX lib LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# The byte forms of the corpus, in seeds/ of the build directory: gen_seeds DIRECTORY FILE.prog...
function(rmapfuzz_seeds)
	rmapfuzz_sources(programs corpus/seeds/*.prog corpus/regress/*.prog corpus/distilled/*.prog)
	if(NOT programs OR NOT TARGET gen_seeds)
		return()
	endif()
	set(seeds ${CMAKE_BINARY_DIR}/seeds)
	add_custom_command(
		OUTPUT ${seeds}.stamp
		COMMAND ${CMAKE_COMMAND} -E rm -rf ${seeds}
		COMMAND ${CMAKE_COMMAND} -E make_directory ${seeds}
		COMMAND gen_seeds ${seeds} ${programs}
		COMMAND ${CMAKE_COMMAND} -E touch ${seeds}.stamp
		DEPENDS gen_seeds ${programs}
		COMMENT "Making the byte forms of the corpus")
	add_custom_target(seeds ALL DEPENDS ${seeds}.stamp)
endfunction()

# rmapfuzz_embed(TARGET FILE): NAME.h has the text as the string NAME[], for #include. NAME is that of the file
# without .c.in, with _ for each dot.
function(rmapfuzz_embed target file)
	string(REGEX REPLACE "^.*/|\\.c\\.in$" "" name ${file})
	string(REPLACE "." "_" name ${name})
	set(header ${CMAKE_BINARY_DIR}/embedded/${name}.h)
	set(script ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake)
	add_custom_command(
		OUTPUT ${header}
		COMMAND ${CMAKE_COMMAND} -DINPUT=${CMAKE_SOURCE_DIR}/${file} -DOUTPUT=${header} -DNAME=${name} -P ${script}
		DEPENDS ${file} ${script}
		COMMENT "Making ${name}.h")
	target_sources(${target} PRIVATE ${header})
	target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/embedded)
endfunction()

# The command with its man page and completion, which it makes itself: in share/ of the build directory, and installed.
function(rmapfuzz_install name)
	include(GNUInstallDirs)
	set(man ${CMAKE_BINARY_DIR}/share/man/man1/${name}.1)
	set(completion ${CMAKE_BINARY_DIR}/share/bash-completion/completions/${name})
	file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/man/man1 ${CMAKE_BINARY_DIR}/share/bash-completion/completions)
	add_custom_command(
		OUTPUT ${man} ${completion}
		COMMAND ${name} --man > ${man}
		COMMAND ${name} --completion > ${completion}
		DEPENDS ${name}
		COMMENT "Making the man page and the completion")
	add_custom_target(manual ALL DEPENDS ${man} ${completion})
	install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
	install(FILES ${man} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
	install(FILES ${completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endfunction()
