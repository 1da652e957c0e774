#include "spine/dataset/study_set.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "spine/core/error.h"
#include "spine/dataset/study_name.h"
#include "spine/dataset/study_search.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"
#include "spine/util/text.h"
#include "spine/util/utf8.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

// --- Names ---

/// Whether a text with its leading dot is a file extension. DICOM files are often named by a UID,
/// whose last number is not one.
bool is_extension(const std::string& text) {
  constexpr std::size_t kLongest = std::string_view(".dicom").size();
  const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0; };
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0; };
  return text.size() <= kLongest && std::any_of(text.begin(), text.end(), is_letter) &&
         std::all_of(text.begin() + 1, text.end(), fits);
}

/// Name of a file without its extension; full name of a folder.
std::string stem_of(const fs::path& path) {
  std::error_code ignored;
  const bool cut = is_extension(path.extension().string()) && !fs::is_directory(path, ignored);
  return cut ? path.stem().string() : path.filename().string();
}

/// Id of a study. Files named masks.tif, labels.png, landmarks.json or restored.png take their
/// folder's name.
std::string short_name(const fs::path& path) {
  const std::string name = path.filename().string();
  if (name == "masks.tif" || name == "labels.png" || name == "landmarks.json" ||
      name == kReviewedLandmarks || name == "restored.png") {
    std::string folder = fs::weakly_canonical(path).parent_path().filename().string();
    if (!folder.empty()) return folder;
  }
  if (name.empty() || name == "." || name == "..") {
    return fs::weakly_canonical(path).filename().string();
  }
  return stem_of(path);
}

/// The path below its root with "/" replaced by "__".
std::string long_name(const Found& found, bool with_extension) {
  const fs::path relative = found.path.lexically_relative(found.root);
  std::string name;
  for (const auto& part : relative.parent_path()) {
    if (part != "." && part != "..") name += part.string() + "__";
  }
  return name + (with_extension ? relative.filename().string() : stem_of(found.path));
}

/// Replaces every ambiguous name by the one that `longer` returns.
void lengthen_doubled(const std::vector<Found>& found, std::vector<std::string>& names,
                      const std::function<std::string(const Found&)>& longer) {
  std::map<std::string, int> count;
  for (const auto& name : names) ++count[name];
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (count[names[i]] > 1) names[i] = safe_name(longer(found[i]));
  }
}

std::vector<std::string> names_of(const std::vector<Found>& found) {
  std::vector<std::string> names;
  names.reserve(found.size());
  for (const auto& f : found) names.push_back(safe_name(short_name(f.path)));
  lengthen_doubled(found, names, [](const Found& f) { return long_name(f, false); });
  lengthen_doubled(found, names, [](const Found& f) { return long_name(f, true); });
  lengthen_doubled(found, names, [](const Found& f) {
    return fs::weakly_canonical(f.root).filename().string() + "__" + long_name(f, true);
  });
  // Remaining duplicates come from folders of the same name: numbered in path order.
  std::set<std::string> taken;
  for (auto& name : names) {
    const std::string base = name;
    for (int i = 2; !taken.insert(name).second; ++i) name = base + "_" + std::to_string(i);
  }
  return names;
}

// --- Manifest ---

constexpr std::string_view kBlanks = " \t";

/// Parses "0.2" or "0,2" for square pixels, or DICOM's "row\column".
std::optional<Spacing> parse_spacing(std::string text) {
  std::replace(text.begin(), text.end(), ',', '.');
  const auto parse = [](std::string_view part) {
    double value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    const bool whole = error == std::errc() && end == part.data() + part.size();
    return whole && std::isfinite(value) && value > 0 ? value : 0.0;
  };
  const auto cut = text.find('\\');
  const double row = parse(std::string_view(text).substr(0, cut));
  const double column =
      cut == std::string::npos ? row : parse(std::string_view(text).substr(cut + 1));
  if (row == 0 || column == 0) return std::nullopt;
  return Spacing{row, column};
}

/// Index of each known column; -1: missing.
struct Columns {
  int id = -1, path = -1, spacing = -1, anterior = -1;
};

Columns find_columns(const CsvRow& header, const fs::path& csv) {
  Columns columns;
  const auto fail = [&](const std::string& got) {
    throw Error(ErrorKind::usage,
                "manifest " + csv.string() +
                    ": expected the header study_id,path[,spacing_mm][,anterior], got " +
                    cut_utf8(to_printable(got), 80));
  };
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    const std::string name = lower_case(trimmed(header.cells[i], kBlanks));
    int* column = name == "study_id"     ? &columns.id
                  : name == "path"       ? &columns.path
                  : name == "spacing_mm" ? &columns.spacing
                  : name == "anterior"   ? &columns.anterior
                                         : nullptr;
    // The first row of a file without a header is a study, whose path must not be printed.
    constexpr std::array<std::string_view, 8> kUsual{"study", "id",    "film", "file",
                                                     "image", "masks", "side", "spacing"};
    const bool usual = std::find(kUsual.begin(), kUsual.end(), name) != kUsual.end();
    if (column == nullptr) {
      fail("the column " +
           (usual ? "\"" + name + "\"" : std::to_string(i + 1) + " with an unknown name"));
    }
    if (*column >= 0) fail("the column \"" + name + "\" twice");
    *column = static_cast<int>(i);
  }
  if (columns.id < 0) fail("no study_id");
  if (columns.path < 0) fail("no path");
  return columns;
}

/// The file named in a manifest, also if its name on disk is encoded in Windows-1252.
fs::path file_named(const std::string& name, const fs::path& folder) {
  fs::path file = folder / name;  // an absolute path replaces the folder
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(file, ignored))) return file;
  const auto other = to_windows_1252(name);
  if (other && fs::exists(fs::symlink_status(folder / *other, ignored))) return folder / *other;
  return file;
}

/// Why the row is invalid; empty if it is valid.
std::string read_row(const CsvRow& row, const Columns& columns, const fs::path& folder,
                     std::size_t width, Study& study) {
  const auto cell = [&](int column) {
    const auto i = static_cast<std::size_t>(column);
    return column >= 0 && i < row.cells.size() ? trimmed(row.cells[i], kBlanks) : std::string();
  };
  study.id = cell(columns.id);
  const std::string path = cell(columns.path);
  if (!path.empty()) study.path = file_named(path, folder);
  if (row.cells.size() > width) {
    return "expected " + std::to_string(width) + " cells, got " + std::to_string(row.cells.size());
  }
  if (study.id.empty()) return "expected a study_id, got an empty cell";
  if (study.id != safe_name(study.id)) {
    return "expected a study_id that can name a folder and is not a formula, got \"" + study.id +
           "\"";
  }
  if (path.empty()) return "expected a path, got an empty cell";
  if (const std::string spacing = cell(columns.spacing); !spacing.empty()) {
    study.spacing = parse_spacing(spacing);
    if (!study.spacing) return "spacing_mm: expected a positive number, got \"" + spacing + "\"";
  }
  if (const std::string side = lower_case(cell(columns.anterior)); side == "left") {
    study.anterior = Side::left;
  } else if (side == "right") {
    study.anterior = Side::right;
  } else if (!side.empty() && side != "auto") {
    return "anterior: expected left, right or auto, got \"" + side + "\"";
  }
  std::error_code ignored;
  if (!fs::exists(study.path, ignored)) {
    study.error_kind = ErrorKind::not_found;
    return "expected a file, found nothing at " + study.path.string();
  }
  return {};
}

}  // namespace

std::string own_name(const fs::path& file) { return safe_name(short_name(file)); }

std::vector<Study> discover(const std::vector<fs::path>& inputs, const DiscoverOptions& options) {
  std::vector<Found> found = find_inputs(inputs, options);
  const auto names = names_of(found);
  std::vector<Study> studies;
  for (std::size_t i = 0; i < found.size(); ++i) {
    Study study;
    study.id = names[i];
    study.path = found[i].path;
    study.shown = found[i].path.string();
    study.error = std::move(found[i].error);
    study.error_kind = found[i].error_kind;
    study.named = found[i].named;
    studies.push_back(std::move(study));
  }
  return studies;
}

std::vector<Study> read_manifest(const fs::path& csv) {
  std::string text;
  try {
    text = read_file(csv);
  } catch (const Error& error) {
    throw Error(ErrorKind::usage, std::string("manifest: ") + error.what());
  }
  auto rows = parse_table(text, "manifest " + csv.string());
  if (rows.empty()) {
    throw Error(ErrorKind::usage,
                "manifest " + csv.string() +
                    ": expected the header study_id,path[,spacing_mm][,anterior], got nothing");
  }
  const Columns columns = find_columns(rows.front(), csv);
  std::vector<Study> studies;
  std::map<std::string, int> line_of;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    Study study;
    study.named = true;
    std::string why =
        read_row(rows[i], columns, csv.parent_path(), rows.front().cells.size(), study);
    const std::string line = "line" + std::to_string(rows[i].line);
    if (const auto first = line_of.find(study.id); !study.id.empty() && first != line_of.end()) {
      why = "expected a unique study_id, got \"" + study.id + "\" again, first in line " +
            std::to_string(first->second);
      study.id += "__" + line;
    } else {
      line_of.emplace(study.id, rows[i].line);
    }
    if (study.id.empty()) study.id = line;
    study.id = safe_name(study.id);
    study.shown = study.path.string();
    if (!why.empty()) {
      study.error = "manifest, line " + std::to_string(rows[i].line) + ": " + why;
    }
    studies.push_back(study);
  }
  return studies;
}

}  // namespace spine
