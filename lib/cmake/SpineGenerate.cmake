# Runs COMMAND_LINE --generate KIND and writes what it prints to FILE.
execute_process(COMMAND ${COMMAND_LINE} --generate ${KIND}
  OUTPUT_VARIABLE text RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${COMMAND_LINE} --generate ${KIND}: exit code ${code}")
endif()
file(WRITE ${FILE} "${text}")
