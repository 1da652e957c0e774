#include "spine/eval/retest.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "spine/core/error.h"
#include "spine/eval/evaluate.h"
#include "spine/eval/moments.h"
#include "spine/eval/stats_table.h"
#include "spine/eval/text_table.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/csv.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLeastVariants = 3;  // for a standard deviation

/// A study that shows a film.
struct Variant {
  std::string study;
  double turn_deg = 0;  ///< by which the image was turned anti-clockwise as displayed
};
using Variants = std::map<std::string, std::vector<Variant>>;  ///< by film

Variants variants_by_name(const std::vector<std::string>& studies) {
  Variants variants;
  for (const auto& study : studies) variants[study.substr(0, study.rfind('~'))].push_back({study});
  return variants;
}

double degrees_of(const std::string& cell, const std::string& where) {
  const auto deg = number_in(cell);
  if (deg && std::abs(*deg) <= 360) return *deg;
  throw Error(ErrorKind::unreadable, where + ": turn_deg: expected degrees, got \"" + cell + "\"");
}

Variants variants_by_table(const std::vector<std::string>& studies, const fs::path& table) {
  const std::string where = "retest: " + table.string();
  const auto rows = read_csv(table, where);
  const auto& header = rows.front();
  const std::size_t study = column_index(header, {"study", "study_id"}, where);
  const std::size_t film = column_index(header, {"film"}, where);
  const auto turn = static_cast<std::size_t>(
      std::find(header.cells.begin(), header.cells.end(), "turn_deg") - header.cells.begin());
  Variants variants;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& cells = rows[i].cells;
    if (std::max(study, film) >= cells.size() || cells[film].empty()) continue;
    if (!std::binary_search(studies.begin(), studies.end(), cells[study])) continue;
    const bool turned = turn < cells.size() && !cells[turn].empty();
    variants[cells[film]].push_back({cells[study], turned ? degrees_of(cells[turn], where) : 0});
  }
  return variants;
}

/// The values of one study, degrees. An image that is turned anti-clockwise by t shows an SS
/// greater by t when the patient faces left, smaller when facing right; PT changes by as much the
/// other way.
std::map<std::string, double> values_of(const fs::path& predictions, const Variant& variant) {
  std::map<std::string, double> values;
  for (const Measurement& m : values_of_study(predictions / variant.study)) {
    if (m.value) values[m.name] = *m.value;
  }
  if (variant.turn_deg == 0 || values.empty()) return values;
  const Landmarks landmarks = read_landmarks(predictions / variant.study / "landmarks.json");
  const double sacral = landmarks.anterior == Side::left ? variant.turn_deg : -variant.turn_deg;
  if (values.contains("SS")) values["SS"] -= sacral;
  if (values.contains("PT")) values["PT"] += sacral;
  return values;
}

FilmRepeatability compare(const fs::path& predictions, const std::string& film,
                          const std::vector<Variant>& variants) {
  FilmRepeatability result{film, static_cast<int>(variants.size()), 0, "", {}};
  std::array<std::vector<double>, kMainAngles.size()> all;
  for (const Variant& variant : variants) {
    try {
      const auto values = values_of(predictions, variant);
      for (std::size_t i = 0; i < kMainAngles.size(); ++i) {
        if (values.contains(kMainAngles[i])) all[i].push_back(values.at(kMainAngles[i]));
      }
      if (values.contains("SS") && values.contains("LL")) ++result.complete;
    } catch (const Error& error) {
      result.error = error.what();
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].size() >= kLeastVariants) result.deviation_deg[i] = sample_sd(all[i]);
  }
  return result;
}

TextTable film_table(const std::vector<FilmRepeatability>& films) {
  std::vector<std::string> header{"film", "variants", "with SS and LL"};
  for (const char* name : kMainAngles) header.push_back(std::string(name) + " SD (deg)");
  header.emplace_back("remark");
  TextTable table(header);
  for (const auto& film : films) {
    std::vector<std::string> row{film.film, std::to_string(film.variants),
                                 std::to_string(film.complete)};
    for (const auto& deviation : film.deviation_deg) row.push_back(format_number(deviation, 2));
    row.push_back(film.error);
    table.add(row);
  }
  return table;
}

}  // namespace

std::vector<FilmRepeatability> compare_variants(const fs::path& predictions,
                                                const fs::path& table) {
  const auto studies = study_names(predictions);
  const Variants all =
      table.empty() ? variants_by_name(studies) : variants_by_table(studies, table);
  std::vector<FilmRepeatability> films;
  for (const auto& [film, variants] : all) {
    if (variants.size() > 1) films.push_back(compare(predictions, film, variants));
  }
  if (films.empty()) {
    throw Error(ErrorKind::not_found,
                "retest: " + predictions.string() +
                    ": expected several studies of a film, named <film>~<variant> or by the column "
                    "\"film\" of --table, found none");
  }
  return films;
}

bool any_unreadable(const std::vector<FilmRepeatability>& films) {
  return std::any_of(films.begin(), films.end(),
                     [](const FilmRepeatability& film) { return !film.error.empty(); });
}

std::string to_markdown(const std::vector<FilmRepeatability>& films) {
  std::string text = film_table(films).to_markdown();
  int variants = 0, complete = 0;
  for (const auto& film : films) {
    variants += film.variants;
    complete += film.complete;
  }
  text += "\nSS and LL measured on " + std::to_string(complete) + " of " +
          std::to_string(variants) + " variants of " + std::to_string(films.size()) + " films.\n";
  for (std::size_t i = 0; i < kMainAngles.size(); ++i) {
    std::vector<double> deviations;
    for (const auto& film : films) {
      if (film.deviation_deg[i]) deviations.push_back(*film.deviation_deg[i]);
    }
    text +=
        percentiles_line("Standard deviation of " + std::string(kMainAngles[i]) + " within a film",
                         deviations, " deg");
  }
  return text;
}

std::string to_csv(const std::vector<FilmRepeatability>& films) {
  return film_table(films).to_csv();
}

}  // namespace spine
