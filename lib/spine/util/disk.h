#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace spine {

// Changes of files and folders that outlive a power failure. A file's bytes are on the disk once
// the file is synced, its name once the folder is (fsync(2)); renaming within a file system is
// atomic (rename(2)). Where a file system cannot sync (some network shares) that is no error; where
// it could and failed (EIO, ENOSPC, EDQUOT) it is one.

/// Syncs an open file. @returns 0, or the error number.
int sync_descriptor(int descriptor, const std::filesystem::path& file);

/// Syncs a file's bytes. @throws Error(output).
void sync_file(const std::filesystem::path& file);

/// Syncs a folder's names; an empty path is the working folder. @throws Error(output).
void sync_folder(const std::filesystem::path& folder);

/// Makes a folder and those above it, and syncs what holds the new ones.
/// @throws Error(output) naming the folder.
void make_folders(const std::filesystem::path& folder);

/// rename(2); the folders are not synced. @throws Error(output).
void move_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes a file, or a folder with all in it. Never throws: what cannot be removed stays.
void remove_quietly(const std::filesystem::path& entry) noexcept;

/// 64 bits as 16 hexadecimal digits, others on each call, also of processes on other machines.
std::string random_name();

}  // namespace spine
