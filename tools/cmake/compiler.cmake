# Compiler, warnings and hardening, the same for every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(MYELIN_SANITIZE "Build with address and undefined-behaviour sanitizers" OFF)
option(MYELIN_SANITIZE_THREADS "Build with the thread sanitizer" OFF)
option(MYELIN_SABOTAGE "Build in the faults of base/sabotage.h, which the tests must find; never for a release" OFF)
option(MYELIN_UNIT_TESTS "Build the unit tests" OFF)
option(MYELIN_FUZZ "Build the fuzz targets, with the coverage instrumentation they steer by" OFF)
option(MYELIN_FUZZ_REPLAY "Build the fuzz targets without instrumentation, to replay their seeds" OFF)

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "Myelin builds with clang 19 or newer; run ./dev build, which installs it, or pass -DCMAKE_CXX_COMPILER=clang++-19")
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough -Wextra-semi -Wunused -Werror -fno-omit-frame-pointer)
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>")
add_link_options(-fuse-ld=lld-19)

# SSE4.2 and PCLMUL are what CRC-32C at memory speed needs; every x86-64 server since 2011 has them.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-march=x86-64-v2 -mpclmul)
endif()

if(MYELIN_SANITIZE)
  add_compile_options(-O1 -gline-tables-only -fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
  if(MYELIN_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
elseif(MYELIN_SANITIZE_THREADS)
  add_compile_options(-O1 -gline-tables-only -fsanitize=thread)
  add_link_options(-fsanitize=thread)
else()
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -gline-tables-only")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS
    -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE)
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()
