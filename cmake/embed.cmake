# cmake -DOUT=file.hpp -DNAME=identifier -DSOURCES=a.sql;b.sql -P embed.cmake: texts of files as an array of string_views,
# in the order of their names.
list(SORT SOURCES)
set(body "")
foreach(source ${SOURCES})
  file(READ ${source} text)
  string(APPEND body "    R\"embedded(${text})embedded\",\n")
endforeach()
set(text "#pragma once\n#include <string_view>\nnamespace mcp {\ninline constexpr std::string_view ${NAME}[] = {\n${body}};\n}\n")
file(WRITE ${OUT}.new "${text}")
file(COPY_FILE ${OUT}.new ${OUT} ONLY_IF_DIFFERENT)
