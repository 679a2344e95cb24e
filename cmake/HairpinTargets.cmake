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

# hairpin_library(<folder> SOURCES a.cc ... [DEPENDS folder ...] [LINKS target ...] [PRIVATE_LINKS target ...])
function(hairpin_library folder)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LINKS;PRIVATE_LINKS" ${ARGN})
    hairpin_include_root(${folder} root)
    add_library(hairpin_${folder} STATIC ${ARG_SOURCES})
    target_include_directories(hairpin_${folder} PUBLIC ${root})
    foreach(known IN LISTS ARG_DEPENDS)
        target_link_libraries(hairpin_${folder} PUBLIC hairpin_${known})
    endforeach()
    target_link_libraries(hairpin_${folder} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
    if(HAIRPIN_SANITIZE AND NOT folder IN_LIST hairpin_heavy_folders)
        target_compile_options(hairpin_${folder} PRIVATE -O0)
    endif()
endfunction()

# hairpin_program(<name> SOURCES main.cc ... DEPENDS folder ... LINKS target ...)
function(hairpin_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LINKS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    foreach(known IN LISTS ARG_DEPENDS)
        target_link_libraries(${name} PRIVATE hairpin_${known})
    endforeach()
    target_link_libraries(${name} PRIVATE ${ARG_LINKS})
endfunction()

# hairpin_test(<folder> SUITE unit|scenarios SOURCES ... DEPENDS folder ... LINKS target ...): test_<folder>, run by ctest -L <suite>.
# TOGETHER: sources whose names do not clash are compiled several at once, which spares reading the same headers for each.
# `check` counts what GoogleTest reports in test_<folder>.json, so the test is named for its folder and its program test_<folder>.
function(hairpin_test folder)
    cmake_parse_arguments(ARG "TOGETHER" "SUITE" "SOURCES;DEPENDS;LINKS" ${ARGN})
    find_package(GTest REQUIRED)
    hairpin_program(test_${folder} SOURCES ${ARG_SOURCES} DEPENDS ${ARG_DEPENDS}
                    LINKS ${ARG_LINKS} hairpin_test_json GTest::gmock GTest::gtest GTest::gtest_main)
    target_precompile_headers(test_${folder} REUSE_FROM hairpin_test_headers)
    if(ARG_TOGETHER)
        set_target_properties(test_${folder} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 5)
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
