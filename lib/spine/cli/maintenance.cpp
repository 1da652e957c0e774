#include "spine/cli/maintenance.h"

#include <filesystem>
#include <iostream>
#include <string_view>

#include "spine/batch/merge.h"
#include "spine/batch/verify.h"
#include "spine/cli/app.h"
#include "spine/cli/shared_options.h"
#include "spine/util/csv.h"

namespace spine::cli {
namespace {

const AppInfo kMerge{
    "spine-pipeline merge", "Merge the tables of the shards of a batch.",
    R"(Reads run.shard-I-of-N.json, measurements.shard-I-of-N.csv and the studies' records in OUT, and
writes measurements.csv, measurements_long.csv and run.json as a single run would. Fails if shards
are missing, interrupted, still running (unless --wait), or not from the same batch.

Example:
  for i in 1 2 3 4; do spine-pipeline archive/ -o results/ --shard $i/4; done
  spine-pipeline merge results/

Exit codes: 0 merged, 1 failed, 2 not from the same batch, 3 a shard is missing.)"};

const AppInfo kVerify{
    "spine-pipeline verify", "Verify an output folder against its records.",
    R"(Prints deviations from the records in OUT, one per line: study or file, a tab, the deviation.
Files are compared by their SHA-256.

Exit codes: 0 no deviations, 1 deviations found, 3 no record of a run.)"};

const AppInfo kKeys{
    "spine-pipeline keys", "List the file behind each pseudonym.",
    R"(Prints study,path,reason as CSV, one line per file; the reason is set for excluded files. The list
re-identifies patients: keep it apart from the results.

Example:
  spine-pipeline keys archive/ --recursive > crosswalk.csv

Exit codes: 0 printed, 1 failed, 2 bad usage, 3 nothing found.)"};

int run_merge(int argc, const char* const* argv) {
  std::filesystem::path output;
  bool wait = false;
  return run_app(
      argc, argv, kMerge,
      [&](CLI::App& app) {
        app.add_option("OUT", output, "Output folder of all shards")->type_name(kPath)->required();
        app.add_flag("--wait", wait, "Wait for running shards instead of failing");
      },
      [&](const ParsedOptions& parsed) {
        batch::LockRequest request;
        request.output = output;
        request.command = kMerge.name;
        request.wait = wait;
        request.stop_requested = interrupted;
        const std::size_t studies = batch::merge_shards(request);
        const std::string table = (output / "measurements.csv").string();
        std::cerr << kMerge.name << ": " << studies << " studies; table: " << parsed.names(table)
                  << std::endl;
        return kExitDone;
      });
}

int run_verify(int argc, const char* const* argv) {
  std::filesystem::path output;
  return run_app(
      argc, argv, kVerify,
      [&](CLI::App& app) {
        app.add_option("OUT", output, "Results folder")->type_name(kPath)->required();
      },
      [&](const ParsedOptions& parsed) {
        const batch::Verification verification = batch::verify_output(output);
        for (const auto& [where, what] : verification.found) {
          std::cout << where << '\t' << parsed.names(what) << '\n';
        }
        std::cout.flush();
        std::cerr << kVerify.name << ": " << verification.studies << " studies, "
                  << verification.files << " files: " << verification.found.size()
                  << " not as recorded" << std::endl;
        return verification.found.empty() ? kExitDone : kExitFailed;
      });
}

/// The path as given on the command line; the parser makes paths absolute.
std::string as_typed(const std::filesystem::path& path, const std::vector<std::string>& typed) {
  for (const auto& word : typed) {
    if (word.empty()) continue;
    const std::filesystem::path named = word.ends_with('/')
                                            ? std::filesystem::path(word).parent_path()
                                            : std::filesystem::path(word);
    const auto below = path.lexically_relative(std::filesystem::absolute(named));
    if (below.empty() || *below.begin() == "..") continue;
    return (below == "." ? named : named / below).string();
  }
  return path.string();
}

int run_keys(int argc, const char* const* argv) {
  SharedOptions options;
  const std::vector<std::string> typed(argv + 1, argv + argc);
  return run_app(
      argc, argv, kKeys,
      [&](CLI::App& app) {
        declare_films(app, options, "Films, or folders of films");
        declare_archive(app, options);
      },
      [&](const ParsedOptions& parsed) {
        auto input = input_options(options, StudyKind::films);
        input.names = parsed.names;
        const batch::StudyList list = collect_studies(input);
        if (list.key) list.key->keep();
        std::cout << "study,path,reason\n";
        for (const auto& study : list.studies) {
          std::cout << csv_cell(study.id) << ',' << csv_cell(as_typed(study.path, typed)) << ','
                    << csv_cell(study.error) << '\n';
        }
        std::cout.flush();
        return kExitDone;
      });
}

}  // namespace

std::optional<int> run_maintenance(int argc, const char* const* argv) {
  const std::string_view task = argc > 1 ? argv[1] : "";
  if (task == "merge") return run_merge(argc - 1, argv + 1);
  if (task == "verify") return run_verify(argc - 1, argv + 1);
  if (task == "keys") return run_keys(argc - 1, argv + 1);
  return std::nullopt;
}

}  // namespace spine::cli
