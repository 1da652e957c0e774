// mutate_files OUT COUNT SEED FILE...: COUNT damaged copies of valid files: bytes changed, removed,
// duplicated or moved, ends truncated, numbers replaced by extreme ones. The same seed gives the
// same files.
#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>

#include "spine/util/atomic_file.h"

namespace {

namespace fs = std::filesystem;

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string operator()(std::string bytes) {
    const int changes = below(4) == 0 ? 1 + below(64) : 1 + below(4);
    for (int i = 0; i < changes && !bytes.empty(); ++i) change(bytes);
    return bytes;
  }

 private:
  int below(std::size_t limit) {
    return static_cast<int>(random_() % std::max<std::size_t>(1, limit));
  }

  /// Headers are at the beginning, so half of all positions are there.
  std::size_t place(const std::string& bytes) {
    const std::size_t near = std::min<std::size_t>(bytes.size(), 2048);
    return static_cast<std::size_t>(below(below(2) == 0 ? near : bytes.size()));
  }

  void change(std::string& bytes) {
    static constexpr std::array<std::uint32_t, 8> kExtremes{0,      1,      0x7F,       0xFF,
                                                            0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF};
    const std::size_t at = place(bytes);
    const auto length = static_cast<std::size_t>(1 + below(64));
    switch (below(7)) {
      case 0:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 2:
        bytes.resize(static_cast<std::size_t>(below(bytes.size())));
        break;
      case 3:
        bytes.erase(at, length);
        break;
      case 4:
        bytes.insert(at, bytes.substr(place(bytes), length));
        break;
      case 5: {
        const std::uint32_t value = kExtremes[static_cast<std::size_t>(below(kExtremes.size()))];
        const int width = 1 << below(3);
        for (int i = 0; i < width && at + static_cast<std::size_t>(i) < bytes.size(); ++i) {
          bytes[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> 8 * i);
        }
        break;
      }
      default:
        for (std::size_t i = at; i < std::min(bytes.size(), at + length); ++i) {
          bytes[i] = static_cast<char>(below(256));
        }
    }
  }

  std::mt19937 random_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: mutate_files OUT COUNT SEED FILE...\n";
    return 2;
  }
  try {
    const fs::path out = argv[1];
    const int count = std::stoi(argv[2]), files = argc - 4;
    Mutator mutate(static_cast<unsigned>(std::stoul(argv[3])));
    fs::create_directories(out);
    for (int i = 0; i < count; ++i) {
      const fs::path sound = argv[4 + i % files];
      const fs::path name = "malformed" + std::to_string(i) + sound.extension().string();
      spine::write_file_atomically(out / name, mutate(spine::read_file(sound)));
    }
  } catch (const std::exception& error) {
    std::cerr << "mutate_files: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
