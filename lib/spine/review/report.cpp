#include "spine/review/report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <system_error>
#include <utility>
#include <vector>

#include <opencv2/imgcodecs.hpp>

#include "spine/core/error.h"
#include "spine/review/assets.h"
#include "spine/review/html.h"
#include "spine/review/pictures.h"
#include "spine/review/report_plots.h"
#include "spine/review/report_rows.h"
#include "spine/util/atomic_file.h"
#include "spine/util/base64.h"

namespace spine::review {
namespace {

namespace fs = std::filesystem;

constexpr int kThumbnailSide = 320;  // pixels

std::string one_decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return std::string(text) == "-0.0" ? "0.0" : text;
}

std::string percent(std::size_t part, std::size_t whole) {
  if (whole == 0) return "";
  return one_decimal(100.0 * static_cast<double>(part) / static_cast<double>(whole)) + " %";
}

std::string_view content_of(const char* asset) {
  const Asset* found = find_asset(asset);
  if (found == nullptr) throw Error(ErrorKind::internal, std::string("report: no ") + asset);
  return found->content;
}

/// The overlay of a study as JPEG; empty if it cannot be read.
std::string thumbnail(const fs::path& overlay) {
  const cv::Mat half = cv::imread(overlay.string(), cv::IMREAD_REDUCED_COLOR_2);
  return half.empty() ? std::string() : preview_jpeg(half, kThumbnailSide);
}

/// Writes the parts of one report.
class ReportWriter {
 public:
  ReportWriter(const Cohort& cohort, const ReportOptions& options, const OnProblem& on_problem,
               AtomicFile& file)
      : cohort_(cohort),
        options_(options),
        texts_(texts_in(options.language)),
        studies_(report_studies(cohort, on_problem, counts_)),
        facts_(run_facts(cohort)),
        file_(file) {}

  ReportCounts write() {
    fill_template(content_of("report.html"), texts_,
                  {{"language", [this] { put(options_.language); }},
                   {"policy", [this] { policy(); }},
                   {"style", [this] { put(content_of("report.css")); }},
                   {"script", [this] { put(content_of("report.js")); }},
                   {"facts", [this] { facts(); }},
                   {"warnings", [this] { warnings(); }},
                   {"statuses", [this] { statuses(); }},
                   {"verdicts", [this] { verdicts(); }},
                   {"reasons", [this] { reasons(); }},
                   {"histograms", [this] { histograms(); }},
                   {"scatter", [this] { scatter_plot(); }},
                   {"head", [this] { table_head(); }},
                   {"rows", [this] { rows(); }},
                   {"count", [this] { put(std::to_string(studies_.size())); }},
                   {"thumbnails", [this] { thumbnails(); }},
                   {"shown", [this] { shown(); }}},
                  [this](std::string_view text) { put(text); });
    return counts_;
  }

 private:
  void put(std::string_view text) { file_.write(text); }
  [[nodiscard]] std::string text(std::string_view key) const { return html(text_of(texts_, key)); }

  void policy() {
    put("default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src " +
        csp_source(content_of("report.css")) + "; script-src " +
        csp_source(content_of("report.js")));
  }

  void fact(const char* key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    put("<div><dt>" + text(key) + "</dt>");
    for (const std::string& value : values) put("<dd>" + html(value) + "</dd>");
    put("</div>");
  }

  void facts() {
    fact("fact_studies", {std::to_string(studies_.size())});
    fact("fact_program", facts_.programs);
    fact("fact_weights", facts_.weights);
    fact("fact_date", facts_.dates);
    fact("fact_report", {options_.time.substr(0, 10) + ", " + options_.version});
  }

  void warnings() {
    if (facts_.identified) put("<p class=\"warning\">" + text("identified") + "</p>\n");
  }

  /// A row of a table of counts, with a bar.
  void share(const std::string& name, const std::string& style, std::size_t count) {
    const std::size_t whole = std::max<std::size_t>(1, studies_.size());
    char width[32];
    std::snprintf(width, sizeof width, "%.2f",
                  100.0 * static_cast<double>(count) / static_cast<double>(whole));
    put("<tr class=\"" + html(style) + "\"><th scope=\"row\">" + name + "</th><td class=\"n\">" +
        std::to_string(count) + "</td><td class=\"n\">" + percent(count, studies_.size()) +
        "</td><td class=\"meter\"><svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" "
        "aria-hidden=\"true\"><rect class=\"ground\" width=\"100\" height=\"8\"/>"
        "<rect class=\"bar\" width=\"" +
        width + "\" height=\"8\"/></svg></td></tr>\n");
  }

  void statuses() {
    for (const Share& status : shares_by_status(studies_)) {
      share(text(status.name), status.name, status.count);
    }
  }

  void verdicts() {
    const auto readers = counts_by_reader(studies_);
    std::size_t open = 0;
    for (const ReportStudy& study : studies_) {
      open += study.has_results && study.verdict == Reading::Verdict::open;
    }
    share(text("approved"), "approved", counts_.approved);
    share(text("rejected"), "rejected", counts_.rejected);
    share(text("open"), "open", open);
    share(text("edited"), "edited", counts_.edited);
    if (counts_.stale > 0) share(text("stale"), "stale", counts_.stale);
    for (const auto& [reader, counts] : readers) {
      put("<tr class=\"reader\"><td colspan=\"4\">" + html(reader) + ": " + text("approved") + " " +
          std::to_string(counts.approved) + ", " + text("rejected") + " " +
          std::to_string(counts.rejected) + ", " + text("open") + " " +
          std::to_string(counts.open) + ", " + text("edited") + " " +
          std::to_string(counts.edited) + "</td></tr>\n");
    }
  }

  void reasons() {
    const auto shares = shares_by_reason(studies_);
    if (shares.empty()) put("<tr><td>" + text("no_reasons") + "</td></tr>");
    for (const Share& reason : shares) share(reason_text(reason.name), "reason", reason.count);
  }

  /// A reason in words, with its name as it is in measurements.csv.
  [[nodiscard]] std::string reason_text(const std::string& flag) const {
    const std::string words = worded_flag(texts_, flag);
    return "<span title=\"" + html(flag) + "\">" + html(words) + "</span>";
  }

  void histograms() {
    for (std::size_t i = 0; i < report_angles().size(); ++i) {
      const ReportAngle& angle = report_angles()[i];
      std::vector<double> values;
      for (const ReportStudy& study : studies_) {
        const bool rejected = study.verdict == Reading::Verdict::rejected;
        if (study.values[i] && !rejected) values.push_back(*study.values[i]);
      }
      const Spread spread = spread_of(values, angle);
      const std::string caption =
          filled_in(text_of(texts_, spread.count > 0 ? "spread" : "no_values"),
                    {{"n", std::to_string(spread.count)},
                     {"mean", one_decimal(spread.mean)},
                     {"sd", one_decimal(spread.sd)},
                     {"outside", std::to_string(spread.outside)},
                     {"share", percent(spread.outside, spread.count)},
                     {"low", rounded(angle.low)},
                     {"high", rounded(angle.high)}});
      put("<figure><h3>" + std::string(angle.name) + " <small>" +
          text(std::string("name_") + angle.name) + "</small></h3>");
      put(histogram(values, angle, texts_));
      put("<figcaption>" + html(caption) + "</figcaption></figure>\n");
    }
  }

  static std::string rounded(double value) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.0f", value);
    return digits;
  }

  void scatter_plot() {
    std::vector<PlotPoint> points;
    std::size_t beyond = 0;
    for (const ReportStudy& study : studies_) {
      const auto difference = pi_minus_ll(study.values);
      if (!difference || study.verdict == Reading::Verdict::rejected) continue;
      beyond += *difference > 10;
      points.push_back({*study.values[2], *study.values[3], address(study),
                        study.id + ": PI " + one_decimal(*study.values[2]) + "°, LL " +
                            one_decimal(*study.values[3]) + "°, PI − LL " +
                            one_decimal(*difference) + "°",
                        study.status != "ok", !study.edited.empty()});
    }
    put(scatter(points, texts_));
    put("<figcaption>" +
        html(filled_in(text_of(texts_, "scatter_caption"),
                       {{"n", std::to_string(points.size())},
                        {"beyond", std::to_string(beyond)},
                        {"share", percent(beyond, points.size())}})) +
        "</figcaption>\n");
  }

  static std::string address(const ReportStudy& study) {
    return "#s-" + std::to_string(study.number);
  }

  void table_head() {
    constexpr std::array<std::pair<const char*, bool>, 12> kColumns{{{"number", true},
                                                                     {"study", false},
                                                                     {"PT", true},
                                                                     {"SS", true},
                                                                     {"PI", true},
                                                                     {"LL", true},
                                                                     {"PI − LL", true},
                                                                     {"status", false},
                                                                     {"reasons", false},
                                                                     {"verdict", false},
                                                                     {"reader", false},
                                                                     {"landmarks", false}}};
    for (const auto& [key, is_number] : kColumns) {
      put(std::string("<th scope=\"col\"") + (is_number ? " class=\"n\" data-number" : "") +
          "><button type=\"button\">" + text(key) + "</button></th>");
    }
  }

  /// The cell of a value, with the machine's where a reader's is another.
  void value_cell(const std::optional<double>& value, const std::optional<double>& machine) {
    const std::string now = value ? one_decimal(*value) : "";
    const std::string before = machine ? one_decimal(*machine) : "–";
    if (now == (machine ? before : "")) {
      put("<td class=\"n\">" + now + "</td>");
      return;
    }
    put("<td class=\"n by-reader\" title=\"" +
        html(filled_in(text_of(texts_, "machine_value"), {{"value", before}})) + "\">" + now +
        "</td>");
  }

  [[nodiscard]] std::string verdict_of(const ReportStudy& study) const {
    if (study.verdict == Reading::Verdict::open) return study.reader.empty() ? "" : text("open");
    return text(to_string(study.verdict));
  }

  /// The beginning of a row, up to the study's name, which links to its overlay.
  void begin_row(const ReportStudy& study, bool has_picture) {
    const std::string number = std::to_string(study.number);
    put("<tr id=\"s-" + number + "\" class=\"" + html(study.status) + "\"><td class=\"n\">");
    put(number + "</td><th scope=\"row\">");
    if (has_picture) put("<a href=\"#t-" + number + "\">");
    put(html(study.id));
    put(has_picture ? "</a></th>" : "</th>");
  }

  void rows() {
    const auto& pictures = shown_studies();
    for (const ReportStudy& study : studies_) {
      const bool has_picture =
          std::binary_search(pictures.begin(), pictures.end(), study.number - 1);
      begin_row(study, has_picture);
      for (std::size_t i = 0; i < study.values.size(); ++i) {
        value_cell(study.values[i], study.machine[i]);
      }
      value_cell(pi_minus_ll(study.values), pi_minus_ll(study.machine));
      put("<td class=\"status\">" + text(study.status) + "</td><td class=\"reasons\">" +
          reasons_of(study) + "</td><td class=\"verdict " + std::string(to_string(study.verdict)) +
          "\">" + verdict_of(study) + (study.stale ? " (" + text("stale") + ")" : "") +
          "</td><td>" + html(study.reader) + "</td><td>" + edited_of(study) + "</td></tr>\n");
    }
  }

  [[nodiscard]] std::string reasons_of(const ReportStudy& study) const {
    std::string result;
    for (const std::string& reason : study.reasons) {
      result += (result.empty() ? "" : ", ") + reason_text(reason);
    }
    if (!study.error.empty()) {
      result += (result.empty() ? "<small>" : "; <small>") + html(study.error) + "</small>";
    }
    return result;
  }

  static std::string edited_of(const ReportStudy& study) {
    std::string result;
    for (const std::string& landmark : study.edited) {
      result += (result.empty() ? "" : ", ") + html(landmark);
    }
    return result;
  }

  /// Places of the first studies that have an overlay.
  const std::vector<std::size_t>& shown_studies() {
    for (; next_ < studies_.size() && shown_.size() < options_.thumbnails; ++next_) {
      if (!studies_[next_].has_results) continue;
      std::error_code ignored;
      if (fs::is_regular_file(overlay_of(studies_[next_]), ignored)) shown_.push_back(next_);
    }
    counts_.thumbnails = shown_.size();
    return shown_;
  }

  [[nodiscard]] fs::path overlay_of(const ReportStudy& study) const {
    return cohort_.folder_of((*cohort_.studies())[study.number - 1]) / "overlay.png";
  }

  void shown() {
    const auto with_results = static_cast<std::size_t>(std::count_if(
        studies_.begin(), studies_.end(), [](const ReportStudy& s) { return s.has_results; }));
    put(html(filled_in(text_of(texts_, "thumbnails_shown"),
                       {{"shown", std::to_string(shown_studies().size())},
                        {"of", std::to_string(with_results)}})));
  }

  void thumbnails() {
    for (const std::size_t place : shown_studies()) {
      const ReportStudy& study = studies_[place];
      const std::string jpeg = thumbnail(overlay_of(study));
      put("<figure id=\"t-" + std::to_string(study.number) + "\" class=\"" + html(study.status) +
          "\">");
      if (jpeg.empty()) {
        put("<p>" + text("no_picture") + "</p>");
      } else {
        put("<img alt=\"" + html(filled_in(text_of(texts_, "overlay_of"), {{"study", study.id}})) +
            "\" src=\"data:image/jpeg;base64," + base64(jpeg) + "\">");
      }
      put("<figcaption><a href=\"" + address(study) + "\">" + html(study.id) +
          "</a> <span class=\"status\">" + text(study.status) + "</span><br>" + summary(study));
      if (!study.edited.empty()) put("<br><em>" + text("drawn_before") + "</em>");
      put("</figcaption></figure>\n");
    }
  }

  /// "PT 14° · SS 40° · ..."
  static std::string summary(const ReportStudy& study) {
    std::string values;
    for (std::size_t i = 0; i < study.values.size(); ++i) {
      if (!study.values[i]) continue;
      values += std::string(values.empty() ? "" : " · ") + report_angles()[i].name + " " +
                rounded(*study.values[i]) + "°";
    }
    return values;
  }

  const Cohort& cohort_;
  const ReportOptions& options_;
  ReportCounts counts_;
  Texts texts_;
  std::vector<ReportStudy> studies_;
  RunFacts facts_;
  AtomicFile& file_;
  std::size_t next_ = 0;            // place up to which overlays were looked for
  std::vector<std::size_t> shown_;  // places of the studies whose overlays are shown
};

}  // namespace

ReportCounts write_report(const Cohort& cohort, const fs::path& page, const ReportOptions& options,
                          const OnProblem& on_problem) {
  cohort.require_no_result(page);
  AtomicFile file(page);
  const ReportCounts counts = ReportWriter(cohort, options, on_problem, file).write();
  file.commit();
  return counts;
}

}  // namespace spine::review
