#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace spine {

/// Reader of zip archives, the container of PyTorch checkpoints and NumPy's .npz.
class ZipArchive {
 public:
  /// @throws Error(weights) naming the file when it is not a valid archive.
  explicit ZipArchive(const std::filesystem::path& file);
  ZipArchive(ZipArchive&&) noexcept;
  ZipArchive& operator=(ZipArchive&&) noexcept;
  ~ZipArchive();

  /// Members in archive order.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] bool contains(const std::string& name) const;

  /// Reads a stored or deflated member and verifies its checksum.
  /// @throws Error(weights) naming file and member: missing, damaged, or larger than `limit` bytes.
  [[nodiscard]] std::string read(const std::string& name, std::uint64_t limit = kMaxBytes) const;

  static constexpr std::uint64_t kMaxBytes = std::uint64_t{4} << 30U;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::vector<std::string> names_;
};

}  // namespace spine
