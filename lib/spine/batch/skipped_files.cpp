#include "spine/batch/skipped_files.h"

#include "spine/batch/damage.h"
#include "spine/core/error.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"
#include "spine/util/disk.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHeader = "file,reason\n";

/// Whether the list was written by this toolkit, completely or not.
bool is_own(const std::string& text) {
  return text.starts_with(kHeader) || is_cut_off_table(text, kHeader);
}

/// nullopt if there is no such file.
std::optional<std::string> text_in(const fs::path& output) {
  std::error_code ignored;
  if (!fs::exists(output / kSkipped, ignored)) return std::nullopt;
  try {
    return read_file(output / kSkipped);
  } catch (const Error&) {
    return "unreadable";  // origin unknown
  }
}

}  // namespace

void check_skipped(const fs::path& output) {
  const auto text = text_in(output);
  if (!text || is_own(*text)) return;
  throw Error(ErrorKind::usage, "output: " + (output / kSkipped).string() +
                                    ": expected no such file, one of this command or --force, got "
                                    "a file of unknown origin");
}

void write_skipped(const fs::path& output, const std::vector<SkippedFile>& files) {
  const fs::path list = output / kSkipped;
  if (files.empty()) {
    const auto before = text_in(output);
    if (!before || !is_own(*before)) return;
    remove_quietly(list);
    return sync_folder(output);
  }
  std::string text = kHeader;
  for (const auto& [name, reason] : files) {
    text += csv_cell(name) + ',' + csv_cell(reason) + '\n';
  }
  write_file_atomically(list, text);
}

bool is_skipped_list_cut_off(const fs::path& output) {
  const auto text = text_in(output);
  return text && is_own(*text) && is_cut_off_table_file(output / kSkipped);
}

std::optional<std::size_t> count_skipped(const fs::path& output) {
  const auto text = text_in(output);
  if (!text || !is_own(*text)) return std::nullopt;
  const std::size_t rows = parse_csv(*text).size();
  return rows == 0 ? 0 : rows - 1;
}

}  // namespace spine::batch
