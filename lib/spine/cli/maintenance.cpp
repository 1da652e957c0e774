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
    "spine-pipeline merge", "Join the tables of the shards of one batch.",
    R"(Reads run.shard-I-of-N.json, measurements.shard-I-of-N.csv and the studies' records in OUT, and
writes measurements.csv, measurements_long.csv and run.json, as one run would have written them.
Refuses shards that are missing, were interrupted, are still at work (but for --wait), or are not
parts of one batch.

Example:
  for i in 1 2 3 4; do spine-pipeline archive/ -o results/ --shard $i/4; done
  spine-pipeline merge results/

Exit codes: 0 joined, 1 failed, 2 not parts of one batch, 3 a shard is missing.)"};

const AppInfo kVerify{
    "spine-pipeline verify", "Check an output folder against its records.",
    R"(Prints what is not as the records in OUT say, one line each: study or file, a tab, what it is.
Files are compared by their SHA-256.

Exit codes: 0 all as recorded, 1 something is not, 3 there is no record of a run.)"};

const AppInfo kKeys{
    "spine-pipeline keys", "Tell which file each study key stands for.",
    R"(Prints study,path,reason as CSV, one line a file; the reason says why a file is left out. The list
leads back to the patients: keep it apart from the results.

Example:
  spine-pipeline keys archive/ --recursive > crosswalk.csv

Exit codes: 0 printed, 1 failed, 2 bad usage, 3 nothing found.)"};

int run_merge(int argc, const char* const* argv) {
  std::filesystem::path output;
  bool wait = false;
  return run_app(
      argc, argv, kMerge,
      [&](CLI::App& app) {
        app.add_option("OUT", output, "Folder that all shards wrote to")
            ->type_name(kPath)
            ->required();
        app.add_flag("--wait", wait, "Wait for shards that are at work, instead of being refused");
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
        app.add_option("OUT", output, "Folder of results")->type_name(kPath)->required();
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

/// A path as it follows from a word of the command line: the parser makes them absolute.
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
  const std::vector<std::string> words(argv + 1, argv + argc);
  return run_app(
      argc, argv, kKeys,
      [&](CLI::App& app) {
        declare_films(app, options, "Films and folders of films");
        declare_archive(app, options);
      },
      [&](const ParsedOptions& parsed) {
        auto input = input_options(options, StudyKind::films);
        input.names = parsed.names;
        const batch::StudyList list = collect_studies(input);
        if (list.key) list.key->keep();
        std::cout << "study,path,reason\n";
        for (const auto& study : list.studies) {
          std::cout << csv_cell(study.id) << ',' << csv_cell(as_typed(study.path, words)) << ','
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
