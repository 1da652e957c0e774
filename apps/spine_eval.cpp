// spine-eval: predictions against truth, or against a reader's landmarks.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "spine/cli/app.h"
#include "spine/core/error.h"
#include "spine/eval/evaluate.h"
#include "spine/eval/paired.h"
#include "spine/eval/plots.h"
#include "spine/eval/rater.h"
#include "spine/eval/raters.h"
#include "spine/eval/restoration.h"
#include "spine/eval/risk_coverage.h"
#include "spine/eval/strata.h"
#include "spine/eval/text_table.h"
#include "spine/util/atomic_file.h"
#include "spine/util/processors.h"

namespace {

namespace fs = std::filesystem;

const spine::cli::AppInfo kInfo{
    "spine-eval", "Compare predicted masks, angles and landmarks with the truth.",
    R"(PRED and TRUTH are folders of studies, <study>/{masks.tif,landmarks.json,measurements.json}, as
spine-pipeline, spine-measure and spine-simulate (OUT/truth) make them. Every study of TRUTH counts:
one without a prediction has Dice 0 and completes no measurement. Where both masks of a structure are
empty, its Dice is not counted. Studies with a file that cannot be read are listed with the reason.

With --rater-landmarks, TRUTH is a folder of a reader's <film>.json for real films; levels, endplate
directions and head centres are compared in the film's own pixels.

With --restoration, PRED is a folder of spine-restore and TRUTH one of spine-simulate --implants
twins; masks of metal are compared, and what was filled in with the twin that never had any.

With --raters FILE.csv (columns case,rater,session,parameter,value) readers are compared in pairs and
together, and each with their own sessions: Pearson's r, ICC(2,1) and ICC(3,1), bias and limits of
agreement, SEM, SDC; with PRED, its values with the means of the readers'.

--by COLUMN judges groups of studies by themselves: "implant" by the truth's implant_mask.png, "status" by
what the prediction says of itself (ok, review, missing), any other by that column of the CSV that --table
names, whose column "study" or "study_id" names the studies.

--against OTHER compares PRED with a second method's folder on the films that both have: differences of Dice
and of absolute errors, their 95 % interval and p by bootstrap over patients, whom the column "patient" of
--table names (else every film is one).

Prints Markdown tables to stdout; where predictions have standard errors, also the errors that are left
when the least certain films are. With -o:
  dice.csv, errors.csv, summary.csv, agreement.csv, risk_coverage.csv, summary.md, summary.tex
  by_<column>.csv for each --by; paired.csv, .md and .tex for --against
  readers.csv, .md and .tex; reader.csv, reader.md; restoration.csv, restoration.md
and with --pictures Bland-Altman, scatter and box plots, histograms of errors, the overlays of the ten
worst studies for PT, SS, PI, LL, and risk_coverage.png; of readers Bland-Altman, scatter and box plots.

Examples:
  spine-eval out/ simulated/truth/ -o report/
  spine-eval measured/ simulated/truth/ --landmarks-only
  spine-eval out/ films/ --rater-landmarks
  spine-eval restored/ simulated/ --restoration
  spine-eval --raters readers.csv -o report/
  spine-eval out/ truth/ --by implant --by scanner --table cohort.csv -o report/ --pictures

Exit codes: 0 done, 1 failed, 2 bad usage, 3 nothing found, 4 some studies could not be compared.)"};

/// The command line.
struct Arguments {
  fs::path predictions, truth, output, table, readings, other;
  std::vector<std::string> columns;
  spine::EvaluateOptions options{.threads = 0};
  bool rater_landmarks = false, restoration = false, pictures = false, force = false;
  spine::DisplayNames names;  ///< of paths, in what is printed and written
};

void declare(CLI::App& app, Arguments& a) {
  app.add_option("PRED", a.predictions, "Folder of predictions")->type_name(spine::cli::kPath);
  auto* truth =
      app.add_option("TRUTH", a.truth, "Folder of the truth")->type_name(spine::cli::kPath);
  auto* readers =
      app.add_option("--raters", a.readings, "CSV of readers' values, in place of TRUTH")
          ->type_name(spine::cli::kPath)
          ->check(CLI::ExistingFile)
          ->excludes(truth);
  app.add_option("-o,--output", a.output, "Folder for the tables")->type_name(spine::cli::kPath);
  app.add_flag("--landmarks-only", a.options.landmarks_only, "Leave masks and Dice out");
  app.add_flag("--hausdorff", a.options.hausdorff, "Also the 95 % Hausdorff distance (slower)");
  app.add_option("--threads", a.options.threads, "Studies compared at once; 0: all cores")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--force", a.force, "Replace tables that are there already");
  auto* films = app.add_flag("--restoration", a.restoration, "Compare restored films with twins");
  auto* marks = app.add_flag("--rater-landmarks", a.rater_landmarks,
                             "TRUTH is a folder of a reader's JSON files")
                    ->excludes(films);
  auto* by = app.add_option("--by", a.columns,
                            "Judge groups by themselves: implant, status, or a column of --table")
                 ->expected(1)
                 ->take_all();
  auto* table = app.add_option("--table", a.table, "CSV with a row a study")
                    ->type_name(spine::cli::kPath)
                    ->check(CLI::ExistingFile);
  auto* against = app.add_option("--against", a.other, "A second method's folder")
                      ->type_name(spine::cli::kPath)
                      ->check(CLI::ExistingDirectory);
  auto* plots =
      app.add_flag("--pictures", a.pictures, "Also plots and the worst studies (with -o)");
  for (CLI::Option* option : {by, table, plots, against}) option->excludes(films)->excludes(marks);
  for (CLI::Option* option : {films, marks, by, table, against}) option->excludes(readers);
}

int exit_code(bool some_failed) {
  return some_failed ? spine::cli::kExitSomeFailed : spine::cli::kExitDone;
}

/// Prints a table, and writes it as CSV, Markdown and LaTeX where there is an output folder.
void give(const Arguments& a, const spine::TextTable& table, const std::string& name) {
  std::cout << table.to_markdown();
  if (a.output.empty()) return;
  spine::make_folder(a.output);
  spine::write_file_atomically(a.output / (name + ".csv"), table.to_csv());
  spine::write_file_atomically(a.output / (name + ".md"), table.to_markdown());
  spine::write_file_atomically(a.output / (name + ".tex"), table.to_latex());
}

/// The same for rows with a Markdown and a CSV of their own.
template <typename Rows>
void give_rows(const Arguments& a, const Rows& rows, const std::string& name) {
  std::cout << spine::to_markdown(rows);
  if (a.output.empty()) return;
  spine::make_folder(a.output);
  spine::write_file_atomically(a.output / (name + ".csv"), spine::to_csv(rows));
  spine::write_file_atomically(a.output / (name + ".md"), spine::to_markdown(rows));
}

/// Lets reasons why studies cannot be compared tell no paths.
template <typename Studies>
void set_display_names(Studies& studies, const spine::DisplayNames& names) {
  for (auto& study : studies) study.error = names(study.error);
}

spine::Evaluation evaluate(const Arguments& a, const fs::path& predictions) {
  auto evaluation = spine::evaluate(predictions, a.truth, a.options);
  set_display_names(evaluation.studies, a.names);
  return evaluation;
}

int compare_raters(const Arguments& a) {
  const auto rows = spine::compare_raters(spine::read_readings(a.readings));
  if (rows.empty()) {
    throw spine::Error(spine::ErrorKind::not_found,
                       "readers: " + a.readings.string() +
                           ": expected two raters or two sessions of one parameter, found none");
  }
  give(a, spine::raters_table(rows), "readers");
  if (a.pictures) spine::write_rater_pictures(a.output, rows);
  return spine::cli::kExitDone;
}

int compare_with_raters(const Arguments& a) {
  auto evaluation = spine::evaluate_against_raters(a.predictions, spine::read_readings(a.readings));
  set_display_names(evaluation.studies, a.names);
  std::cout << spine::to_markdown(evaluation);
  if (!a.output.empty()) spine::write_evaluation(a.output, evaluation);
  if (a.pictures) spine::write_pictures(a.output, evaluation, a.predictions);
  return exit_code(spine::any_unreadable(evaluation));
}

int compare_with_landmarks(const Arguments& a) {
  auto films = spine::compare_folders_with_rater(a.predictions, a.truth);
  set_display_names(films, a.names);
  give_rows(a, films, "reader");
  return exit_code(spine::any_unreadable(films));
}

int compare_restored(const Arguments& a) {
  auto films = spine::compare_restorations(a.predictions, a.truth);
  set_display_names(films, a.names);
  give_rows(a, films, "restoration");
  return exit_code(spine::any_unreadable(films));
}

std::vector<spine::Strata> read_strata(const Arguments& a) {
  std::vector<spine::Strata> strata;
  for (const auto& column : a.columns) {
    if (column == "implant") {
      strata.push_back(spine::strata_by_implant(a.truth));
    } else if (column == "status") {
      strata.push_back(spine::strata_by_status(a.predictions));
    } else if (!a.table.empty()) {
      strata.push_back(spine::strata_from_csv(a.table, column));
    } else {
      throw spine::Error(spine::ErrorKind::usage,
                         "--by: expected --table FILE.csv with that column");
    }
  }
  return strata;
}

/// Prints how a second method compares. Returns whether some of its studies cannot be compared.
bool compare_with_other(const Arguments& a, const spine::Evaluation& evaluation) {
  const auto patients =
      a.table.empty() ? spine::Strata{} : spine::strata_from_csv(a.table, "patient");
  const auto other = evaluate(a, a.other);
  std::cout << "\n";
  give(a, spine::paired_table(spine::compare_methods(evaluation, other, patients)), "paired");
  const std::string faults = spine::faults_markdown(other);
  if (!faults.empty()) std::cout << "\nOf " << a.names(a.other.string()) << ":\n\n" << faults;
  return spine::any_unreadable(other);
}

int compare_studies(const Arguments& a) {
  const auto strata = read_strata(a);
  const auto evaluation = evaluate(a, a.predictions);
  const auto kept = spine::risk_coverage(evaluation);
  std::cout << spine::to_markdown(evaluation);
  if (!kept.empty()) std::cout << "\n" << spine::risk_coverage_markdown(kept);
  if (!a.output.empty()) {
    spine::write_evaluation(a.output, evaluation);
    if (!kept.empty())
      spine::write_file_atomically(a.output / "risk_coverage.csv", spine::risk_coverage_csv(kept));
  }
  for (const auto& groups : strata) {
    std::cout << "\n" << spine::to_markdown(evaluation, groups);
    if (a.output.empty()) continue;
    spine::write_file_atomically(a.output / ("by_" + groups.column + ".csv"),
                                 spine::to_csv(evaluation, groups));
  }
  bool some_failed = spine::any_unreadable(evaluation);
  if (!a.other.empty()) some_failed = compare_with_other(a, evaluation) || some_failed;
  if (a.pictures) spine::write_pictures(a.output, evaluation, a.predictions);
  return exit_code(some_failed);
}

/// A way to compare, and the table that is there when it was done before.
struct Comparison {
  int (*run)(const Arguments&);
  const char* table;
};

Comparison comparison_of(const Arguments& a) {
  if (!a.readings.empty() && a.predictions.empty()) return {compare_raters, "readers.csv"};
  if (!a.readings.empty()) return {compare_with_raters, "summary.csv"};
  if (a.rater_landmarks) return {compare_with_landmarks, "reader.csv"};
  if (a.restoration) return {compare_restored, "restoration.csv"};
  return {compare_studies, "summary.csv"};
}

int run(Arguments& a) {
  using spine::Error;
  using spine::ErrorKind;
  a.options.threads = spine::thread_count(a.options.threads);
  if (a.readings.empty() && a.truth.empty()) {
    throw Error(ErrorKind::usage, "usage: expected PRED and TRUTH, or --raters FILE.csv");
  }
  if (a.pictures && a.output.empty()) {
    throw Error(ErrorKind::usage, "--pictures: expected -o FOLDER for them");
  }
  const Comparison comparison = comparison_of(a);
  const fs::path table = a.output / comparison.table;
  if (!a.output.empty() && !a.force && fs::exists(table)) {
    throw Error(ErrorKind::output, "evaluate: " + table.string() +
                                       ": expected no tables, found some; --force replaces them");
  }
  return comparison.run(a);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  return spine::cli::run_app(
      argc, argv, kInfo, [&](CLI::App& app) { declare(app, arguments); },
      [&](const spine::cli::ParsedOptions& parsed) {
        arguments.names = parsed.names;
        return run(arguments);
      });
}
