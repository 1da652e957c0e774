#pragma once
#include <filesystem>
#include <string>
#include <string_view>

/// Failpoints: named places at which a test can terminate the process, as `kill -9` or a power
/// failure would. Code that writes results passes one before and after each step. Inactive unless
/// the environment variable SPINE_FAILPOINT is set or arm() is called.
///
/// SPINE_FAILPOINT is "ACTION:N" or "ACTION:NAME:N"; it acts at the N-th failpoint passed (from 1),
/// or at the N-th of that name:
///   kill   the process exits with code 137;
///   power  the same, and unsynced changes are lost as POSIX permits: unsynced files become empty,
///          truncated or zero-filled; names created, moved or removed in unsynced folders are
///          reverted all, none or only the later ones, depending on N. SPINE_FAILPOINT_FOLDER must
///          name a folder on the same file system, in which replaced and removed files are kept
///          until then.
///   fail   the failpoint throws Error(output), as on a full disk.
namespace spine::failpoint {

/// Passes a failpoint; performs the armed action if it is reached.
void pass(std::string_view name);

/// Sets the values of SPINE_FAILPOINT and SPINE_FAILPOINT_FOLDER programmatically.
/// @throws Error(usage) if `spec` does not have the form above
void arm(const std::string& spec, const std::filesystem::path& folder);

// Bookkeeping for the simulated power failure. Paths in any form.
void made(const std::filesystem::path& entry);            ///< after a file or folder was created
void wrote(const std::filesystem::path& file);            ///< after bytes were written
void synced_file(const std::filesystem::path& file);      ///< after its content was synced
void synced_folder(const std::filesystem::path& folder);  ///< after its entries were synced
/// Before a file or folder is moved; keeps a copy of a replaced file.
void renaming(const std::filesystem::path& from, const std::filesystem::path& to);
void removing(const std::filesystem::path& entry);  ///< before a file or an empty folder is removed

}  // namespace spine::failpoint
