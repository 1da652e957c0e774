#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace spine {

/// A zip archive to read from: PyTorch's checkpoints and NumPy's .npz are such.
class ZipArchive {
 public:
  /// @throws Error(weights) naming the file when it is none.
  explicit ZipArchive(const std::filesystem::path& file);
  ZipArchive(ZipArchive&&) noexcept;
  ZipArchive& operator=(ZipArchive&&) noexcept;
  ~ZipArchive();

  /// In the order in which they lie.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] bool contains(const std::string& name) const;

  /// A member's bytes, stored or deflated, their checksum compared.
  /// @throws Error(weights) naming file and member: absent, damaged, or of more than `limit` bytes.
  [[nodiscard]] std::string read(const std::string& name, std::uint64_t limit = kMaxBytes) const;

  static constexpr std::uint64_t kMaxBytes = std::uint64_t{4} << 30U;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::vector<std::string> names_;
};

}  // namespace spine
