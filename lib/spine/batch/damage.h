#pragma once
#include <filesystem>
#include <string>

namespace spine::batch {

// What a power failure or an ended process leaves of this project's own files, told from files of
// other origin: nothing at all, zeros, or the beginning of what was written, zeros after it or not.

/// Whether a text that is no JSON document is what is left of a record or run record of this
/// project.
bool is_cut_off_json(const std::string& text);

/// The same of a file; false where it cannot be read.
bool is_cut_off_json_file(const std::filesystem::path& file);

/// Whether a text is what is left of a CSV table of this project without even its header.
/// @param header  how the table begins
bool is_cut_off_table(const std::string& text, const std::string& header);

/// Whether a table of this project is empty or ends otherwise than with a whole line; false where
/// it cannot be read.
bool is_cut_off_table_file(const std::filesystem::path& table);

}  // namespace spine::batch
