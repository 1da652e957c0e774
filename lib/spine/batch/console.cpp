#include "spine/batch/console.h"

#include <cstdio>
#include <iostream>
#include <utility>

#include <unistd.h>

#include "spine/util/text.h"
#include "spine/util/utf8.h"

namespace spine::batch {
namespace {

std::string formatted(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

std::string progress_text(const Counts& counts, double elapsed_s) {
  const std::size_t finalized = counts.done + counts.skipped + counts.failed + counts.excluded;
  std::string text = std::to_string(finalized) + "/" + std::to_string(counts.studies);
  if (counts.failed > 0) text += ", " + std::to_string(counts.failed) + " failed";
  if (counts.excluded > 0) text += ", " + std::to_string(counts.excluded) + " excluded";
  if (counts.skipped > 0) text += ", " + std::to_string(counts.skipped) + " skipped";
  // Skipped studies take no time, so they are ignored in the estimate.
  const std::size_t worked = counts.done + counts.failed;
  if (worked > 0 && elapsed_s > 0) {
    const double seconds_each = elapsed_s / static_cast<double>(worked);
    const double left = static_cast<double>(counts.studies - finalized);
    text += ", " + formatted("%.2f s a study", seconds_each) + ", " +
            duration_text(left * seconds_each) + " left";
  }
  return text;
}

std::string summary_text(const Counts& counts, double seconds) {
  std::string text = std::to_string(counts.studies) +
                     (counts.studies == 1 ? " study: " : " studies: ") +
                     std::to_string(counts.done) + " done";
  const auto add = [&text](std::size_t n, const char* what) {
    if (n > 0) text += ", " + std::to_string(n) + what;
  };
  add(counts.skipped, " already up to date");
  add(counts.missing, " with values missing");
  add(counts.review, " to review");
  add(counts.failed, " failed");
  add(counts.excluded, " excluded");
  add(counts.not_reached, " not reached");
  text += " in " + formatted("%.1f s", seconds);
  if (counts.done > 0) {
    text += " (" + formatted("%.2f s each", seconds / static_cast<double>(counts.done)) + ")";
  }
  return text;
}

Console::Console(Options options) : options_(std::move(options)) {
  if (options_.quiet || isatty(STDERR_FILENO) == 0) options_.progress = false;
}

void Console::error(const std::string& message) { print(message); }

void Console::info(const std::string& message) {
  if (!options_.quiet) print(message);
}

void Console::detail(const std::string& message) {
  if (options_.verbosity > 0) print(message);
}

void Console::progress(const Counts& counts) {
  if (!options_.progress) return;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (line_shown_ && now - last_drawn_ < std::chrono::milliseconds(200)) return;
  wipe();
  std::cerr << progress_text(counts, std::chrono::duration<double>(now - start_).count())
            << std::flush;
  line_shown_ = true;
  last_drawn_ = now;
}

void Console::end_progress() {
  const std::lock_guard lock(mutex_);
  wipe();
}

void Console::print(const std::string& message) {
  const std::lock_guard lock(mutex_);
  wipe();
  std::cerr << options_.command << ": " << to_printable(options_.names(message)) << std::endl;
}

void Console::wipe() {
  if (line_shown_) std::cerr << "\r\033[K" << std::flush;
  line_shown_ = false;
}

}  // namespace spine::batch
