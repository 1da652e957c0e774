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

/// A file that is written piece by piece and appears whole, also after a power failure: the bytes
/// go to a temporary of a name of its own in the same folder, which commit() syncs and renames, so
/// that a reader sees either the old content or all of the new one. Without commit() the temporary
/// is removed and an existing file is left as it was.
/// @throws Error(output), from all its functions, naming the file and the system's reason.
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

/// While one exists, AtomicFiles that the same thread commits are not synced one by one: whoever
/// made it syncs them together. It knows which they were.
class SyncLater {
 public:
  SyncLater();
  SyncLater(const SyncLater&) = delete;
  SyncLater& operator=(const SyncLater&) = delete;
  SyncLater(SyncLater&&) = delete;
  SyncLater& operator=(SyncLater&&) = delete;
  ~SyncLater();

  /// The files committed so far.
  [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return files_; }

 private:
  friend class AtomicFile;
  std::vector<std::filesystem::path> files_;
  SyncLater* before_;
};

/// The same for bytes that are all there.
/// @throws Error(output) naming the file and the system's reason.
void write_file_atomically(const std::filesystem::path& file, std::span<const std::byte> bytes);
void write_file_atomically(const std::filesystem::path& file, std::string_view text);

/// Whether a name is that of a temporary of this file, as a process leaves it that is ended while
/// it writes.
bool is_temporary_of(const std::string& file, const std::string& name);

/// More than the largest film that is read takes, uncompressed.
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{2} << 30U;

/// The file's whole content.
/// @throws Error(not_found) when there is no such regular file, Error(unreadable) when it cannot be
/// read or has more than `most_bytes`.
std::string read_file(const std::filesystem::path& file, std::uint64_t most_bytes = kMaxFileBytes);

}  // namespace spine
