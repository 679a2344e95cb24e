# A target per folder. `hairpin_library(switch DEPENDS net)` makes hairpin_switch, whose includes reach "switch/..." and
# "net/..." and nothing else of ours: each folder publishes an include root of its own that holds only itself.
function(hairpin_include_root folder out)
    set(root ${CMAKE_BINARY_DIR}/roots/${folder})
    file(MAKE_DIRECTORY ${root})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${root}/${folder} SYMBOLIC)
    set(${out} ${root} PARENT_SCOPE)
endfunction()

# Under the sanitizers only the folders whose tests compute much are worth the optimizer's time.
set(hairpin_heavy_folders net switch gateway config)
# What waits for people, files and answers is built a quarter faster with less of it.
set(hairpin_light_folders cli docker lab manual node sidecar)

# Most of the time to compile a source goes into the headers of JSON, fmt and GoogleTest. TOGETHER: several sources are compiled as one,
# which reads them once; a name in an unnamed namespace may then stand in one source of a target only, and every source still includes
# what it uses. -DHAIRPIN_TOGETHER=OFF compiles each alone.
option(HAIRPIN_TOGETHER "Compile several sources at once, where a target allows it" ON)
# Of the datapath, fewer at once: how large a unit is decides what the compiler inlines there.
set(hairpin_datapath net switch gateway)
function(hairpin_compile_together target folder)
    set(count 24)
    if(folder IN_LIST hairpin_datapath)
        set(count 12)
    endif()
    if(HAIRPIN_TOGETHER)
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${count})
    endif()
endfunction()

# hairpin_library(<folder> [TOGETHER] SOURCES a.cc ... [DEPENDS folder ...] [LINKS target ...] [PRIVATE_LINKS target ...]
#                 [PRECOMPILED <header> ...])
# PRECOMPILED: others' headers that most of its sources include, read once for all of them.
function(hairpin_library folder)
    cmake_parse_arguments(ARG "TOGETHER" "" "SOURCES;DEPENDS;LINKS;PRIVATE_LINKS;PRECOMPILED" ${ARGN})
    hairpin_include_root(${folder} root)
    add_library(hairpin_${folder} STATIC ${ARG_SOURCES})
    target_include_directories(hairpin_${folder} PUBLIC ${root})
    foreach(known IN LISTS ARG_DEPENDS)
        target_link_libraries(hairpin_${folder} PUBLIC hairpin_${known})
    endforeach()
    target_link_libraries(hairpin_${folder} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
    if(ARG_TOGETHER)
        hairpin_compile_together(hairpin_${folder} ${folder})
    endif()
    if(ARG_PRECOMPILED)
        target_precompile_headers(hairpin_${folder} PRIVATE ${ARG_PRECOMPILED})
    endif()
    if(HAIRPIN_SANITIZE AND NOT folder IN_LIST hairpin_heavy_folders)
        target_compile_options(hairpin_${folder} PRIVATE -O0)
    endif()
    if(CMAKE_BUILD_TYPE STREQUAL "Release" AND folder IN_LIST hairpin_light_folders)
        target_compile_options(hairpin_${folder} PRIVATE -O1)
    endif()
endfunction()

# hairpin_program(<name> SOURCES main.cc ... DEPENDS folder ... LINKS target ...): what people run, built by the target hairpin_programs,
# unless it stands in tests/ or bench/.
add_custom_target(hairpin_programs)
function(hairpin_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LINKS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    foreach(known IN LISTS ARG_DEPENDS)
        target_link_libraries(${name} PRIVATE hairpin_${known})
    endforeach()
    target_link_libraries(${name} PRIVATE ${ARG_LINKS})
    if(NOT CMAKE_CURRENT_SOURCE_DIR MATCHES "^${CMAKE_SOURCE_DIR}/(tests|bench)")
        add_dependencies(hairpin_programs ${name})
    endif()
endfunction()

# hairpin_test(<folder> [TOGETHER] SUITE unit|scenarios SOURCES ... DEPENDS folder ... LINKS target ...): test_<folder>, run by
# ctest -L <suite>.
# `check` counts what GoogleTest reports in test_<folder>.json, so the test is named for its folder and its program test_<folder>.
function(hairpin_test folder)
    cmake_parse_arguments(ARG "TOGETHER" "SUITE" "SOURCES;DEPENDS;LINKS" ${ARGN})
    find_package(GTest REQUIRED)
    hairpin_program(test_${folder} SOURCES ${ARG_SOURCES} DEPENDS ${ARG_DEPENDS}
                    LINKS ${ARG_LINKS} hairpin_test_json GTest::gmock GTest::gtest GTest::gtest_main)
    target_precompile_headers(test_${folder} REUSE_FROM hairpin_test_headers)
    if(ARG_TOGETHER)
        hairpin_compile_together(test_${folder} tests)
    endif()
    add_test(NAME ${folder} COMMAND test_${folder})
    set_tests_properties(${folder} PROPERTIES LABELS ${ARG_SUITE} TIMEOUT 300)
    add_dependencies(hairpin_tests test_${folder})
endfunction()

# hairpin_fuzz(<name> [SOURCES more.cc ...] DEPENDS folder ... LINKS target ...): fuzz_<name> of tests/fuzz/<name>/harness.cc, run by
# tests/fuzz/run.
function(hairpin_fuzz name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LINKS" ${ARGN})
    hairpin_include_root(tests root)
    hairpin_program(fuzz_${name} SOURCES ${name}/harness.cc ${ARG_SOURCES} DEPENDS ${ARG_DEPENDS} LINKS ${ARG_LINKS})
    target_include_directories(fuzz_${name} PRIVATE ${root})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(hairpin_fuzz fuzz_${name})
endfunction()
