# spine_version_header(TARGET FILE): every build looks at the checkout again and writes FILE, where it
# changes, before TARGET is compiled:
#
#   SPINE_VERSION  "0.1.0+abc1234", with ".dirty" behind it where tracked files had changes that were
#                  not committed; "0.1.0" where there is no .git or no git
#   SPINE_COMMIT   the whole name of the commit, or "unknown"
#   SPINE_DIRTY    true or false
#
# .git may be a file, as in worktrees and submodules.
find_package(Git QUIET)
set(SPINE_VERSION_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/SpineWriteVersion.cmake)

function(spine_version_header target file)
  add_custom_target(spine_version_header
    COMMAND ${CMAKE_COMMAND} -DGIT=${GIT_EXECUTABLE} -DSOURCE=${PROJECT_SOURCE_DIR}
            -DVERSION=${PROJECT_VERSION} -DFILE=${file} -P ${SPINE_VERSION_SCRIPT}
    BYPRODUCTS ${file} VERBATIM)
  add_dependencies(${target} spine_version_header)
endfunction()
