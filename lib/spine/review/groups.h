#pragma once
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

namespace spine::review {

/// A column with more different values is a name or a number, and no group.
inline constexpr std::size_t kMostGroups = 20;

/// Groups of studies, such as by hospital or operation: for each study, its value in each column.
using Groups = std::map<std::string, std::map<std::string, std::string>>;

/// Reads a CSV with one row per study, identified by the column "study" or "study_id". Of the other
/// columns, those with 2 to kMostGroups different values are taken; empty cells are none.
/// @throws Error(usage | unreadable) if the file has no such column or cannot be read
Groups read_groups(const std::filesystem::path& csv);

}  // namespace spine::review
