// spine-eval: predictions against truth, or against a reader's landmarks.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "spine/cli/app.h"
#include "spine/core/error.h"
#include "spine/eval/evaluate.h"
#include "spine/eval/kept.h"
#include "spine/eval/paired.h"
#include "spine/eval/plots.h"
#include "spine/eval/reader.h"
#include "spine/eval/readers.h"
#include "spine/eval/restoration.h"
#include "spine/eval/strata.h"
#include "spine/eval/text_table.h"
#include "spine/io/landmarks_io.h"

namespace {

namespace fs = std::filesystem;

const spine::cli::AppInfo kInfo{
    "spine-eval", "Compare predicted masks, angles and landmarks with the truth.",
    R"(PRED and TRUTH are folders of studies, <study>/{masks.tif,landmarks.json,measurements.json}, as
spine-pipeline, spine-measure and spine-simulate (OUT/truth) make them. Every study of TRUTH counts:
one without a prediction has Dice 0 and completes no measurement. Where both masks of a structure are
empty, its Dice is not counted. Studies with a file that cannot be read are listed with the reason.

With --reader-landmarks, TRUTH is a folder of a reader's <film>.json for real films; levels, endplate
directions and head centres are compared in the film's own pixels.

With --restoration, PRED is a folder of spine-restore and TRUTH one of spine-simulate --implants
twins; masks of metal are compared, and what was filled in with the twin that never had any.

With --readers FILE.csv (columns case,rater,session,parameter,value) readers are compared in pairs and
together, and each with their own sessions: Pearson's r, ICC(2,1) and ICC(3,1), bias and limits of
agreement, SEM, SDC; with PRED, its values with the means of the readers'.

--by COLUMN judges groups of studies by themselves: "implant" by the truth's implant_mask.png, "status" by
what the prediction says of itself (ok, review, missing), any other by that column of the CSV that --table
names, whose column "study" or "study_id" names the studies.

--against OTHER compares PRED with a second method's folder on the films that both have: differences of Dice
and of absolute errors, their 95 % interval and p by bootstrap over patients, whom the column "patient" of
--table names (else every film is one).

Prints Markdown tables to stdout; where predictions have standard errors, also the errors that are left
when the least certain films are. With -o: dice.csv, errors.csv, summary.csv, agreement.csv, kept.csv, summary.md and .tex (or
reader.csv, reader.md; restoration.csv, restoration.md; readers.csv, readers.md, readers.tex); by_<column>.csv for each --by; paired.csv and .tex for --against; with --pictures
Bland-Altman plots, histograms of errors and the overlays of the ten worst studies for PT, SS, PI, LL, and
kept.png.

Examples:
  spine-eval out/ simulated/truth/ -o report/
  spine-eval measured/ simulated/truth/ --landmarks-only
  spine-eval out/ films/ --reader-landmarks
  spine-eval restored/ simulated/ --restoration
  spine-eval --readers readers.csv -o report/
  spine-eval out/ truth/ --by implant --by scanner --table cohort.csv -o report/ --pictures

Exit codes: 0 done, 1 failed, 2 bad usage, 3 nothing found, 4 some studies could not be compared.)"};

std::vector<spine::Strata> read_strata(const std::vector<std::string>& columns,
                                       const fs::path& table, const fs::path& predictions,
                                       const fs::path& truth) {
  std::vector<spine::Strata> strata;
  for (const auto& column : columns) {
    if (column == "implant") {
      strata.push_back(spine::strata_by_implant(truth));
    } else if (column == "status") {
      strata.push_back(spine::strata_by_status(predictions));
    } else if (!table.empty()) {
      strata.push_back(spine::strata_from_csv(table, column));
    } else {
      throw spine::Error(spine::ErrorKind::usage,
                         "--by " + column + ": expected --table FILE.csv with that column");
    }
  }
  return strata;
}

/// Patients by study; none without a table.
spine::Strata patients_of(const fs::path& table) {
  return table.empty() ? spine::Strata{} : spine::strata_from_csv(table, "patient");
}

}  // namespace

int main(int argc, char** argv) {
  fs::path predictions, truth, output, table_file, readings_file, other;
  std::vector<std::string> columns;
  spine::EvaluateOptions options{.threads = 0};
  bool reader = false, restoration = false, pictures = false, force = false;

  const auto declare = [&](CLI::App& app) {
    app.add_option("PRED", predictions, "Folder of predictions");
    auto* true_ones = app.add_option("TRUTH", truth, "Folder of the truth");
    app.add_option("--readers", readings_file, "CSV of readers' values, in place of TRUTH")
        ->check(CLI::ExistingFile)
        ->excludes(true_ones);
    app.add_option("-o,--output", output, "Folder for the tables");
    app.add_flag("--landmarks-only", options.landmarks_only, "Leave masks and Dice out");
    app.add_flag("--hausdorff", options.hausdorff, "Also the 95 % Hausdorff distance (slower)");
    app.add_option("--threads", options.threads, "Studies compared at once; 0: all cores")
        ->check(CLI::NonNegativeNumber);
    app.add_flag("--force", force, "Replace tables that are there already");
    auto* films = app.add_flag("--restoration", restoration, "Compare restored films with twins");
    auto* marks =
        app.add_flag("--reader-landmarks", reader, "TRUTH is a folder of a reader's JSON files")
            ->excludes(films);
    auto* by = app.add_option("--by", columns,
                              "Judge groups by themselves: implant, status, or a column of --table")
                   ->expected(1)
                   ->take_all();
    auto* table =
        app.add_option("--table", table_file, "CSV with a row a study")->check(CLI::ExistingFile);
    auto* against = app.add_option("--against", other, "A second method's folder")
                        ->check(CLI::ExistingDirectory);
    auto* plots =
        app.add_flag("--pictures", pictures, "Also plots and the worst studies (with -o)");
    for (CLI::Option* option : {by, table, plots, against})
      option->excludes(films)->excludes(marks);
  };
  const auto run = [&] {
    const bool readers = !readings_file.empty();
    if (options.threads == 0) {
      options.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    }
    if (!readers && truth.empty()) {
      throw spine::Error(spine::ErrorKind::usage,
                         "usage: expected PRED and TRUTH, or --readers FILE.csv");
    }
    const bool only_readers = readers && predictions.empty();
    const std::string tables = only_readers  ? "readers"
                               : reader      ? "reader"
                               : restoration ? "restoration"
                                             : "summary";
    const fs::path table = output / (tables + ".csv");
    if (!output.empty() && !force && fs::exists(table)) {
      throw spine::Error(spine::ErrorKind::output, "evaluate: " + table.string() +
                                                       ": expected no tables, found some; --force "
                                                       "replaces them");
    }
    if (pictures && output.empty()) {
      throw spine::Error(spine::ErrorKind::usage, "--pictures: expected -o FOLDER for them");
    }
    if (readers && !predictions.empty()) {
      const auto evaluation =
          spine::evaluate_against_readers(predictions, spine::read_readings(readings_file));
      std::cout << spine::to_markdown(evaluation);
      if (!output.empty()) spine::write_evaluation(output, evaluation);
      return spine::any_unreadable(evaluation) ? spine::cli::kExitSomeFailed
                                               : spine::cli::kExitDone;
    }
    if (readers) {
      const auto rows = readers_table(compare_readers(spine::read_readings(readings_file)));
      std::cout << rows.to_markdown();
      if (output.empty()) return spine::cli::kExitDone;
      spine::make_folder(output);
      spine::write_text(table, rows.to_csv());
      spine::write_text(output / "readers.md", rows.to_markdown());
      spine::write_text(output / "readers.tex", rows.to_latex());
      return spine::cli::kExitDone;
    }
    const auto show = [&](const auto& films) {
      std::cout << spine::to_markdown(films);
      if (output.empty()) return;
      spine::make_folder(output);
      spine::write_text(table, spine::to_csv(films));
      spine::write_text(output / (tables + ".md"), spine::to_markdown(films));
    };
    if (reader) {
      show(spine::compare_folders_with_reader(predictions, truth));
      return spine::cli::kExitDone;
    }
    if (restoration) {
      const auto films = spine::compare_restorations(predictions, truth);
      show(films);
      return spine::any_unreadable(films) ? spine::cli::kExitSomeFailed : spine::cli::kExitDone;
    }
    const auto strata = read_strata(columns, table_file, predictions, truth);
    const auto evaluation = spine::evaluate(predictions, truth, options);
    const auto kept = spine::errors_when_kept(evaluation);
    std::cout << spine::to_markdown(evaluation);
    if (!kept.empty()) std::cout << "\n" << spine::kept_markdown(kept);
    if (!output.empty()) spine::write_evaluation(output, evaluation);
    if (!output.empty() && !kept.empty()) {
      spine::write_text(output / "kept.csv", spine::kept_csv(kept));
    }
    for (const auto& groups : strata) {
      std::cout << "\n" << spine::to_markdown(evaluation, groups);
      if (output.empty()) continue;
      spine::write_text(output / ("by_" + groups.column + ".csv"),
                        spine::to_csv(evaluation, groups));
    }
    if (!other.empty()) {
      const auto rows = compare_methods(evaluation, spine::evaluate(other, truth, options),
                                        patients_of(table_file));
      const spine::TextTable paired = paired_table(rows);
      std::cout << "\n" << paired.to_markdown();
      if (!output.empty()) {
        spine::write_text(output / "paired.csv", paired.to_csv());
        spine::write_text(output / "paired.tex", paired.to_latex());
      }
    }
    if (pictures) spine::write_pictures(output, evaluation, predictions);
    return spine::any_unreadable(evaluation) ? spine::cli::kExitSomeFailed : spine::cli::kExitDone;
  };
  return spine::cli::run_app(argc, argv, kInfo, declare, run);
}
