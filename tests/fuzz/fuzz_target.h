#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "support/temp_dir.h"

#include "spine/core/error.h"

// What all fuzz targets share. A target defines libFuzzer's entry point
// (https://llvm.org/docs/LibFuzzer.html) for one format; it is linked with libFuzzer to search, and
// with replay.cpp to run the corpus as a test.

/// Declared here, since libFuzzer has no header of its own in every distribution.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace spine::fuzz {

/// The input as a file, for readers that take a path; overwritten by the next input.
inline const std::filesystem::path& as_file(const std::uint8_t* data, std::size_t size) {
  static const test::TempDir folder;
  static const std::filesystem::path file = folder / "input";
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  out.close();
  if (!out) std::abort();
  return file;
}

/// Whether a message is what Error promises: one line, of a length that can be shown.
inline bool is_one_line(const std::string& message) {
  constexpr std::size_t kLongest = 4100;
  return message.size() <= kLongest && std::none_of(message.begin(), message.end(),
                                                    [](char c) { return c == '\n' || c == '\r'; });
}

/// Calls a reader. That it refuses the input with an Error is right; that it blames the program, or
/// that memory runs out, is a fault, and so is every other exception, which is let through.
template <typename Read>
void expect_value_or_error(Read&& read) {
  try {
    read();
  } catch (const Error& error) {
    const bool is_fault =
        error.kind() == ErrorKind::internal || error.kind() == ErrorKind::out_of_memory;
    if (!is_fault && is_one_line(error.what())) return;
    std::fprintf(stderr, "fault: %.2000s\n", error.what());
    std::abort();
  }
}

}  // namespace spine::fuzz
