// spine-eval: evaluation of predictions against ground truth or a rater's landmarks.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "spine/cli/app.h"
#include "spine/core/error.h"
#include "spine/eval/evaluate.h"
#include "spine/eval/evaluation_report.h"
#include "spine/eval/paired.h"
#include "spine/eval/rater.h"
#include "spine/eval/raters.h"
#include "spine/eval/restoration.h"
#include "spine/eval/retest.h"
#include "spine/eval/risk_coverage.h"
#include "spine/eval/strata.h"
#include "spine/eval/text_table.h"
#include "spine/util/atomic_file.h"
#include "spine/util/disk.h"
#include "spine/util/processors.h"

namespace {

namespace fs = std::filesystem;

const spine::cli::AppInfo kInfo{
    "spine-eval", "Evaluate predicted masks, angles and landmarks against ground truth.",
    R"(PRED and TRUTH are folders of studies, <study>/{masks.tif,landmarks.json,measurements.json}, as
written by spine-pipeline, spine-measure and spine-simulate (OUT/truth). Every study of TRUTH counts:
one without a prediction has Dice 0 and no measurements. If both masks of a structure are empty, its
Dice is not counted. Studies with unreadable files are listed with the reason.

With --rater-landmarks, TRUTH is a folder of a rater's <film>.json for real films; levels, endplate
directions and head centres are compared in film pixels.

With --restoration, PRED is a folder of spine-restore and TRUTH one of spine-simulate --implants
twins; implant masks are compared, and inpainted pixels with the implant-free twin.

With --raters FILE.csv (columns case,rater,session,parameter,value) inter-rater agreement is computed
pairwise and overall, and intra-rater agreement by sessions: Pearson's r, ICC(2,1) and ICC(3,1), bias
and limits of agreement, SEM, SDC; with PRED, its values are compared with the means of the raters.

With --retest, PRED holds several variants of each film, such as mirrored, shrunk or brightened
copies, and the standard deviation of PT, SS, PI and LL within a film is given. Variants are studies
named <film>~<variant>, or those of --table with the columns study and film (and turn_deg, degrees by
which an image was turned anti-clockwise); scripts/film_variants.py makes them.

--by COLUMN evaluates groups of studies separately: "implant" by the truth's implant_mask.png, "status"
by the status of the prediction (ok, review, missing), any other by that column of the CSV given by
--table, whose column "study" or "study_id" identifies the studies.

--against OTHER compares PRED with the folder of a second method on their common films: differences of
Dice and of absolute errors, with 95 % confidence intervals and p by bootstrap over patients, identified
by the column "patient" of --table (default: every film is a patient).

Prints Markdown tables to stdout; if predictions have standard errors, also the risk-coverage table:
errors after excluding the least certain films. With -o:
  dice.csv, errors.csv, summary.csv, agreement.csv, risk_coverage.csv, summary.md, summary.tex
  by_<column>.csv for each --by; paired.csv, .md and .tex for --against
  raters.csv, .md and .tex; rater.csv, rater.md; restoration.csv, restoration.md; retest.csv, retest.md
Plots of these tables (Bland-Altman, scatter, box plots, histograms, risk and coverage, the worst
studies) are drawn by scripts/plot_agreement.py of the source tree.

Examples:
  spine-eval out/ simulated/truth/ -o report/
  spine-eval measured/ simulated/truth/ --landmarks-only
  spine-eval out/ films/ --rater-landmarks
  spine-eval restored/ simulated/ --restoration
  spine-eval variants/ --retest
  spine-eval --raters raters.csv -o report/
  spine-eval out/ truth/ --by implant --by scanner --table cohort.csv -o report/

Exit codes: 0 done, 1 failed, 2 bad usage, 3 nothing found, 4 some studies could not be compared.)"};

/// The command line.
struct Arguments {
  fs::path predictions, truth, output, table, readings, other;
  std::vector<std::string> columns;
  spine::EvaluateOptions options{.threads = 0};
  bool rater_landmarks = false, restoration = false, retest = false, pictures = false,
       force = false;
  spine::DisplayNames names;  ///< placeholders for paths in output
};

void declare(CLI::App& app, Arguments& a) {
  app.add_option("PRED", a.predictions, "Folder of predictions")->type_name(spine::cli::kPath);
  auto* truth =
      app.add_option("TRUTH", a.truth, "Folder of ground truth")->type_name(spine::cli::kPath);
  auto* raters = app.add_option("--raters", a.readings, "CSV of raters' values, instead of TRUTH")
                     ->type_name(spine::cli::kPath)
                     ->check(CLI::ExistingFile)
                     ->excludes(truth);
  app.add_option("-o,--output", a.output, "Output folder for the tables")
      ->type_name(spine::cli::kPath);
  app.add_flag("--landmarks-only", a.options.landmarks_only, "Skip masks and Dice");
  app.add_flag("--hausdorff", a.options.hausdorff,
               "Also compute the 95 % Hausdorff distance (slower)");
  app.add_option("--threads", a.options.threads,
                 "Studies compared concurrently; 0: number of usable processors")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--force", a.force, "Overwrite existing tables");
  auto* films = app.add_flag("--restoration", a.restoration,
                             "Compare restored films with their implant-free twins");
  auto* marks = app.add_flag("--rater-landmarks", a.rater_landmarks,
                             "TRUTH is a folder of a rater's JSON files")
                    ->excludes(films);
  auto* by = app.add_option("--by", a.columns,
                            "Evaluate groups separately: implant, status, or a column of --table")
                 ->expected(1)
                 ->take_all();
  auto* table = app.add_option("--table", a.table, "CSV with one row per study")
                    ->type_name(spine::cli::kPath)
                    ->check(CLI::ExistingFile);
  auto* against = app.add_option("--against", a.other, "Folder of a second method to compare with")
                      ->type_name(spine::cli::kPath)
                      ->check(CLI::ExistingDirectory);
  auto* retest = app.add_flag("--retest", a.retest,
                              "Repeatability over variants of the same films, without TRUTH")
                     ->excludes(truth)
                     ->excludes(raters)
                     ->excludes(films)
                     ->excludes(marks);
  // An option of version 0.1.0, accepted and hidden until the version after the next.
  app.add_flag("--pictures", a.pictures)->group("");
  for (CLI::Option* option : {by, table, against}) option->excludes(films)->excludes(marks);
  for (CLI::Option* option : {films, marks, by, table, against}) option->excludes(raters);
  for (CLI::Option* option : {by, against}) option->excludes(retest);
}

int exit_code(bool some_failed) {
  return some_failed ? spine::cli::kExitSomeFailed : spine::cli::kExitDone;
}

/// Prints a table, and writes it as CSV, Markdown and LaTeX if an output folder is given.
void report(const Arguments& a, const spine::TextTable& table, const std::string& name) {
  std::cout << table.to_markdown();
  if (a.output.empty()) return;
  spine::make_folders(a.output);
  spine::write_file_atomically(a.output / (name + ".csv"), table.to_csv());
  spine::write_file_atomically(a.output / (name + ".md"), table.to_markdown());
  spine::write_file_atomically(a.output / (name + ".tex"), table.to_latex());
}

/// Prints rows as Markdown, and writes them as CSV and Markdown if an output folder is given.
template <typename Rows>
void report_rows(const Arguments& a, const Rows& rows, const std::string& name) {
  std::cout << spine::to_markdown(rows);
  if (a.output.empty()) return;
  spine::make_folders(a.output);
  spine::write_file_atomically(a.output / (name + ".csv"), spine::to_csv(rows));
  spine::write_file_atomically(a.output / (name + ".md"), spine::to_markdown(rows));
}

/// Replaces paths in error messages of studies.
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
                       "raters: " + a.readings.string() +
                           ": expected two raters or two sessions of one parameter, found none");
  }
  report(a, spine::raters_table(rows), "raters");
  return spine::cli::kExitDone;
}

int compare_with_raters(const Arguments& a) {
  auto evaluation = spine::evaluate_against_raters(a.predictions, spine::read_readings(a.readings));
  set_display_names(evaluation.studies, a.names);
  std::cout << spine::to_markdown(evaluation);
  if (!a.output.empty()) spine::write_evaluation(a.output, evaluation);
  return exit_code(spine::any_unreadable(evaluation));
}

int compare_with_landmarks(const Arguments& a) {
  auto films = spine::compare_folders_with_rater(a.predictions, a.truth);
  set_display_names(films, a.names);
  report_rows(a, films, "rater");
  return exit_code(spine::any_unreadable(films));
}

int compare_restored(const Arguments& a) {
  auto films = spine::compare_restorations(a.predictions, a.truth);
  set_display_names(films, a.names);
  report_rows(a, films, "restoration");
  return exit_code(spine::any_unreadable(films));
}

int compare_variants(const Arguments& a) {
  auto films = spine::compare_variants(a.predictions, a.table);
  set_display_names(films, a.names);
  report_rows(a, films, "retest");
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

/// Prints the comparison with a second method. Returns whether some of its studies are unreadable.
bool compare_with_other(const Arguments& a, const spine::Evaluation& evaluation) {
  const auto patients =
      a.table.empty() ? spine::Strata{} : spine::strata_from_csv(a.table, "patient");
  const auto other = evaluate(a, a.other);
  std::cout << "\n";
  report(a, spine::paired_table(spine::compare_methods(evaluation, other, patients)), "paired");
  const std::string faults = spine::faults_markdown(other);
  if (!faults.empty()) std::cout << "\nOf " << a.names(a.other.string()) << ":\n\n" << faults;
  return spine::any_unreadable(other);
}

int compare_studies(const Arguments& a) {
  const auto strata = read_strata(a);
  const auto evaluation = evaluate(a, a.predictions);
  const auto coverage = spine::risk_coverage(evaluation);
  std::cout << spine::to_markdown(evaluation);
  if (!coverage.empty()) std::cout << "\n" << spine::risk_coverage_markdown(coverage);
  if (!a.output.empty()) {
    spine::write_evaluation(a.output, evaluation);
    if (!coverage.empty())
      spine::write_file_atomically(a.output / "risk_coverage.csv",
                                   spine::risk_coverage_csv(coverage));
  }
  for (const auto& groups : strata) {
    std::cout << "\n" << spine::to_markdown(evaluation, groups);
    if (a.output.empty()) continue;
    spine::write_file_atomically(a.output / ("by_" + groups.column + ".csv"),
                                 spine::to_csv(evaluation, groups));
  }
  bool some_failed = spine::any_unreadable(evaluation);
  if (!a.other.empty()) some_failed = compare_with_other(a, evaluation) || some_failed;
  return exit_code(some_failed);
}

/// A mode of comparison, and the table that it writes.
struct Comparison {
  int (*run)(const Arguments&);
  const char* table;
};

Comparison comparison_of(const Arguments& a) {
  if (!a.readings.empty() && a.predictions.empty()) return {compare_raters, "raters.csv"};
  if (!a.readings.empty()) return {compare_with_raters, "summary.csv"};
  if (a.rater_landmarks) return {compare_with_landmarks, "rater.csv"};
  if (a.retest) return {compare_variants, "retest.csv"};
  if (a.restoration) return {compare_restored, "restoration.csv"};
  return {compare_studies, "summary.csv"};
}

int run(Arguments& a) {
  using spine::Error;
  using spine::ErrorKind;
  a.options.threads = spine::thread_count(a.options.threads);
  if (a.readings.empty() && (a.predictions.empty() || (a.truth.empty() && !a.retest))) {
    throw Error(ErrorKind::usage,
                "usage: expected PRED and TRUTH, PRED and --retest, or --raters FILE.csv");
  }
  if (a.pictures) {
    std::cerr << kInfo.name
              << ": --pictures has no effect and will be removed in the version after the next; "
                 "plots are drawn by scripts/plot_agreement.py\n";
  }
  const Comparison comparison = comparison_of(a);
  const fs::path table = a.output / comparison.table;
  if (!a.output.empty() && !a.force && fs::exists(table)) {
    throw Error(ErrorKind::output, "evaluate: " + table.string() +
                                       ": expected no tables, found some; --force overwrites them");
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
