#include "spine/train/label_search.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "spine/core/error.h"
#include "spine/core/structure.h"
#include "spine/dataset/study_name.h"
#include "spine/io/labelme.h"
#include "spine/train/film_source.h"
#include "spine/util/describe_failure.h"
#include "spine/util/folder.h"

namespace spine::train {
namespace {

namespace fs = std::filesystem;

bool has_masks(const fs::path& folder) {
  if (is_file(folder / "masks.tif")) return true;
  return std::any_of(kStructures.begin(), kStructures.end(), [&](Structure s) {
    return is_file(folder / (std::string(to_string(s)) + ".png"));
  });
}

/// "a/b/c" -> "a__b__c"
std::string joined_name(const fs::path& path) {
  std::string name;
  for (const auto& part : path) name += (name.empty() ? "" : "__") + part.string();
  return name;
}

/// Labels found, with their candidate names: file name, path relative to the input, the same
/// prefixed by the name of the input.
struct Found {
  fs::path labels;
  std::array<std::string, 3> names;
  std::string error;  ///< of a folder or a JSON that cannot be read
  std::optional<ReviewedLabels> reviewed = {};
};

/// Searches a folder recursively; unreadable entries are reported with the reason.
class Search {
 public:
  Search(fs::path input, const fs::path& output)
      : input_(input.has_filename() ? std::move(input) : input.parent_path()),
        own_(canonical(output)) {}

  std::vector<Found> run() {
    if (film_in(input_) && has_masks(input_)) add(input_, input_.filename());
    search(input_);
    return std::move(found_);
  }

 private:
  static fs::path canonical(const fs::path& path) {
    std::error_code ignored;
    return fs::weakly_canonical(path, ignored);
  }

  // Dots in a folder name do not start an extension.
  void add(const fs::path& labels, const fs::path& name, const std::string& error = "") {
    found_.push_back(
        {labels,
         {safe_name(name.filename().string()), safe_name(joined_name(name)),
          safe_name(joined_name(fs::absolute(input_).lexically_normal().filename() / name))},
         error});
  }

  void search(const fs::path& folder) {
    const FolderListing listing = list_folder(folder);
    if (listing.error) {
      add(folder, folder == input_ ? folder.filename() : folder.lexically_relative(input_),
          "labels: " + folder.string() +
              ": expected a folder that can be read, got: " + listing.error.message());
    }
    for (const fs::path& path : listing.entries) visit(path);
  }

  void visit(const fs::path& path) {
    const fs::path name = path.lexically_relative(input_);
    if (is_folder(path)) {
      if (canonical(path) == own_) return;
      if (film_in(path) && has_masks(path)) add(path, name);
      std::error_code ignored;
      if (!fs::is_symlink(path, ignored)) search(path);  // links may form a cycle
    } else if (path.extension() == ".json" && may_be_file(path)) {
      visit_json(path, fs::path(name).replace_extension());
    }
  }

  void visit_json(const fs::path& file, const fs::path& name) {
    try {
      if (is_labelme(file)) add(file, name);
    } catch (...) {
      add(file, name, describe_failure(std::current_exception()).message);
    }
  }

  fs::path input_, own_;
  std::vector<Found> found_;
};

std::vector<Found> labels_in(const fs::path& input, const fs::path& output) {
  if (!is_folder(input)) {
    throw Error(ErrorKind::not_found, "cohort: " + input.string() + ": no such folder");
  }
  return Search(input, output).run();
}

std::vector<Found> reviewed_in(const fs::path& results) {
  std::vector<Found> found;
  const fs::path whole = fs::absolute(results / "").lexically_normal().parent_path();
  for (auto& study : find_reviewed(results)) {
    const std::string name = study.folder.filename().string();
    const std::string own = safe_name(name);
    found.push_back({study.folder,
                     {own, own, safe_name(joined_name(whole.filename() / name))},
                     study.error,
                     std::move(study.labels)});
  }
  return found;
}

}  // namespace

std::vector<LabelSource> find_labels(const std::vector<fs::path>& inputs,
                                     const std::vector<fs::path>& reviewed,
                                     const fs::path& output) {
  std::vector<Found> found;
  for (const auto& input : inputs) {
    for (auto& labels : labels_in(input, output)) found.push_back(std::move(labels));
  }
  for (const auto& results : reviewed) {
    for (auto& labels : reviewed_in(results)) found.push_back(std::move(labels));
  }
  std::map<std::string, int> count;
  for (const auto& f : found) {
    for (const auto& name : std::set<std::string>(f.names.begin(), f.names.end())) ++count[name];
  }
  std::vector<LabelSource> sources;
  for (const auto& f : found) {
    const auto own = std::find_if(f.names.begin(), f.names.end(),
                                  [&](const std::string& name) { return count[name] == 1; });
    sources.push_back(
        {f.labels, own == f.names.end() ? f.names.back() : *own, {}, f.error, f.reviewed});
  }
  std::sort(sources.begin(), sources.end(), [](const LabelSource& a, const LabelSource& b) {
    return std::tie(a.name, a.labels) < std::tie(b.name, b.labels);
  });
  return sources;
}

}  // namespace spine::train
