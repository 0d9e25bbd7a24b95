# SPDX-License-Identifier: GPL-2.0-only
# Every tests/test_*.c is a cmocka suite, every tests/*.sh a script; both are CTest tests of that name.
# A line "ctest: timeout=SECONDS label=NAME serial" in a comment near the top of the file changes the defaults:
# 300 seconds, the label suite or script, beside other tests.
#
# Suites are compiled with RMAPFUZZ_SOURCE_DIR and RMAPFUZZ_BIN_DIR; scripts find the same in their environment.
find_library(CMOCKA_LIBRARY cmocka)
if(NOT CMOCKA_LIBRARY)
	message(FATAL_ERROR "cmocka is missing: ./build.sh deps")
endif()

rmapfuzz_sources(suites tests/test_*.c)
rmapfuzz_sources(scripts tests/*.sh)
rmapfuzz_sources(shared tests/*.c)
list(REMOVE_ITEM shared ${suites} "")

set(where "RMAPFUZZ_SOURCE_DIR=${CMAKE_SOURCE_DIR}" "RMAPFUZZ_BIN_DIR=${RMAPFUZZ_BIN_DIR}")
set(where_c RMAPFUZZ_SOURCE_DIR="${CMAKE_SOURCE_DIR}" RMAPFUZZ_BIN_DIR="${RMAPFUZZ_BIN_DIR}")

add_library(rmapfuzz_test INTERFACE)
target_link_libraries(rmapfuzz_test INTERFACE rmapfuzz_minimize ${CMOCKA_LIBRARY})
target_compile_definitions(rmapfuzz_test INTERFACE ${where_c})
if(shared)
	add_library(rmapfuzz_test_shared STATIC ${shared})
	target_link_libraries(rmapfuzz_test_shared PUBLIC rmapfuzz_test)
endif()

function(rmapfuzz_test_properties name file label)
	set(timeout 300)
	set(serial OFF)
	file(STRINGS ${file} line REGEX "ctest: " LIMIT_COUNT 1)
	if(line MATCHES "timeout=([0-9]+)")
		set(timeout ${CMAKE_MATCH_1})
	endif()
	if(line MATCHES "label=([a-z0-9-]+)")
		set(label ${CMAKE_MATCH_1})
	endif()
	if(line MATCHES " serial")
		set(serial ON)
	endif()
	set(environment ${where} "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1")
	if(RMAPFUZZ_SOURCE_COVERAGE)
		list(APPEND environment "LLVM_PROFILE_FILE=${CMAKE_BINARY_DIR}/profile/${name}-%p.profraw")
	endif()
	set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} LABELS ${label} RUN_SERIAL ${serial}
		ENVIRONMENT "${environment}" WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file}) # for its ctest: line
endfunction()

set(test_programs)
foreach(suite IN LISTS suites)
	get_filename_component(name ${suite} NAME_WE)
	add_executable(${name} ${suite})
	target_link_libraries(${name} PRIVATE $<TARGET_NAME_IF_EXISTS:rmapfuzz_test_shared> rmapfuzz_test)
	if(name STREQUAL test_mutator_afl)
		add_dependencies(${name} rmap_mutator)
		target_compile_definitions(${name} PRIVATE RMAPFUZZ_MUTATOR_LIBRARY="$<TARGET_FILE:rmap_mutator>")
		target_link_libraries(${name} PRIVATE ${CMAKE_DL_LIBS})
	elseif(name MATCHES "^test_mutator")
		target_link_libraries(${name} PRIVATE rmapfuzz_mutator)
	endif()
	if(name STREQUAL test_statistics)
		target_link_libraries(${name} PRIVATE rmapfuzz_statistics)
	endif()
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	add_test(NAME ${name} COMMAND ${name})
	rmapfuzz_test_properties(${name} ${suite} suite)
	list(APPEND test_programs ${name})
endforeach()

foreach(script IN LISTS scripts)
	get_filename_component(name ${script} NAME_WE)
	add_test(NAME ${name} COMMAND bash ${script})
	rmapfuzz_test_properties(${name} ${script} script)
endforeach()

# ctest --preset coverage, then: cmake --build build/coverage --target coverage-report
if(RMAPFUZZ_SOURCE_COVERAGE AND test_programs)
	set(objects)
	foreach(name IN LISTS test_programs)
		list(APPEND objects -object $<TARGET_FILE:${name}>)
	endforeach()
	add_custom_target(coverage-report
		COMMAND sh -c "llvm-profdata merge -o all.profdata profile/*.profraw"
		COMMAND llvm-cov report -instr-profile all.profdata ${objects}
			-ignore-filename-regex=/tests/
		WORKING_DIRECTORY ${CMAKE_BINARY_DIR} VERBATIM)
endif()
