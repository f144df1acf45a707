# mcp_library(NAME SOURCES ... LINK ...): one static library of a folder; includes start at the repository root.
function(mcp_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(${name} PUBLIC ${arg_LINK} fmt::fmt PRIVATE ${arg_PRIVATE})
endfunction()

# mcp_test_program(NAME SOURCES ... LINK ...): a Catch2 program; -O0, unity batches of 8.
function(mcp_test_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINK} mcp_test_support)
  target_compile_options(${name} PRIVATE -O0)
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
endfunction()

# mcp_test(NAME SOURCES ... LINK ...): a Catch2 program that ctest runs.
function(mcp_test name)
  mcp_test_program(${name} ${ARGN})
  add_test(NAME ${name} COMMAND ${name})
endfunction()
