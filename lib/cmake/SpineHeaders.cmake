cmake_minimum_required(VERSION 3.25)  # also when installing

# spine_public_headers(SOURCE_DIR RESULT): the headers of the library that are installed, relative to
# lib/: those that another folder of lib/spine or a command includes, and what they include
# themselves. A header that only its own folder includes is private. `io` and `stages` count as one
# folder each.
function(spine_public_headers source_dir result)
  file(GLOB_RECURSE sources RELATIVE ${source_dir}/lib
    ${source_dir}/lib/spine/*.h ${source_dir}/lib/spine/*.cpp ${source_dir}/apps/*.cpp)
  set(new)
  foreach(source ${sources})
    file(STRINGS ${source_dir}/lib/${source} lines REGEX "^#include \"spine/")
    string(REGEX REPLACE "#include \"([^\"]*)\"" "\\1" headers "${lines}")
    set(included_by_${source} ${headers})
    string(REGEX REPLACE "^(\\.\\./apps|spine/[a-z]*)/.*" "\\1" folder ${source})
    foreach(header ${headers})
      string(REGEX REPLACE "^(spine/[a-z]*)/.*" "\\1" owner ${header})
      if(NOT owner STREQUAL folder)
        list(APPEND new ${header})
      endif()
    endforeach()
  endforeach()
  set(public)
  while(new)
    list(POP_FRONT new header)
    if(NOT header IN_LIST public)
      list(APPEND public ${header})
      list(APPEND new ${included_by_${header}})
    endif()
  endwhile()
  list(SORT public)
  set(${result} ${public} PARENT_SCOPE)
endfunction()
