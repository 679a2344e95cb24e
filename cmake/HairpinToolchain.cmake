# The language, the warnings that are errors, and the hardening that every target gets.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

find_program(HAIRPIN_CCACHE ccache)
if(HAIRPIN_CCACHE)
    # It must be told that precompiled headers are what it takes them for.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${HAIRPIN_CCACHE})
endif()

include(CheckPIESupported)
check_pie_supported()

add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Werror -fno-omit-frame-pointer
                    -fstack-protector-strong -fstack-clash-protection -fcf-protection=full)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-g")
if(HAIRPIN_SANITIZE)
    set(CMAKE_CXX_FLAGS_DEBUG "-g1")   # lines are enough for a report, and build in half the time
endif()
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_options(-D_GLIBCXX_ASSERTIONS)   # the containers check their own use; too dear on the packet path
endif()
if(HAIRPIN_SANITIZE)
    add_compile_options(-fsanitize=${HAIRPIN_SANITIZE} -fno-sanitize-recover=all)
    if(CMAKE_CXX_COMPILER_ID MATCHES Clang)   # whose list it is
        add_compile_options(-fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/cmake/not-ours.ignorelist)
    endif()
    add_link_options(-fsanitize=${HAIRPIN_SANITIZE} -fuse-ld=lld)   # it links what the sanitizers make of it in a quarter of the time
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
add_link_options(-Wl,-z,relro,-z,now)
