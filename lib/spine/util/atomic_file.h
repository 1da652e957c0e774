#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spine {

/// A file that is written in parts and replaced atomically, also across a power failure. Data go to
/// a uniquely named temporary file in the same folder; commit() syncs and renames it, so that
/// readers see either the old content or the complete new content. Without commit() the temporary
/// is removed and an existing file is left unchanged.
/// All functions: @throws Error(output) naming the file and the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& file);
  AtomicFile(AtomicFile&&) noexcept;
  AtomicFile& operator=(AtomicFile&&) noexcept;
  ~AtomicFile();

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// While an instance exists, AtomicFiles committed by the same thread are not synced individually;
/// its owner syncs files() together.
class SyncLater {
 public:
  SyncLater();
  SyncLater(const SyncLater&) = delete;
  SyncLater& operator=(const SyncLater&) = delete;
  SyncLater(SyncLater&&) = delete;
  SyncLater& operator=(SyncLater&&) = delete;
  ~SyncLater();

  /// Files committed so far.
  [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return files_; }

 private:
  friend class AtomicFile;
  std::vector<std::filesystem::path> files_;
  SyncLater* before_;
};

/// Writes a complete buffer by an AtomicFile.
/// @throws Error(output) naming the file and the system's reason
void write_file_atomically(const std::filesystem::path& file, std::span<const std::byte> bytes);
void write_file_atomically(const std::filesystem::path& file, std::string_view text);

/// Whether `name` is that of a temporary of `file`, as left behind by an interrupted process.
bool is_temporary_of(const std::string& file, const std::string& name);

/// Size limit of files that are read; larger than any supported uncompressed film.
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{2} << 30U;

/// Reads the whole file.
/// @throws Error(not_found) if there is no such regular file, Error(unreadable) if it cannot be
/// read or exceeds `most_bytes`
std::string read_file(const std::filesystem::path& file, std::uint64_t most_bytes = kMaxFileBytes);

}  // namespace spine
