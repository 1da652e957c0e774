#include "spine/batch/inputs.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <set>

#include "spine/core/error.h"
#include "spine/io/image_io.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;

bool lies_in(const fs::path& file, const fs::path& folder) {
  const fs::path relative =
      fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(folder));
  return !relative.empty() && *relative.begin() != "..";
}

bool named_like_a_film(const fs::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  static const std::set<std::string> known{".png",  ".jpg", ".jpeg", ".tif",
                                           ".tiff", ".dcm", ".dicom"};
  return known.count(extension) > 0 && file.filename().string().front() != '.';
}

/// Files in the input folders that are named like films but are none (empty, cut off at the start,
/// text). `discover` passes over them; a study that is broken must not disappear, though.
std::vector<fs::path> false_films(const std::vector<fs::path>& inputs, bool recursive) {
  std::vector<fs::path> files;
  const auto consider = [&files](const fs::directory_entry& entry) {
    std::error_code ignored;
    const bool file = entry.is_regular_file(ignored);
    if (file && named_like_a_film(entry.path()) && !looks_like_film(entry.path())) {
      files.push_back(entry.path());
    }
  };
  constexpr auto kOptions = fs::directory_options::skip_permission_denied;
  for (const auto& input : inputs) {
    std::error_code ignored;
    if (!fs::is_directory(input, ignored)) continue;
    if (recursive) {
      fs::recursive_directory_iterator entry(input, kOptions);
      for (; entry != fs::recursive_directory_iterator(); entry.increment(ignored)) {
        const bool hidden = entry->path().filename().string().front() == '.';
        if (hidden) entry.disable_recursion_pending();
        consider(*entry);
      }
    } else {
      for (const auto& entry : fs::directory_iterator(input, kOptions)) consider(entry);
    }
  }
  return files;
}

/// A missing input is a study that fails, unless it is the only one named.
std::vector<Study> discover_inputs(const InputOptions& options) {
  std::vector<fs::path> present;
  std::vector<Study> missing;
  for (const auto& input : options.inputs) {
    std::error_code ignored;
    if (options.inputs.size() == 1 || fs::exists(input, ignored)) {
      present.push_back(input);
    } else {
      missing.push_back({input.stem().string(),
                         input,
                         {},
                         {},
                         "input: " + input.string() + ": expected a file or folder, found none"});
    }
  }
  if (options.kind == StudyKind::films) {
    const auto broken = false_films(present, options.recursive);
    present.insert(present.end(), broken.begin(), broken.end());
  }
  std::vector<Study> studies;
  if (!present.empty()) studies = discover(present, {options.recursive, options.kind});
  studies.insert(studies.end(), missing.begin(), missing.end());
  return studies;
}

/// Results of an earlier run inside an input folder are pictures too, but no films.
void drop_own_results(std::vector<Study>& studies, const InputOptions& options) {
  if (options.kind != StudyKind::films || options.output.empty()) return;
  const bool meant = std::any_of(options.inputs.begin(), options.inputs.end(),
                                 [&](const auto& in) { return lies_in(in, options.output); });
  if (meant) return;
  std::erase_if(studies, [&](const Study& s) { return lies_in(s.path, options.output); });
}

bool usable_as_folder(const std::string& id) {
  return !id.empty() && id.front() != '.' && id.find('/') == std::string::npos &&
         id.find('\0') == std::string::npos && id.size() <= 200;
}

void check_ids(std::vector<Study>& studies) {
  std::map<std::string, fs::path> taken;
  for (auto& study : studies) {
    if (!study.error.empty()) continue;
    const auto [other, is_new] = taken.emplace(study.id, study.path);
    if (!usable_as_folder(study.id)) {
      study.error = "input: " + study.path.string() +
                    ": expected a study id that can name a folder, got \"" + study.id + "\"";
    } else if (!is_new) {
      study.error = "input: " + study.path.string() + ": expected a study id of its own, got \"" +
                    study.id + "\", which is taken by " + other->second.string();
    }
  }
}

void apply_shard(std::vector<Study>& studies, const Shard& shard) {
  std::vector<Study> part;
  for (std::size_t i = 0; i < studies.size(); ++i) {
    const bool mine =
        static_cast<int>(i % static_cast<std::size_t>(shard.count)) + 1 == shard.index;
    if (mine) part.push_back(std::move(studies[i]));
  }
  studies = std::move(part);
}

std::string names_of(const InputOptions& options) {
  std::string names;
  for (const auto& input : options.inputs) {
    names += (names.empty() ? "" : ", ") + input.string();
    if (names.size() > 200) return names + ", ...";
  }
  return names.empty() ? options.manifest->string() : names;
}

}  // namespace

Shard Shard::parse(const std::string& text) {
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.index);
  bool sound = index.ec == std::errc{} && index.ptr != end && *index.ptr == '/';
  if (sound) {
    const auto count = std::from_chars(index.ptr + 1, end, shard.count);
    sound = count.ec == std::errc{} && count.ptr == end;
  }
  if (!sound || shard.index < 1 || shard.index > shard.count) {
    throw Error(ErrorKind::usage,
                "usage: --shard: expected I/N with 1 <= I <= N, got \"" + text + "\"");
  }
  return shard;
}

std::vector<Study> collect_studies(const InputOptions& options) {
  if (options.inputs.empty() && !options.manifest) {
    throw Error(ErrorKind::usage, "usage: expected INPUT... or --manifest, got neither");
  }
  std::vector<Study> studies;
  if (options.manifest) studies = read_manifest(*options.manifest);
  const std::vector<Study> found = discover_inputs(options);
  studies.insert(studies.end(), found.begin(), found.end());
  drop_own_results(studies, options);
  if (studies.empty()) {
    const bool films = options.kind == StudyKind::films;
    throw Error(ErrorKind::not_found,
                "input: " + names_of(options) + ": expected at least one " +
                    (films ? "film (PNG, JPEG, TIFF or DICOM)" : "set of masks or landmarks.json") +
                    ", found none");
  }
  check_ids(studies);
  for (auto& study : studies) {
    if (options.spacing) study.spacing = options.spacing;
    if (options.anterior) study.anterior = options.anterior;
  }
  apply_shard(studies, options.shard);
  return studies;
}

}  // namespace spine::batch
