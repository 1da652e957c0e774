#pragma once
#include <string>

namespace spine::apps {

/// Shows progress on stderr: one line rewritten on a terminal, one line each in a log.
void show_progress(const std::string& line);
/// Writes a line to stderr, in place of a line of progress.
void show_message(const std::string& line);

}  // namespace spine::apps
