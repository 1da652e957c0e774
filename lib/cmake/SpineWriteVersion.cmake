# cmake -DGIT=... -DSOURCE=FOLDER -DVERSION=0.1.0 -DFILE=HEADER -P SpineWriteVersion.cmake: the version,
# commit and cleanness of a checkout as a header (SpineVersion.cmake), which is left alone where it
# says the same already.
function(spine_git result)
  execute_process(COMMAND ${GIT} --no-optional-locks ${ARGN} WORKING_DIRECTORY ${SOURCE}
    OUTPUT_VARIABLE answer RESULT_VARIABLE code OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT code EQUAL 0)
    set(answer "")
  endif()
  set(${result} "${answer}" PARENT_SCOPE)
endfunction()

set(commit unknown)
set(dirty false)
# Without a .git of its own a source archive may lie in somebody else's checkout.
if(GIT AND EXISTS ${SOURCE}/.git)
  spine_git(head rev-parse HEAD)
  if(head)
    set(commit ${head})
    string(SUBSTRING ${head} 0 7 short)
    string(APPEND VERSION "+${short}")
    spine_git(changes status --porcelain --untracked-files=no)
    if(changes)
      set(dirty true)
      string(APPEND VERSION ".dirty")
    endif()
  endif()
endif()

set(text "// Generated at every build.
#define SPINE_VERSION \"${VERSION}\"
#define SPINE_COMMIT \"${commit}\"
#define SPINE_DIRTY ${dirty}
")
set(before "")
if(EXISTS ${FILE})
  file(READ ${FILE} before)
endif()
if(NOT before STREQUAL text)
  file(WRITE ${FILE} "${text}")
endif()
