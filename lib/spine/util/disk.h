#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace spine {

// Durable changes of files and folders. A file's content is durable after fsync(2) of the file, its
// name after fsync(2) of the folder; rename(2) within a file system is atomic. File systems without
// fsync support (some network shares) are accepted; failures of fsync (EIO, ENOSPC, EDQUOT) are
// errors.

/// Syncs an open file.
/// @returns 0, or the error number
int sync_descriptor(int descriptor, const std::filesystem::path& file);

/// Syncs a file's content. @throws Error(output)
void sync_file(const std::filesystem::path& file);

/// Syncs the entries of a folder; an empty path is the working folder. @throws Error(output)
void sync_folder(const std::filesystem::path& folder);

/// Creates a folder and its parents, and syncs the folders that contain new ones.
/// @throws Error(output) naming the folder
void make_folders(const std::filesystem::path& folder);

/// Renames by rename(2), without syncing the folders. @throws Error(output)
void move_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes a file or a folder with its content. Never throws; entries that cannot be removed stay.
void remove_quietly(const std::filesystem::path& entry) noexcept;

/// 64 random bits as 16 hexadecimal digits, unique across calls, processes and machines.
std::string random_name();

}  // namespace spine
