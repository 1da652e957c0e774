#pragma once
#include <filesystem>
#include <fstream>
#include <string>

namespace spine::test {

/// Writes a shell script that can be run in place of a program.
inline std::filesystem::path write_script(const std::filesystem::path& file,
                                          const std::string& lines) {
  std::ofstream(file) << "#!/bin/sh\n" << lines;
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  return file;
}

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace spine::test
