#include "spine/batch/inputs.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "spine/batch/archive.h"
#include "spine/batch/skipped_files.h"
#include "spine/core/error.h"
#include "spine/util/sha256.h"
#include "spine/util/text.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;

bool lies_in(const fs::path& file, const fs::path& folder) {
  const fs::path relative =
      fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(folder));
  return !relative.empty() && *relative.begin() != "..";
}

/// Results of an earlier run inside an input folder are images but not films; films of a manifest
/// are given by the user.
void drop_own_results(std::vector<Study>& studies, const InputOptions& options) {
  if (options.kind != StudyKind::films || options.output.empty()) return;
  const bool meant = std::any_of(options.inputs.begin(), options.inputs.end(),
                                 [&](const auto& in) { return lies_in(in, options.output); });
  if (meant) return;
  std::erase_if(studies,
                [&](const Study& s) { return !s.named && lies_in(s.path, options.output); });
}

/// Whether an id equals the name of a file of a run, such as run.json and
/// measurements.shard-1-of-4.csv.
bool is_run_file(const std::string& id) {
  return (id.starts_with("run") && id.ends_with(".json")) ||
         (id.starts_with("measurements") && id.ends_with(".csv"));
}

/// Whether a file was written to the output folder by an earlier or active run.
bool is_of_run(const fs::path& file, const InputOptions& options) {
  if (options.output.empty() || !lies_in(file, options.output)) return false;
  const bool meant = std::any_of(options.inputs.begin(), options.inputs.end(),
                                 [&](const auto& in) { return lies_in(in, options.output); });
  const std::string name = file.filename().string();
  return !meant || is_run_file(name) || name == kSkipped || name.front() == '.';
}

bool usable_as_folder(const std::string& id) {
  return !id.empty() && id.front() != '.' && id.find('/') == std::string::npos &&
         id.find('\0') == std::string::npos && id.size() <= 200 && !is_run_file(id);
}

/// Gives every row a unique id: of several studies with the same id the first valid one keeps it,
/// the others fail under a numbered one.
void check_ids(std::vector<Study>& studies) {
  std::map<std::string, std::string> taken;
  for (auto& study : studies) {
    if (!study.error.empty()) continue;
    if (!usable_as_folder(study.id)) {
      study.error = "input: " + study.shown +
                    ": expected a study id that can name a folder, got \"" + study.id + "\"";
      continue;
    }
    const auto [other, is_new] = taken.emplace(study.id, study.shown);
    if (!is_new) {
      study.error = "input: " + study.shown + ": expected a study id of its own, got \"" +
                    study.id + "\", which is taken by " + other->second;
    }
  }
  for (auto& study : studies) {
    if (study.error.empty()) continue;
    const std::string id = study.id;
    for (int i = 2; !taken.emplace(study.id, study.shown).second; ++i) {
      study.id = id + "__" + std::to_string(i);
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

/// The extension of a skipped file, " (.txt)"; only if it is a common one, as an extension may be a
/// name.
std::string kind_of_file(const fs::path& file) {
  static const std::set<std::string> kUsual{
      ".csv", ".db", ".doc", ".docx", ".exe", ".gz",   ".hl7", ".html", ".ini",  ".inf", ".json",
      ".log", ".md", ".pdf", ".rtf",  ".tar", ".toml", ".txt", ".xls",  ".xlsx", ".xml", ".zip"};
  const std::string extension = lower_case(file.extension().string());
  return kUsual.count(extension) > 0 ? " (" + extension + ")" : "";
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

StudyList::StudyList(std::vector<Study> own) : studies(std::move(own)), total(studies.size()) {
  for (auto& study : studies) {
    if (study.shown.empty()) study.shown = study.path.string();
  }
}

StudyList collect_studies(const InputOptions& options) {
  if (options.inputs.empty() && !options.manifest) {
    throw Error(ErrorKind::usage, "usage: expected INPUT... or --manifest, got neither");
  }
  StudyList list;
  std::vector<Study>& studies = list.studies;
  if (options.manifest) studies = read_manifest(*options.manifest);
  const std::size_t in_manifest = studies.size();
  std::vector<SkippedFiles> others;
  const std::vector<Study> found =
      discover(options.inputs, {options.recursive, options.kind, &others});
  const bool alone = !options.manifest && options.inputs.size() == 1 && found.size() == 1;
  if (alone && !found[0].error.empty()) throw Error(found[0].error_kind, found[0].error);
  studies.insert(studies.end(), found.begin(), found.end());
  drop_own_results(studies, options);
  if (studies.empty()) {
    const bool films = options.kind == StudyKind::films;
    throw Error(ErrorKind::not_found,
                "input: " + names_of(options) + ": expected at least one " +
                    (films ? "film (PNG, JPEG, TIFF or DICOM)" : "set of masks or landmarks.json") +
                    ", found none");
  }
  const ArchiveOptions archive{options.selection, options.keep_identifiers, options.pseudonym_key,
                               options.names};
  if (options.kind == StudyKind::films) {
    list.key = apply_dicom_headers(studies, options.inputs, in_manifest, archive);
  } else if (!options.keep_identifiers) {
    list.key = name_masks(studies, options.inputs, in_manifest, archive);
  }
  check_ids(studies);
  for (auto& study : studies) {
    if (options.spacing) study.spacing = options.spacing;
    if (options.anterior) study.anterior = options.anterior;
    if (options.frame) study.frame = options.frame;
  }
  for (const auto& [file, reason] : others) {
    if (is_of_run(file, options)) continue;
    const std::string name =
        options.keep_identifiers ? file.string()
        : list.key               ? list.key->of_place(place_below(file, options.inputs))
                   : "file " + std::to_string(list.skipped.size() + 1) + kind_of_file(file);
    list.skipped.push_back({name, reason});
  }
  std::string names;
  for (const auto& study : studies) names += study.id + "\n";
  list.listing_sha256 = sha256_of_text(names);
  list.total = studies.size();
  apply_shard(studies, options.shard);
  return list;
}

}  // namespace spine::batch
