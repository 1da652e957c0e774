#pragma once
#include <filesystem>
#include <string>
#include <string_view>

/// Named places at which a test can end the process, as `kill -9` or a power failure would.
/// Whatever writes results passes one before and after each of its steps. Without the environment
/// variable SPINE_FAILPOINT, or a call of arm(), all of this does nothing.
///
/// SPINE_FAILPOINT is "ACTION:N" or "ACTION:NAME:N": at the N-th place passed (from 1), or at the
/// N-th of that name,
///   kill   the process ends with code 137;
///   power  the same, and what was not synced is lost as POSIX allows: files that were written and
///          not synced become empty, shorter or full of zeros; names that were made, moved or
///          removed in folders that were not synced since are as before, all of them, none, or the
///          later ones only, by N. SPINE_FAILPOINT_FOLDER must name a folder on the same file
///          system, in which replaced and removed files are kept until then.
///   fail   the place throws Error(output), as a full disk makes a step fail.
namespace spine::failpoint {

/// Passes a place.
void pass(std::string_view name);

/// What SPINE_FAILPOINT and SPINE_FAILPOINT_FOLDER say, from within a program.
/// @throws Error(usage) unless `spec` is as above.
void arm(const std::string& spec, const std::filesystem::path& folder);

/// Whether a place waits to be reached.
bool armed();

// What a power failure has to know of. Files and folders by any path.
void made(const std::filesystem::path& entry);            ///< after a file or folder was made
void wrote(const std::filesystem::path& file);            ///< after bytes were written
void synced_file(const std::filesystem::path& file);      ///< after its bytes are on the disk
void synced_folder(const std::filesystem::path& folder);  ///< after its names are on the disk
/// Before a file or folder is moved; one that is replaced is kept.
void renaming(const std::filesystem::path& from, const std::filesystem::path& to);
void removing(const std::filesystem::path& entry);  ///< before a file or an empty folder is removed

}  // namespace spine::failpoint
