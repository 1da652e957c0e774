# spine_version(RESULT): "0.1.0+abc1234", the project's version with the short commit; without the
# commit where there is no .git or no git. Every commit configures anew.
find_package(Git QUIET)

function(spine_git result)
  set(answer "")
  if(GIT_FOUND)
    execute_process(COMMAND ${GIT_EXECUTABLE} ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      OUTPUT_VARIABLE answer OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  set(${result} "${answer}" PARENT_SCOPE)
endfunction()

function(spine_version result)
  set(version ${PROJECT_VERSION})
  if(EXISTS ${PROJECT_SOURCE_DIR}/.git)
    spine_git(commit rev-parse --short=7 HEAD)
    if(commit)
      string(APPEND version "+${commit}")
    endif()
    spine_git(log rev-parse --git-path logs/HEAD)
    get_filename_component(log "${log}" ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
    if(EXISTS ${log} AND NOT IS_DIRECTORY ${log})
      set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${log})
    endif()
  endif()
  set(${result} ${version} PARENT_SCOPE)
endfunction()
