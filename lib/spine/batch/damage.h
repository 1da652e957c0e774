#pragma once
#include <filesystem>
#include <string>

namespace spine::batch {

// Detection of files of this toolkit that were truncated by a power failure or a killed process, as
// opposed to files of other origin. A truncated file is empty, consists of zeros, or holds the
// beginning of its content, possibly followed by zeros.

/// Whether a text that is not a valid JSON document is a truncated record or run record of this
/// toolkit.
bool is_cut_off_json(const std::string& text);

/// The same for a file; false if it cannot be read.
bool is_cut_off_json_file(const std::filesystem::path& file);

/// Whether a text is a CSV table of this toolkit, truncated within its header.
/// @param header  the beginning of the expected header
bool is_cut_off_table(const std::string& text, const std::string& header);

/// Whether a table of this toolkit is empty or does not end with a complete line; false if it
/// cannot be read.
bool is_cut_off_table_file(const std::filesystem::path& table);

}  // namespace spine::batch
