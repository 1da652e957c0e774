#pragma once
#include <exception>
#include <functional>

#include <sys/wait.h>
#include <unistd.h>

namespace spine::test {

/// Runs something in a process of its own, to its end or to its death.
/// @returns its exit code; 99 when it throws, -1 when a signal ended it
inline int exit_code_of_child(const std::function<int()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 99;
    try {
      code = action();
    } catch (const std::exception&) {
      // Said by the code.
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace spine::test
