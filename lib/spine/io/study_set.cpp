#include "spine/io/study_set.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "spine/core/error.h"
#include "spine/io/atomic_file.h"
#include "spine/io/image_io.h"
#include "spine/io/png_codec.h"
#include "spine/io/tiff_codec.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

/// An input with the folder that it was found under, for its name.
struct Found {
  fs::path path;
  fs::path root;
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// --- What belongs to a set ---

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.empty() || name.front() == '.';
}

/// Pictures that this project itself writes beside films.
bool is_own_result(const fs::path& file) {
  constexpr std::array<std::string_view, 5> kNames{"masks.tif", "labels.png", "overlay.png",
                                                   "restored.png", "implant_mask.png"};
  return std::find(kNames.begin(), kNames.end(), file.filename().string()) != kNames.end();
}

/// Whether a folder is one study's masks or landmarks.
bool is_mask_folder(const fs::path& folder) {
  std::error_code ignored;
  for (const char* name : {"masks.tif", "landmarks.json"}) {
    if (fs::is_regular_file(folder / name, ignored)) return true;
  }
  return std::any_of(kStructures.begin(), kStructures.end(), [&](Structure s) {
    return fs::is_regular_file(folder / (std::string(to_string(s)) + ".png"), ignored);
  });
}

/// Masks or landmarks by content; any other JSON, such as run.json, is none.
bool looks_like_masks(const fs::path& file) {
  try {
    const std::string bytes = read_file(file);
    if (lower(file.extension().string()) == ".json") {
      return bytes.find("spine-landmarks/") != std::string::npos;
    }
    return is_tiff(bytes) || is_png(bytes);
  } catch (const Error&) {
    return false;
  }
}

bool belongs(const fs::path& file, StudyKind kind) {
  if (is_hidden(file)) return false;
  if (kind == StudyKind::masks) return looks_like_masks(file);
  return !is_own_result(file) && looks_like_film(file);
}

/// Entries in the order of their names; an unreadable folder counts as empty.
std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    entries.push_back(it->path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

void search(const fs::path& folder, const fs::path& root, const DiscoverOptions& options,
            std::vector<Found>& found) {
  const bool masks = options.kind == StudyKind::masks;
  if (masks && is_mask_folder(folder)) {
    found.push_back({folder, root});
    return;
  }
  for (const auto& entry : sorted_entries(folder)) {
    std::error_code ignored;
    if (fs::is_directory(entry, ignored)) {
      // Links to folders are not followed: they may lead in circles.
      const bool enter = options.recursive && !is_hidden(entry) && !fs::is_symlink(entry, ignored);
      const bool study = masks && !is_hidden(entry) && is_mask_folder(entry);
      if (enter || study) search(entry, root, options, found);
    } else if (belongs(entry, options.kind)) {
      found.push_back({entry, root});
    }
  }
}

// --- Names ---

/// The name without an extension that says only what kind of picture it is. DICOM files are often
/// named by a UID, whose last number is no extension.
std::string stem_of(const fs::path& path) {
  constexpr std::array<std::string_view, 9> kExtensions{".png", ".jpg",   ".jpeg", ".tif", ".tiff",
                                                        ".dcm", ".dicom", ".ima",  ".json"};
  const std::string extension = lower(path.extension().string());
  const bool known =
      std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
  return known ? path.stem().string() : path.filename().string();
}

/// A file called masks.tif or landmarks.json says nothing; its folder does.
std::string short_name(const Found& found) {
  const std::string name = found.path.filename().string();
  if (name == "masks.tif" || name == "landmarks.json") {
    const auto folder = fs::weakly_canonical(found.path).parent_path().filename().string();
    if (!folder.empty()) return folder;
  }
  if (name.empty() || name == "." || name == "..") {
    return fs::weakly_canonical(found.path).filename().string();
  }
  return stem_of(found.path);
}

/// The path below its root with "/" as "__".
std::string long_name(const Found& found, bool with_extension) {
  const fs::path relative = found.path.lexically_relative(found.root);
  std::string name;
  for (const auto& part : relative.parent_path()) {
    if (part != "." && part != "..") name += part.string() + "__";
  }
  return name + (with_extension ? relative.filename().string() : stem_of(relative));
}

/// Fit to name a folder: no separators, no control characters, not hidden.
std::string safe_name(std::string name) {
  for (char& c : name) {
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 32 || c == 127) c = '_';
  }
  while (!name.empty() && name.front() == '.') name.erase(0, 1);
  constexpr std::size_t kLongest = 180;  // file systems allow 255 bytes
  if (name.size() > kLongest) name.resize(kLongest);
  return name.empty() ? "film" : name;
}

/// Replaces every name that is not alone by the one that `longer` gives.
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
  for (const auto& f : found) names.push_back(safe_name(short_name(f)));
  lengthen_doubled(found, names, [](const Found& f) { return long_name(f, false); });
  lengthen_doubled(found, names, [](const Found& f) { return long_name(f, true); });
  lengthen_doubled(found, names, [](const Found& f) {
    return fs::weakly_canonical(f.root).filename().string() + "__" + long_name(f, true);
  });
  // What is still alike comes from folders of one name: numbered in the order of paths.
  std::set<std::string> taken;
  for (auto& name : names) {
    const std::string base = name;
    for (int i = 2; !taken.insert(name).second; ++i) name = base + "_" + std::to_string(i);
  }
  return names;
}

// --- Manifest ---

/// Rows of cells by RFC 4180; with the line on which each row starts.
struct CsvRow {
  int line = 0;
  std::vector<std::string> cells;
};

std::vector<CsvRow> parse_csv(const std::string& text) {
  std::vector<CsvRow> rows;
  CsvRow row{1, {""}};
  int line = 1;
  bool quoted = false;
  const auto end_row = [&] {
    const bool blank = row.cells.size() == 1 && row.cells.front().empty();
    if (!blank) rows.push_back(row);
    row = {line, {""}};
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
        row.cells.back() += '"';
        ++i;
      } else if (c == '"') {
        quoted = false;
      } else {
        row.cells.back() += c;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      row.cells.emplace_back();
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r') {
      row.cells.back() += c;
    }
  }
  end_row();
  return rows;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// "0.2" for square pixels, or DICOM's "row\column".
std::optional<Spacing> parse_spacing(const std::string& text) {
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

/// Where each known column stands; -1: not there.
struct Columns {
  int id = -1, path = -1, spacing = -1, anterior = -1;
};

Columns find_columns(const CsvRow& header, const fs::path& csv) {
  Columns columns;
  const auto fail = [&](const std::string& got) {
    throw Error(ErrorKind::unreadable,
                "manifest " + csv.string() +
                    ": expected the header study_id,path[,spacing_mm][,anterior], got " + got);
  };
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    const std::string name = lower(trimmed(header.cells[i]));
    int* column = name == "study_id"     ? &columns.id
                  : name == "path"       ? &columns.path
                  : name == "spacing_mm" ? &columns.spacing
                  : name == "anterior"   ? &columns.anterior
                                         : nullptr;
    if (column == nullptr) fail("the column \"" + name + "\"");
    if (*column >= 0) fail("the column \"" + name + "\" twice");
    *column = static_cast<int>(i);
  }
  if (columns.id < 0) fail("no study_id");
  if (columns.path < 0) fail("no path");
  return columns;
}

/// Why the row cannot be worked on; empty when it can.
std::string read_row(const CsvRow& row, const Columns& columns, const fs::path& folder,
                     std::size_t width, Study& study) {
  const auto cell = [&](int column) {
    const auto i = static_cast<std::size_t>(column);
    return column >= 0 && i < row.cells.size() ? trimmed(row.cells[i]) : std::string();
  };
  study.id = cell(columns.id);
  const std::string path = cell(columns.path);
  if (!path.empty()) study.path = fs::path(path).is_absolute() ? fs::path(path) : folder / path;
  if (row.cells.size() > width) {
    return "expected " + std::to_string(width) + " cells, got " + std::to_string(row.cells.size());
  }
  if (study.id.empty()) return "expected a study_id, got an empty cell";
  if (study.id != safe_name(study.id)) {
    return "expected a study_id that can name a folder, got \"" + study.id + "\"";
  }
  if (path.empty()) return "expected a path, got an empty cell";
  if (const std::string spacing = cell(columns.spacing); !spacing.empty()) {
    study.spacing = parse_spacing(spacing);
    if (!study.spacing) return "spacing_mm: expected a positive number, got \"" + spacing + "\"";
  }
  if (const std::string side = lower(cell(columns.anterior)); side == "left") {
    study.anterior = Side::left;
  } else if (side == "right") {
    study.anterior = Side::right;
  } else if (!side.empty() && side != "auto") {
    return "anterior: expected left, right or auto, got \"" + side + "\"";
  }
  std::error_code ignored;
  if (!fs::exists(study.path, ignored)) {
    return "expected a file, found nothing at " + study.path.string();
  }
  return {};
}

}  // namespace

std::vector<Study> discover(const std::vector<fs::path>& inputs, const DiscoverOptions& options) {
  std::vector<Found> found;
  for (const auto& input : inputs) {
    std::error_code ignored;
    if (!fs::exists(input, ignored)) {
      throw Error(ErrorKind::not_found,
                  "input " + input.string() + ": expected a file or folder, found nothing");
    }
    if (fs::is_directory(input, ignored)) {
      const bool study = options.kind == StudyKind::masks && is_mask_folder(input);
      search(input, study ? input.parent_path() : input, options, found);
    } else {
      found.push_back({input, input.parent_path()});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.path < b.path; });
  // A file named twice, or named and also in a named folder, is one study.
  std::set<fs::path> seen;
  std::erase_if(found, [&](const Found& f) {
    std::error_code ignored;
    return !seen.insert(fs::weakly_canonical(f.path, ignored)).second;
  });

  const auto names = names_of(found);
  std::vector<Study> studies;
  for (std::size_t i = 0; i < found.size(); ++i) {
    studies.push_back({names[i], found[i].path, {}, {}, {}});
  }
  return studies;
}

std::vector<Study> read_manifest(const fs::path& csv) {
  std::string text = read_file(csv);
  if (text.rfind("\xef\xbb\xbf", 0) == 0) text.erase(0, 3);  // byte order mark
  const auto rows = parse_csv(text);
  if (rows.empty()) {
    throw Error(ErrorKind::unreadable,
                "manifest " + csv.string() +
                    ": expected the header study_id,path[,spacing_mm][,anterior], got nothing");
  }
  const Columns columns = find_columns(rows.front(), csv);
  std::vector<Study> studies;
  std::map<std::string, int> line_of;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    Study study;
    std::string why =
        read_row(rows[i], columns, csv.parent_path(), rows.front().cells.size(), study);
    const std::string line = "line" + std::to_string(rows[i].line);
    if (const auto first = line_of.find(study.id); !study.id.empty() && first != line_of.end()) {
      why = "expected a study_id of its own, got \"" + study.id + "\" again, first in line " +
            std::to_string(first->second);
      study.id += "__" + line;
    } else {
      line_of.emplace(study.id, rows[i].line);
    }
    if (study.id.empty()) study.id = line;
    study.id = safe_name(study.id);
    if (!why.empty()) {
      study.error =
          "manifest " + csv.string() + ", line " + std::to_string(rows[i].line) + ": " + why;
    }
    studies.push_back(study);
  }
  return studies;
}

}  // namespace spine
