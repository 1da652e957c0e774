#include "spine/dataset/study_search.h"

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <string_view>

#include <nlohmann/json.hpp>

#include "spine/core/structure.h"
#include "spine/io/codecs/png_codec.h"
#include "spine/io/codecs/tiff_codec.h"
#include "spine/io/image_io.h"
#include "spine/util/atomic_file.h"
#include "spine/util/text.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.empty() || name.front() == '.';
}

/// Images that this project writes beside films.
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

/// Whether a folder contains the masks or landmarks of one study.
bool is_mask_folder(const fs::path& folder) {
  return holds(folder, "masks.tif") || holds(folder, "landmarks.json") ||
         std::any_of(kStructures.begin(), kStructures.end(), [&](Structure s) {
           return holds(folder, std::string(to_string(s)) + ".png");
         });
}

/// Whether a folder contains the restored film of one study.
bool is_restored_folder(const fs::path& folder) {
  return holds(folder, "restored.png") && holds(folder, "restoration.json");
}

template <std::size_t N>
bool has_extension(const fs::path& file, const std::array<std::string_view, N>& extensions) {
  const std::string extension = lower_case(file.extension().string());
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

/// Images by extension, including unsupported formats, which then fail with that reason.
bool named_like_a_film(const fs::path& file) {
  constexpr std::array<std::string_view, 12> kExtensions{".png",  ".jpg", ".jpeg",  ".tif",
                                                         ".tiff", ".dcm", ".dicom", ".ima",
                                                         ".gif",  ".bmp", ".webp",  ".jp2"};
  return has_extension(file, kExtensions);
}

/// Masks or landmarks by name or content. A corrupt JSON file may be landmarks; any other JSON
/// file, such as run.json, is not.
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

/// Entries sorted by name.
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

/// A search through all inputs.
class Search {
 public:
  Search(const std::vector<fs::path>& inputs, const DiscoverOptions& options) : options_(options) {
    std::error_code ignored;
    for (const auto& input : inputs) {
      if (fs::is_directory(input, ignored)) searched_.insert(real_path(input));
    }
  }

  /// @param root  the input that contains the folder
  void folder(const fs::path& folder, const fs::path& root) {
    if (found_whole(folder, root)) return;
    std::error_code error;
    const auto entries = sorted_entries(folder, error);
    if (error) {
      found_.push_back({folder, root,
                        "input: " + folder.string() +
                            ": expected a folder that can be read, got: " + error.message(),
                        ErrorKind::unreadable});
    }
    for (const auto& entry : entries) {
      std::error_code ignored;
      if (fs::is_directory(entry, ignored)) {
        folder_in(entry, root);
      } else if (belongs(entry, options_.kind)) {
        found_.push_back({entry, root});
      } else if (!is_own_result(entry)) {
        skip(entry, "neither image nor DICOM");
      }
    }
  }

  /// Follows the links found so far, and those found on the way. Runs after everything that is not
  /// a link, so that a file is found at its actual location.
  void links() {
    in_link_ = true;
    while (!links_.empty()) {
      const Link link = links_.front();
      links_.pop_front();
      const fs::path target = real_path(link.path);
      if (holds(target, real_path(link.path.parent_path()))) {
        skip(link.path, "a link to a parent folder");
      } else if (!searched_.insert(target).second) {
        skip(link.path, "a link to a folder already searched");
      } else {
        folder(link.path, link.root);
      }
    }
  }

  std::vector<Found>& found() { return found_; }

 private:
  struct Link {
    fs::path path, root;
  };

  static fs::path real_path(const fs::path& path) {
    std::error_code error;
    fs::path real = fs::canonical(path, error);
    return error ? path : real;
  }

  static bool holds(const fs::path& folder, const fs::path& below) {
    const auto [end, ignored] =
        std::mismatch(folder.begin(), folder.end(), below.begin(), below.end());
    return end == folder.end();
  }

  /// Adds a folder that is one study.
  bool found_whole(const fs::path& folder, const fs::path& root) {
    const bool masks = options_.kind == StudyKind::masks;
    if (masks && is_mask_folder(folder)) {
      found_.push_back({folder, root});
      return true;
    }
    if (!masks && is_restored_folder(folder)) {
      found_.push_back({folder / "restored.png", root});
      return true;
    }
    return false;
  }

  void folder_in(const fs::path& entry, const fs::path& root) {
    if (is_hidden(entry)) return;
    const bool study = options_.kind == StudyKind::masks
                           ? is_mask_folder(entry) || is_unreadable(entry)
                           : is_restored_folder(entry);
    std::error_code ignored;
    const bool is_link = !study && fs::is_symlink(entry, ignored);
    if (is_link && options_.recursive) {
      links_.push_back({entry, root});
    } else if (is_link) {
      skip(entry, "a link to a folder (followed with --recursive)");
    } else if (study ||
               (options_.recursive && (searched_.insert(real_path(entry)).second || !in_link_))) {
      folder(entry, root);
    }
  }

  void skip(const fs::path& path, const char* reason) {
    if (options_.skipped != nullptr) options_.skipped->push_back({path, reason});
  }

  const DiscoverOptions& options_;
  std::vector<Found> found_;
  std::set<fs::path> searched_;  ///< folders by canonical path; initially the input folders
  std::deque<Link> links_;
  bool in_link_ = false;
};

Found nothing_in(const fs::path& folder, StudyKind kind) {
  const std::string expected = kind == StudyKind::films ? "film (PNG, JPEG, TIFF or DICOM)"
                                                        : "set of masks or landmarks.json";
  return {folder, folder.parent_path(),
          "input: " + folder.string() + ": expected at least one " + expected + ", found none",
          ErrorKind::not_found};
}

}  // namespace

std::vector<Found> find_inputs(const std::vector<fs::path>& inputs,
                               const DiscoverOptions& options) {
  Search search(inputs, options);
  std::vector<Found>& found = search.found();
  std::vector<fs::path> empty;
  for (const auto& named : inputs) {
    const fs::path input = named.has_filename() ? named : named.parent_path();  // "films/"
    std::error_code ignored;
    if (fs::is_directory(input, ignored)) {
      const bool study = options.kind == StudyKind::masks && is_mask_folder(input);
      const std::size_t before = found.size();
      search.folder(input, study ? input.parent_path() : input);
      if (found.size() == before) empty.push_back(input);
    } else {
      found.push_back({input, input.parent_path()});
      found.back().named = true;
      if (!fs::exists(fs::symlink_status(input, ignored))) {
        found.back().error = "input: " + input.string() + ": expected a file or folder, found none";
        found.back().error_kind = ErrorKind::not_found;
      }
    }
  }
  search.links();
  for (const auto& input : empty) {
    const bool still =
        std::none_of(found.begin(), found.end(), [&](const Found& f) { return f.root == input; });
    if (still) found.push_back(nothing_in(input, options.kind));
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
  return std::move(found);
}

}  // namespace spine
