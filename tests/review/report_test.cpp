#include "spine/review/report.h"

#include <regex>

#include "review/readings.h"
#include "review/results_folder.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/review/assets.h"
#include "spine/review/html.h"
#include "spine/review/report_plots.h"
#include "spine/review/report_rows.h"
#include "spine/util/atomic_file.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
namespace fs = std::filesystem;

namespace {

void no_problem(const std::string& problem) { FAIL(problem); }

/// The report of a results folder.
std::string report_of(const fs::path& output, const ReportOptions& options = {},
                      const OnProblem& on_problem = no_problem) {
  const TempDir dir;
  write_report(Cohort(output), dir / "report.html", options, on_problem);
  return read_file(dir / "report.html");
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The row of a study in the table.
std::string row_of(const std::string& page, const std::string& study) {
  const auto name = page.find(">" + study + "<", page.find("<table id=\"table\""));
  if (name == std::string::npos) return {};
  const auto begin = page.rfind("<tr", name);
  return page.substr(begin, page.find("</tr>", begin) - begin);
}

void put_overlay(const fs::path& folder) {
  cv::imwrite((folder / "overlay.png").string(), cv::Mat(600, 400, CV_8UC3, cv::Scalar(9, 90, 9)));
}

}  // namespace

TEST_CASE("text is escaped, and characters that hide others are replaced") {
  CHECK(html(R"(<b title="x" id='y'>A&B</b>)") ==
        "&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;A&amp;B&lt;/b&gt;");
  CHECK(html("골반 PI−LL") == "골반 PI−LL");
  CHECK(html("a\xE2\x80\xAE"
             "b\n") ==
        "a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD");
  CHECK(filled_in("{a} of {b}, {c}", {{"a", "1"}, {"b", "{a}"}}) == "1 of {a}, {c}");
}

TEST_CASE("the policy's hash is that of the specification's example") {
  // CSP Level 3, 8.3.
  CHECK(csp_source("doSomething();") == "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='");
}

TEST_CASE("a report counts by status, verdict and reason, and shows readers' values") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 5);
  act(out / "s1", move_s1(out / "s1"));
  act(out / "s1", verdict(Action::approve));
  act(out / "s2", verdict(Action::reject, "DOEJANE blurred"), "CD");
  const auto counts = write_report(Cohort(out), dir / "r.html", {.version = "1.2.3"}, no_problem);
  CHECK(counts.studies == 6);
  CHECK(counts.approved == 1);
  CHECK(counts.rejected == 1);
  CHECK(counts.edited == 1);
  const std::string page = read_file(dir / "r.html");
  CHECK(count(page, "<tr id=\"s-") == 6);
  CHECK(
      holds(page, "<tr class=\"approved\"><th scope=\"row\">approved</th><td class=\"n\">1</td>"));
  CHECK(holds(page,
              "<tr class=\"unreadable\"><th scope=\"row\">unreadable</th><td class=\"n\">1</td>"));
  CHECK(holds(page, "AB: approved 1, rejected 0, open 0, edited 1"));
  CHECK(holds(page, "1.2.3"));
  CHECK(holds(page, "not for diagnosis"));
  const std::string edited = row_of(page, "s1");
  CHECK(count(edited, "by-reader") >= 2);  // SS, LL and what depends on them
  CHECK(holds(edited, "title=\"machine: "));
  CHECK(holds(edited, ">S1.sup<"));
  CHECK(holds(row_of(page, "s2"), "rejected"));
  CHECK_FALSE(holds(row_of(page, "s0"), "by-reader"));
  // What readers wrote stays in review.json.
  CHECK_FALSE(holds(page, "DOEJANE"));
  CHECK(holds(row_of(page, "broken"), "cut off"));
}

TEST_CASE("a rejected study is in no plot") {
  const TempDir dir;
  write_results(dir / "out", 3);
  CHECK(holds(report_of(dir / "out"), "n = 3, mean"));
  act(dir / "out" / "s0", verdict(Action::reject, "x"));
  CHECK(holds(report_of(dir / "out"), "n = 2, mean"));
}

TEST_CASE("names with markup are text in a report") {
  const TempDir dir;
  const fs::path out = dir / "out";
  const std::string name = "<img src=x onerror=alert(1)>\"'&";
  fs::create_directories(out);
  write_file_atomically(
      out / "run.json",
      std::string_view(
          R"({"command": "<script>1</script>", "weights": {"name": "</style><b>w"}, "finished": "<i>"})"));
  TableWriter table(out / "measurements.csv", {});
  const auto spine = random_spine(4);
  table.add({name, name + ".png", "review", "<u>",
             write_study(out / name, true_landmarks(spine), true_spacing(spine), {"<em>"})});
  table.commit();
  put_overlay(out / name);
  act(out / name, verdict(Action::approve), "<script>alert(2)</script>");
  const std::string page = report_of(out);
  for (const char* markup :
       {"<img src=x", "<script>1", "<script>alert", "</style><b>", "<u>", "<em>", "<i>"}) {
    INFO(markup);
    CHECK_FALSE(holds(page, markup));
  }
  CHECK(count(page, "<script>") == 1);
  CHECK(holds(page, "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"));
}

TEST_CASE("a report asks for nothing, and its policy allows its own script and style alone") {
  const TempDir dir;
  write_results(dir / "out", 2);
  put_overlay(dir / "out" / "s0");
  const std::string page = report_of(dir / "out");
  CHECK_FALSE(holds(page, "http:"));
  CHECK_FALSE(holds(page, "https:"));
  CHECK_FALSE(holds(page, "url("));
  CHECK_FALSE(holds(page, "@import"));
  CHECK_FALSE(holds(page, " style="));
  CHECK_FALSE(std::regex_search(page, std::regex("<(link|iframe|object|base|form)[ >]")));
  CHECK_FALSE(std::regex_search(page, std::regex("<[^>]* on[a-z]+=")));
  const std::regex source("(src|href)=\"([^\"]{0,5})");
  for (auto m = std::sregex_iterator(page.begin(), page.end(), source); m != std::sregex_iterator();
       ++m) {
    CHECK(((*m)[2] == "data:" || (*m)[2].str().front() == '#'));
  }
  for (const char* tag : {"script", "style"}) {
    const auto begin = page.find(std::string("<") + tag + ">") + std::string(tag).size() + 2;
    const auto content = page.substr(begin, page.find(std::string("</") + tag, begin) - begin);
    CHECK(holds(page, std::string(tag) + "-src " + csp_source(content)));
  }
  CHECK(holds(page, "content=\"default-src 'none'; img-src data:; "));
}

TEST_CASE("no path of the results and none of the films is in a report") {
  const TempDir dir;
  const fs::path out = dir / "DOE^JANE";
  write_results(out, 1);
  write_file_atomically(out / "s0" / "review.json", std::string_view("{"));
  std::string problems;
  const auto page = report_of(out, {}, [&](const std::string& p) { problems += p; });
  CHECK(problems.starts_with("s0: "));
  CHECK_FALSE(holds(problems, "DOE^JANE"));
  CHECK_FALSE(holds(page, "DOE^JANE"));
  CHECK_FALSE(holds(page, dir.path().string()));
  CHECK_FALSE(holds(page, "s0.png"));
  // The machine's values remain.
  CHECK_FALSE(row_of(page, "s0").empty());
}

TEST_CASE("as many thumbnails as asked for, and the page says how many there are") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 4);
  for (const char* study : {"s0", "s2", "s3"}) put_overlay(out / study);
  write_file_atomically(out / "s3" / "overlay.png", std::string_view("no picture"));
  const std::string two = report_of(out, {.thumbnails = 2});
  CHECK(count(two, "<figure id=\"t-") == 2);
  CHECK(count(two, "src=\"data:image/jpeg;base64,/9j/") == 2);
  CHECK(holds(two, "2 of 4 studies with results"));
  CHECK(count(two, "href=\"#t-") == 2);
  const std::string all = report_of(out);
  CHECK(count(all, "<figure id=\"t-") == 3);
  CHECK(holds(all, "The overlay cannot be read."));
  CHECK_FALSE(holds(report_of(out, {.thumbnails = 0}), "<img"));
}

TEST_CASE("a report replaces no result") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 1);
  const Cohort cohort(out);
  for (const char* name : {"s0/overlay.png", "s0/new.html", "run.json", "measurements.csv",
                           "measurements_long.csv", "skipped_files.csv", "s0/../s0/x.html"}) {
    INFO(name);
    CHECK_THROWS_AS(write_report(cohort, out / name, {}, no_problem), Error);
  }
  fs::create_directory_symlink(out / "s0", dir / "link");
  CHECK_THROWS_AS(write_report(cohort, dir / "link" / "x.html", {}, no_problem), Error);
  CHECK_FALSE(fs::exists(out / "s0" / "new.html"));
  CHECK_NOTHROW(write_report(cohort, out / "report.html", {}, no_problem));
  CHECK_THROWS_AS(write_report(cohort, dir / "none" / "r.html", {}, no_problem), Error);
  CHECK_THROWS_AS(write_report(cohort, dir / "r.html", {.language = "xx"}, no_problem), Error);
}

TEST_CASE("every word of a report is there in both languages") {
  const auto en = texts_in("en"), ko = texts_in("ko");
  const std::string page(find_asset("report.html")->content);
  const std::regex key(R"(\{\{([a-z_]+)\}\})");
  for (auto m = std::sregex_iterator(page.begin(), page.end(), key); m != std::sregex_iterator();
       ++m) {
    INFO((*m)[1].str());
    CHECK(en.contains((*m)[1].str()));
  }
  for (const auto& [name, text] : en) {
    INFO(name);
    CHECK(ko.contains(name));
    if (ko.contains(name)) CHECK(count(text, "{") == count(ko.at(name), "{"));
  }
  for (const Flag& flag : kFlags) {
    INFO(flag.name);
    CHECK_FALSE(holds(worded_flag(en, flag.name), "_"));
    CHECK(worded_flag(ko, flag.name) != worded_flag({}, flag.name));
  }
  CHECK(worded_flag(en, "uncertain_L3") == "L3 uncertain");
  CHECK(worded_flag(en, "of_another_version") == "of another version");
  const TempDir dir;
  write_results(dir / "out", 1);
  CHECK(holds(report_of(dir / "out", {.language = "ko"}), "<html lang=\"ko\">"));
}

TEST_CASE("bars count the values, those beyond the axis at its ends") {
  const ReportAngle& pt = report_angles()[0];
  const std::string plot = histogram({-90, 12, 13, 14.9, 15, 300}, pt, {});
  CHECK(count(plot, "class=\"bar\"") == 4);
  CHECK(holds(plot, "10–15°: 3"));
  CHECK(holds(plot, "15–20°: 1"));
  CHECK(holds(plot, "-20–-15°: 1"));
  CHECK(holds(plot, "55–60°: 1"));
  CHECK(count(histogram({}, pt, {}), "class=\"bar\"") == 0);
  const Spread spread = spread_of({-1, 10, 28}, pt);
  CHECK(spread.count == 3);
  CHECK(spread.outside == 2);
  CHECK(spread.mean == Approx(37.0 / 3));
  CHECK(spread.sd == Approx(14.6401));
}

TEST_CASE("points are linked to their rows, up to a thousand") {
  const std::vector<PlotPoint> points(1000, {50, 60, "#s-1", "<a>", false, true});
  const std::string plot = scatter(points, {});
  CHECK(count(plot, "href=\"#s-1\"") == 1000);
  CHECK_FALSE(holds(plot, "<a>"));
  auto more = points;
  more.push_back(points[0]);
  CHECK(count(scatter(more, {}), "href") == 0);
  CHECK(count(scatter(more, {}), "h0") == 1001);
}

TEST_CASE("the record of a run tells program, weights and date, whatever else is in it") {
  const TempDir dir;
  const fs::path out = dir / "out";
  write_results(out, 1);
  CHECK(run_facts(Cohort(out)).programs.empty());
  write_file_atomically(
      out / "run.json",
      std::string_view(R"({"command": "spine-pipeline", "versions": {"spine": "0.1"},
        "identifiers": "kept", "finished": "2026-11-30T16:33:23Z",
        "weights": {"name": "a", "sha256": "0123456789abcdef", "roi": {"name": "b"}, "x": 3}})"));
  const auto facts = run_facts(Cohort(out));
  CHECK(facts.programs == std::vector<std::string>{"spine-pipeline 0.1"});
  CHECK(facts.weights == std::vector<std::string>{"a 0123456789ab, b"});
  CHECK(facts.dates == std::vector<std::string>{"2026-11-30"});
  CHECK(facts.identified);
  CHECK(holds(report_of(out), "may name patients"));
  for (const char* odd : {"[]", "{\"weights\": []}", "{", "{\"versions\": 3, \"command\": {}}"}) {
    write_file_atomically(out / "run.json", std::string_view(odd));
    CHECK(holds(report_of(out), "<tr id=\"s-2\""));
  }
}
