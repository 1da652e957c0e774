#include "spine/io/report_io.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "spine/core/flags.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/csv.h"
#include "spine/util/schema.h"
#include "spine/util/text.h"

namespace spine {
namespace {

using nlohmann::json;

using Names = std::array<std::string, kLumbarCount>;

/// Applies level_name() or disc_name() to L1 ... L5.
Names names_by(std::string (*name)(std::size_t)) {
  Names names;
  for (std::size_t level = 0; level < names.size(); ++level) names[level] = name(level);
  return names;
}
const Names& body_names() {
  static const Names names = names_by(level_name);
  return names;
}
const Names& disc_names() {
  static const Names names = names_by(disc_name);
  return names;
}

double round_milli(double value) {
  const double rounded = std::round(value * 1000.0) / 1000.0;
  return rounded == 0.0 ? 0.0 : rounded;  // avoid "-0"
}

/// At most three decimals, without trailing zeros; empty if missing. Same digits as in JSON.
std::string format(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? json(round_milli(*value)).dump() : std::string();
}

/// Line breaks, although legal within quotes, become spaces, so that a row is always one line.
std::string cell(std::string_view text) {
  std::string flat(text);
  std::replace(flat.begin(), flat.end(), '\n', ' ');
  std::replace(flat.begin(), flat.end(), '\r', ' ');
  return csv_cell(flat);
}

std::string line(const std::vector<std::string>& cells) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text += ',';
    text += cell(cells[i]);
  }
  return text + "\n";
}

std::vector<std::string> make_standard_names() {
  std::vector<std::string> names{"PI", "PT", "SS", "LL", "PI_LL"};
  const auto add = [&](const std::string& prefix, const Names& levels) {
    for (const auto& level : levels) names.push_back(prefix + level);
  };
  add("segmental_", disc_names());
  add("disc_angle_", disc_names());
  add("wedge_", body_names());
  for (const auto& disc : disc_names()) {
    for (const char* part : {"anterior", "middle", "posterior", "mean"}) {
      names.push_back("disc_height_" + disc + "_" + part);
    }
  }
  names.insert(names.end(), {"L4_S1", "LDI", "L1PA"});
  add("slip_", disc_names());
  add("meyerding_", disc_names());
  names.insert(names.end(), {"schwab_PI_LL", "schwab_PT", "roussouly", "ideal_SS", "ideal_LL",
                             "relative_SS", "relative_LL"});
  return names;
}

struct LongName {
  std::string structure, metric;
};

/// Whether a part of a measurement's name names a vertebra: "_S1_mean".
bool names_a_vertebra(const std::string& part) {
  const auto in = [&](const std::string& vertebra) {
    const auto at = part.find("_" + vertebra);
    return at != std::string::npos &&
           (at + 1 + vertebra.size() == part.size() || part[at + 1 + vertebra.size()] == '_');
  };
  return in("S1") || std::any_of(body_names().begin(), body_names().end(), in);
}

/// Splits "disc_height_L4_L5_mean" into {"L4_L5", "disc_height_mean"}, "wedge_L3" into {"L3",
/// "wedge"}. What spans several levels belongs to the spine: "offset_L1_S1".
LongName split_name(const std::string& name) {
  for (const std::string_view pelvic : {"PI", "PT", "SS"}) {
    if (name == pelvic) return {"pelvis", name};
  }
  // Pairs first: "L4_L5" also contains "L4".
  for (const Names* levels : {&disc_names(), &body_names()}) {
    for (const auto& level : *levels) {
      const std::string infix = "_" + level;
      const auto at = name.find(infix);
      if (at == std::string::npos || name.starts_with("angle_")) continue;
      const std::string rest = name.substr(at + infix.size());
      if (!rest.empty() && rest.front() != '_') continue;
      if (names_a_vertebra(rest)) continue;
      return {level, name.substr(0, at) + rest};
    }
  }
  return {"spine", name};
}

/// Unit of a study's lengths, "mm" or "px"; empty if it has none.
std::string length_unit(const Measurements& measurements) {
  for (const auto& m : measurements.values) {
    if (m.unit == "mm" || m.unit == "px") return m.unit;
  }
  return "";
}

}  // namespace

json to_json(const std::string& study, const Measurements& measurements, const FilmInfo& film,
             const json& provenance) {
  json values = json::object();
  for (const auto& m : measurements.values) {
    const bool given = m.value && std::isfinite(*m.value);
    values[m.name] = {{"value", given ? json(round_milli(*m.value)) : json()},
                      {"unit", m.unit},
                      {"status", m.status}};
    if (given && m.standard_error) {
      values[m.name]["standard_error"] = round_milli(*m.standard_error);
    }
  }
  const Assessment judged = assess(measurements);
  json record{{"schema", kMeasurementsSchema},
              {"study", study},
              {"measurements", values},
              {"qc", measurements.qc},
              {"status", std::string(to_string(judged.verdict))},
              {"review", judged.reasons},
              {"spacing_mm", nullptr},
              {"spacing_source", std::string(to_string(film.spacing_source))},
              {"inverted", film.inverted},
              {"notes", film.notes},
              {"provenance", provenance}};
  if (const auto spacing = spacing_in_mm(film.spacing)) {
    record["spacing_mm"] = {spacing->row_mm, spacing->col_mm};
  } else if (film.spacing) {
    record["pixel_aspect"] = film.spacing->row_mm / film.spacing->col_mm;
  }
  if (!measurements.not_in_film.empty()) record["not_in_film"] = measurements.not_in_film;
  if (film.orientation != Orientation::top_left) {
    record["orientation"] = static_cast<int>(film.orientation);
  }
  return record;
}

const std::vector<std::string>& standard_measurement_names() {
  static const std::vector<std::string> names = make_standard_names();
  return names;
}

std::vector<std::string> names_beyond_standard(const Measurements& measurements) {
  const auto& standard = standard_measurement_names();
  std::vector<std::string> names;
  for (const auto& m : measurements.values) {
    if (std::find(standard.begin(), standard.end(), m.name) == standard.end()) {
      names.push_back(m.name);
    }
  }
  return names;
}

TableWriter::TableWriter(const std::filesystem::path& csv, const std::vector<std::string>& others,
                         const std::vector<std::string>& annotations)
    : file_(csv), names_(standard_measurement_names()) {
  names_.insert(names_.end(), others.begin(), others.end());
  std::vector<std::string> header{"study", "path", "status", "error", "qc", "length_unit"};
  header.insert(header.end(), annotations.begin(), annotations.end());
  header.insert(header.end(), names_.begin(), names_.end());
  file_.write(line(header));
}

void TableWriter::add(const ReportRow& row) {
  std::vector<std::string> cells{row.study,
                                 row.path,
                                 row.status,
                                 row.error,
                                 join(row.measurements.qc, ";"),
                                 length_unit(row.measurements)};
  cells.insert(cells.end(), row.annotations.begin(), row.annotations.end());
  for (const auto& name : names_) {
    const auto* m = row.measurements.find(name);
    cells.push_back(m == nullptr ? std::string() : format(m->value));
  }
  file_.write(line(cells));
}

void TableWriter::commit() { file_.commit(); }

LongTableWriter::LongTableWriter(const std::filesystem::path& csv,
                                 const std::vector<std::string>& annotations)
    : file_(csv) {
  std::vector<std::string> header{"study", "structure", "metric", "value", "unit", "status"};
  header.insert(header.end(), annotations.begin(), annotations.end());
  file_.write(line(header));
}

void LongTableWriter::add(const ReportRow& row) {
  std::string text;
  const auto annotated = [&row](std::vector<std::string> cells) {
    cells.insert(cells.end(), row.annotations.begin(), row.annotations.end());
    return line(cells);
  };
  for (const auto& m : row.measurements.values) {
    const auto name = split_name(m.name);
    text += annotated({row.study, name.structure, name.metric, format(m.value), m.unit, m.status});
  }
  if (row.measurements.values.empty()) {
    const std::string why = row.error.empty() ? row.status : row.status + ": " + row.error;
    text += annotated({row.study, "", "", "", "", why});
  }
  file_.write(text);
}

void LongTableWriter::commit() { file_.commit(); }

}  // namespace spine
