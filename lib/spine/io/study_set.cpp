#include "spine/io/study_set.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/core/text.h"
#include "spine/io/atomic_file.h"
#include "spine/io/csv.h"
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
  std::string error = {};  ///< why it cannot be worked on, where that is known
  ErrorKind error_kind = ErrorKind::usage;
  bool named = false;  ///< by the user
};

// --- What belongs to a set ---

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.empty() || name.front() == '.';
}

/// Pictures that this project itself writes beside films.
bool is_own_result(const fs::path& file) {
  constexpr std::array<std::string_view, 6> kNames{
      "masks.tif", "labels.png", "overlay.png", "restored.png", "preview.png", "implant_mask.png"};
  return std::find(kNames.begin(), kNames.end(), file.filename().string()) != kNames.end();
}

bool holds(const fs::path& folder, const std::string& name) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(folder / name, ignored);
  return fs::exists(status) && !fs::is_directory(status);
}

/// Whether a folder is one study's masks or landmarks.
bool is_mask_folder(const fs::path& folder) {
  return holds(folder, "masks.tif") || holds(folder, "landmarks.json") ||
         std::any_of(kStructures.begin(), kStructures.end(), [&](Structure s) {
           return holds(folder, std::string(to_string(s)) + ".png");
         });
}

/// Whether a folder is one study's restored film.
bool is_restored_folder(const fs::path& folder) {
  return holds(folder, "restored.png") && holds(folder, "restoration.json");
}

template <std::size_t N>
bool has_extension(const fs::path& file, const std::array<std::string_view, N>& extensions) {
  const std::string extension = lower_case(file.extension().string());
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

/// Pictures by name, those of kinds that are not read included: they fail with that reason.
bool named_like_a_film(const fs::path& file) {
  constexpr std::array<std::string_view, 12> kExtensions{".png",  ".jpg", ".jpeg",  ".tif",
                                                         ".tiff", ".dcm", ".dicom", ".ima",
                                                         ".gif",  ".bmp", ".webp",  ".jp2"};
  return has_extension(file, kExtensions);
}

/// Masks or landmarks by name or content. Of JSON files those that are broken may be landmarks; any
/// other, such as run.json, is none.
bool looks_like_masks(const fs::path& file) {
  constexpr std::array<std::string_view, 3> kPictures{".tif", ".tiff", ".png"};
  constexpr std::array<std::string_view, 1> kLandmarks{".json"};
  if (has_extension(file, kPictures)) return true;
  const bool named_like_landmarks = has_extension(file, kLandmarks);
  try {
    const std::string bytes = read_file(file);
    if (!named_like_landmarks) return is_tiff(bytes) || is_png(bytes);
    return bytes.find("spine-landmarks/") != std::string::npos || !nlohmann::json::accept(bytes);
  } catch (const Error&) {
    return named_like_landmarks;
  }
}

bool belongs(const fs::path& file, StudyKind kind) {
  if (is_hidden(file)) return false;
  if (kind == StudyKind::masks) return looks_like_masks(file);
  return !is_own_result(file) && (named_like_a_film(file) || looks_like_film(file));
}

/// Entries in the order of their names.
std::vector<fs::path> sorted_entries(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> entries;
  fs::directory_iterator it(folder, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    entries.push_back(it->path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

bool is_unreadable(const fs::path& folder) {
  std::error_code error;
  const fs::directory_iterator first(folder, error);
  return static_cast<bool>(error);
}

void search(const fs::path& folder, const fs::path& root, const DiscoverOptions& options,
            std::vector<Found>& found) {
  const bool masks = options.kind == StudyKind::masks;
  if (masks && is_mask_folder(folder)) {
    found.push_back({folder, root});
    return;
  }
  if (!masks && is_restored_folder(folder)) {
    found.push_back({folder / "restored.png", root});
    return;
  }
  std::error_code error;
  const auto entries = sorted_entries(folder, error);
  if (error) {
    found.push_back({folder, root,
                     "input: " + folder.string() +
                         ": expected a folder that can be read, got: " + error.message(),
                     ErrorKind::unreadable});
  }
  for (const auto& entry : entries) {
    std::error_code ignored;
    if (fs::is_directory(entry, ignored)) {
      // Links to folders are not followed: they may lead in circles.
      const bool enter = options.recursive && !is_hidden(entry) && !fs::is_symlink(entry, ignored);
      const bool study = !is_hidden(entry) && (masks ? is_mask_folder(entry) || is_unreadable(entry)
                                                     : is_restored_folder(entry));
      if (enter || study) search(entry, root, options, found);
    } else if (belongs(entry, options.kind)) {
      found.push_back({entry, root});
    } else if (options.passed_over != nullptr && !is_own_result(entry)) {
      options.passed_over->push_back(entry);
    }
  }
}

Found nothing_in(const fs::path& folder, StudyKind kind) {
  const std::string expected = kind == StudyKind::films ? "film (PNG, JPEG, TIFF or DICOM)"
                                                        : "set of masks or landmarks.json";
  return {folder, folder.parent_path(),
          "input: " + folder.string() + ": expected at least one " + expected + ", found none",
          ErrorKind::not_found};
}

// --- Names ---

/// Whether this, with its dot, says what kind of file it is. DICOM files are often named by a UID,
/// whose last number does not.
bool is_extension(const std::string& text) {
  constexpr std::size_t kLongest = std::string_view(".dicom").size();
  const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0; };
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0; };
  return text.size() <= kLongest && std::any_of(text.begin(), text.end(), is_letter) &&
         std::all_of(text.begin() + 1, text.end(), fits);
}

/// A file's name without its extension; a folder's whole name.
std::string stem_of(const fs::path& path) {
  std::error_code ignored;
  const bool cut = is_extension(path.extension().string()) && !fs::is_directory(path, ignored);
  return cut ? path.stem().string() : path.filename().string();
}

/// A file called masks.tif, labels.png, landmarks.json or restored.png says nothing; its folder
/// does.
std::string short_name(const fs::path& path) {
  const std::string name = path.filename().string();
  if (name == "masks.tif" || name == "labels.png" || name == "landmarks.json" ||
      name == "restored.png") {
    std::string folder = fs::weakly_canonical(path).parent_path().filename().string();
    if (!folder.empty()) return folder;
  }
  if (name.empty() || name == "." || name == "..") {
    return fs::weakly_canonical(path).filename().string();
  }
  return stem_of(path);
}

/// The path below its root with "/" as "__".
std::string long_name(const Found& found, bool with_extension) {
  const fs::path relative = found.path.lexically_relative(found.root);
  std::string name;
  for (const auto& part : relative.parent_path()) {
    if (part != "." && part != "..") name += part.string() + "__";
  }
  return name + (with_extension ? relative.filename().string() : stem_of(found.path));
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
  names.reserve(found.size());
  for (const auto& f : found) names.push_back(safe_name(short_name(f.path)));
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
    throw Error(ErrorKind::usage,
                "manifest " + csv.string() +
                    ": expected the header study_id,path[,spacing_mm][,anterior], got " + got);
  };
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    const std::string name = lower_case(trimmed(header.cells[i]));
    int* column = name == "study_id"     ? &columns.id
                  : name == "path"       ? &columns.path
                  : name == "spacing_mm" ? &columns.spacing
                  : name == "anterior"   ? &columns.anterior
                                         : nullptr;
    // A file without a header begins with a study, whose path is not to be told.
    constexpr std::array<std::string_view, 8> kUsual{"study", "id",    "film", "file",
                                                     "image", "masks", "side", "spacing"};
    const bool usual = std::find(kUsual.begin(), kUsual.end(), name) != kUsual.end();
    if (column == nullptr) {
      fail("the column " +
           (usual ? "\"" + name + "\"" : std::to_string(i + 1) + " of another name"));
    }
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
  std::vector<Found> found;
  for (const auto& named : inputs) {
    const fs::path input = named.has_filename() ? named : named.parent_path();  // "films/"
    std::error_code ignored;
    if (fs::is_directory(input, ignored)) {
      const bool study = options.kind == StudyKind::masks && is_mask_folder(input);
      const std::size_t before = found.size();
      search(input, study ? input.parent_path() : input, options, found);
      if (found.size() == before) found.push_back(nothing_in(input, options.kind));
    } else {
      found.push_back({input, input.parent_path()});
      found.back().named = true;
      if (!fs::exists(fs::symlink_status(input, ignored))) {
        found.back().error = "input: " + input.string() + ": expected a file or folder, found none";
        found.back().error_kind = ErrorKind::not_found;
      }
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.path < b.path; });
  // A file named twice, or named and also in a named folder, is one study.
  std::set<fs::path> seen;
  std::erase_if(found, [&](const Found& f) {
    std::error_code error;
    const fs::path real = fs::weakly_canonical(f.path, error);
    return !seen.insert(error ? f.path : real).second;
  });

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
  if (text.rfind("\xef\xbb\xbf", 0) == 0) text.erase(0, 3);  // byte order mark
  const auto rows = parse_csv(text);
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
      why = "expected a study_id of its own, got \"" + study.id + "\" again, first in line " +
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
