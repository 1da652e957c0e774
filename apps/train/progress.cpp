#include "train/progress.h"

#include <iostream>

#include <unistd.h>

namespace spine::apps {

void show_progress(const std::string& line) {
  if (::isatty(STDERR_FILENO) != 0) {
    std::cerr << '\r' << line << "\033[K" << std::flush;
  } else {
    std::cerr << line << std::endl;
  }
}

void show_message(const std::string& line) {
  if (::isatty(STDERR_FILENO) != 0) std::cerr << "\r\033[K";
  std::cerr << line << std::endl;
}

}  // namespace spine::apps
