# Build types: Dev (product -O1 -g1), Release (-O2, hardened), Asan. Chosen with -DCMAKE_BUILD_TYPE.
option(MCP_TESTS "Build the tests" ON)
option(MCP_WERROR "Warnings are errors" OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Dev CACHE STRING "Dev, Release or Asan" FORCE)
endif()
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2")
set(CMAKE_CXX_FLAGS_ASAN "-O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer")
set(CMAKE_EXE_LINKER_FLAGS_ASAN "-fsanitize=address,undefined")

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wsuggest-override -Wundef)
# MCP_TRY is a statement expression: GCC's -Wpedantic would refuse it.
add_compile_options(-Wno-pedantic -Wextra-semi)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(MCP_WERROR)
  add_compile_options(-Werror)
endif()

find_program(MCP_MOLD mold)
if(MCP_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
find_program(MCP_CCACHE ccache)
if(MCP_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MCP_CCACHE})
endif()
