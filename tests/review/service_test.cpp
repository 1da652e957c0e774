#include "spine/review/service.h"

#include <algorithm>
#include <fstream>

#include "review/results_folder.h"
#include "support/catch.h"
#include "support/near.h"
#include "support/temp_dir.h"
#include <opencv2/imgcodecs.hpp>

#include "spine/io/image_io.h"
#include "spine/util/sha256.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

ReviewOptions by(const std::string& reader) {
  ReviewOptions options;
  options.reader = reader;
  options.version = "1";
  return options;
}

HttpResponse get(ReviewService& service, const std::string& path,
                 const std::map<std::string, std::string>& query = {}) {
  return service.answer({"GET", path, query, "", "", std::nullopt});
}

json body(const HttpResponse& response) { return json::parse(response.body); }

HttpResponse post(ReviewService& service, const std::string& path, const json& document,
                  const std::string& revision = "") {
  return service.answer({"POST", path, {}, revision, document.dump(), std::nullopt});
}

json move_s1(const json& study, double by) {
  const json from = study["landmarks"]["S1"]["sup_ant"];
  return {
      {"action", "edit"},
      {"changes",
       {{{"at", "S1.sup_ant"}, {"from", from}, {"to", {from[0], from[1].get<double>() + by}}}}}};
}

}  // namespace

TEST_CASE("the list shows every study, and a study its landmarks and values") {
  const TempDir dir;
  write_results(dir / "out", 2);
  ReviewService service(Cohort(dir / "out"), by("AB"));
  const auto cohort = body(get(service, "/api/cohort"));
  REQUIRE(cohort["studies"].size() == 3);
  CHECK(cohort["studies"][0]["study"] == "s0");
  CHECK(cohort["films"] == false);
  const auto study = body(get(service, "/api/studies/0"));
  CHECK(study["landmarks"] == study["machine"]["landmarks"]);
  CHECK(study["values"]["measurements"]["SS"]["value"].get<double>() ==
        near(cohort["studies"][0]["SS"].get<double>(), 1e-3));
  CHECK(study["verdict"] == "open");
  CHECK(body(get(service, "/api/studies/2"))["error"] == "cut off");
}

TEST_CASE("values of landmarks that are being moved are those of measure()") {
  const TempDir dir;
  write_results(dir / "out", 1);
  ReviewService service(Cohort(dir / "out"), by("AB"));
  json landmarks = body(get(service, "/api/studies/0"))["landmarks"];
  landmarks["S1"]["sup_ant"][1] = landmarks["S1"]["sup_ant"][1].get<double>() + 25;
  const auto values = body(post(service, "/api/studies/0/values", {{"landmarks", landmarks}}));
  const auto expected =
      measure(landmarks_from_json(landmarks), with(true_spacing(random_spine(20))));
  for (const char* name : {"PT", "SS", "PI", "LL"}) {
    CHECK(values["measurements"][name]["value"].get<double>() ==
          near(*expected.find(name)->value, 1e-6));
  }
  CHECK(post(service, "/api/studies/0/values", {{"landmarks", 1}}).status == 400);
  CHECK(post(service, "/api/studies/0/values", json::array()).status == 400);
}

TEST_CASE("an edit is stored with its reader, a stale tab is told, and nothing is lost") {
  const TempDir dir;
  write_results(dir / "out", 1);
  ReviewService service(Cohort(dir / "out"), by("AB"));
  const auto before = body(get(service, "/api/studies/0"));
  const std::string revision = before["revision"];
  CHECK(post(service, "/api/studies/0/events", move_s1(before, 5)).status == 428);
  const auto stored = post(service, "/api/studies/0/events", move_s1(before, 5), revision);
  REQUIRE(stored.status == 200);
  CHECK(body(stored)["edited"] == json{"S1.sup"});
  CHECK(body(stored)["reader"] == "AB");
  const auto stale = post(service, "/api/studies/0/events", move_s1(before, 9), revision);
  CHECK(stale.status == 412);
  CHECK(body(stale)["landmarks"] == body(stored)["landmarks"]);
  // Another server over the same folder sees it.
  ReviewService other(Cohort(dir / "out"), by("CD"));
  CHECK(body(get(other, "/api/studies/0"))["landmarks"] == body(stored)["landmarks"]);
  CHECK(body(get(other, "/api/cohort"))["studies"][0]["edits"] == 1);
}

TEST_CASE("events that do not fit are refused") {
  const TempDir dir;
  write_results(dir / "out", 1);
  ReviewService service(Cohort(dir / "out"), by("AB"));
  const auto refused = [&](const json& event) {
    return post(service, "/api/studies/0/events", event, "0").status == 400;
  };
  CHECK(refused(json::array()));
  CHECK(refused({{"action", "delete everything"}}));
  CHECK(refused({{"action", "edit"}}));
  CHECK(refused({{"action", "undo"}}));
  CHECK(refused({{"action", "note"}, {"text", std::string(3000, 'x')}}));
  CHECK(refused({{"action", "approve"}, {"seconds", -1}}));
  CHECK(refused({{"action", "approve"}, {"seconds", "1"}}));
  CHECK_FALSE(fs::exists(dir / "out" / "s0" / "review.json"));
}

TEST_CASE("a blind reader sees neither the machine's landmarks nor those of others") {
  const TempDir dir;
  write_results(dir / "out", 1);
  ReviewService shared(Cohort(dir / "out"), by("AB"));
  const auto machine = body(get(shared, "/api/studies/0"));
  post(shared, "/api/studies/0/events", move_s1(machine, 5), machine["revision"]);
  const auto spine = random_spine(20);
  write_study(dir / "out" / "s0", true_landmarks(spine), true_spacing(spine), {"levels_uncertain"});
  ReviewOptions blind = by("CD");
  blind.blind.session = 1;
  ReviewService service(Cohort(dir / "out"), blind);
  const auto study = body(get(service, "/api/studies/0"));
  CHECK(study["landmarks"]["S1"].is_null());
  CHECK(study.dump().find("levels_uncertain") == std::string::npos);
  CHECK(body(get(shared, "/api/studies/0")).dump().find("levels_uncertain") != std::string::npos);
  CHECK_FALSE(study.contains("machine"));
  CHECK(get(service, "/api/studies/0").body.find(machine["landmarks"]["S1"].dump()) ==
        std::string::npos);
  CHECK_FALSE(body(get(service, "/api/cohort"))["studies"][0].contains("SS"));
  for (const char* part : {"outlines", "overlay", "thumbnail"}) {
    CHECK(get(service, std::string("/api/studies/0/") + part).status == 403);
  }
}

TEST_CASE("the list knows the groups of studies, except in a blind reading") {
  const TempDir dir;
  write_results(dir / "out", 1);
  ReviewOptions options = by("AB");
  options.groups["s0"]["site"] = "north";
  ReviewService service(Cohort(dir / "out"), options);
  CHECK(body(get(service, "/api/cohort"))["studies"][0]["groups"]["site"] == "north");
  options.blind.session = 1;
  ReviewService blind(Cohort(dir / "out"), options);
  CHECK_FALSE(body(get(blind, "/api/cohort"))["studies"][0].contains("groups"));
}

TEST_CASE(
    "studies that are read blind first show the machine's results after the reader's verdict") {
  const TempDir dir;
  write_results(dir / "out", 1);
  ReviewOptions options = by("AB");
  options.blind.first = 1;
  ReviewService service(Cohort(dir / "out"), options);
  CHECK_FALSE(body(get(service, "/api/cohort"))["studies"][0].contains("SS"));
  auto study = body(get(service, "/api/studies/0"));
  CHECK(study["blind"] == true);
  CHECK_FALSE(study.contains("machine"));
  CHECK(get(service, "/api/studies/0/overlay").status == 403);
  const json add{{"action", "edit"},
                 {"changes",
                  {{{"at", "S1"},
                    {"from", nullptr},
                    {"to", {{"sup_post", {10, 20}}, {"sup_ant", {50, 30}}}}}}}};
  study = body(post(service, "/api/studies/0/events", add, study["revision"]));
  REQUIRE(study["landmarks"]["S1"]["sup_post"][0] == 10);
  post(service, "/api/studies/0/events", {{"action", "approve"}}, study["revision"]);
  const auto revealed = body(get(service, "/api/studies/0"));
  CHECK(revealed["blind"] == false);
  CHECK(revealed["verdict"] == "open");
  CHECK(revealed["landmarks"] == revealed["machine"]["landmarks"]);
  CHECK(body(get(service, "/api/cohort"))["studies"][0].contains("SS"));
  // The blind reading stays what it was before the machine's results were seen.
  post(service, "/api/studies/0/events", move_s1(revealed, 5), revealed["revision"]);
  const auto review = ReviewFile::read(dir / "out" / "s0", "s0");
  CHECK(review.reading({"AB", 1}, json::object()).landmarks["S1"]["sup_post"][0] == 10);
  CHECK(review.readings().size() == 2);
}

TEST_CASE("a film is found by its content, and another one is not shown in its place") {
  const TempDir dir;
  fs::create_directories(dir / "films");
  const auto spine = random_spine(30);
  const auto draw = [&](const fs::path& file, int seed) {
    cv::Mat pixels(spine.film, CV_16UC1);
    cv::randu(pixels, cv::Scalar(seed), cv::Scalar(60000));
    write_image(file, pixels);
  };
  draw(dir / "films" / "renamed.png", 1);
  draw(dir / "films" / "s0.png", 2);
  write_results(dir / "out", 0);
  TableWriter table(dir / "out" / "measurements.csv", {});
  table.add({"s0", "s0.png", "ok", "",
             write_study(dir / "out" / "s0", true_landmarks(spine), true_spacing(spine), {},
                         sha256_of_file(dir / "films" / "renamed.png"))});
  table.commit();
  batch::InputOptions films;
  films.inputs = {dir / "films"};
  ReviewService service(Cohort(dir / "out"), films, by("AB"));
  const auto film = get(service, "/api/studies/0/film");
  REQUIRE(film.status == 200);
  CHECK(film.headers.at(1).second == std::to_string(spine.film.width));
  CHECK(film.headers.at(3).second == "16");
  CHECK(get(service, "/api/studies/0/preview").content_type == "image/jpeg");
  const auto clahe = get(service, "/api/studies/0/film", {{"view", "clahe"}});
  CHECK(clahe.headers == film.headers);
  CHECK(clahe.body != film.body);
  CHECK(get(service, "/api/studies/0/film", {{"view", "plain"}}).body == film.body);
  CHECK(get(service, "/api/studies/0/film", {{"view", "../film"}}).status == 400);
  draw(dir / "films" / "renamed.png", 3);
  CHECK(get(service, "/api/studies/0/film").status == 404);
  CHECK(get(service, "/api/studies/0/preview").status == 404);
  fs::remove(dir / "films" / "renamed.png");
  CHECK(get(service, "/api/studies/0/film").status == 404);
  ReviewService without(Cohort(dir / "out"), films, by("AB"));
  const auto gone = get(without, "/api/studies/0/film");
  CHECK(gone.status == 404);
  CHECK(gone.body.find("changed") != std::string::npos);
}

TEST_CASE("thumbnails have one of three sizes and show the landmarks' part of the overlay") {
  const TempDir dir;
  write_results(dir / "out", 1);
  ReviewService service(Cohort(dir / "out"), by("AB"));
  CHECK(get(service, "/api/studies/0/thumbnail").status == 404);
  const auto film = random_spine(20).film;
  REQUIRE(film.width * 4 < film.height * 3 - 50);
  cv::imwrite((dir / "out" / "s0" / "overlay.png").string(),
              cv::Mat(film, CV_8UC3, cv::Scalar(9, 9, 9)));
  const auto longest = [&](const std::map<std::string, std::string>& query) {
    const std::string bytes = get(service, "/api/studies/0/thumbnail", query).body;
    const cv::Mat picture = cv::imdecode(std::vector<char>(bytes.begin(), bytes.end()), 0);
    CHECK(picture.cols * 4 ==
          near(picture.rows * 3, 4));  // three quarters as wide, unlike the film
    return std::max(picture.cols, picture.rows);
  };
  CHECK(longest({}) == 240);
  CHECK(longest({{"side", "480"}}) == 480);
  CHECK(longest({{"side", "960"}}) == 960);
  for (const char* side : {"", "0", "481", "480 ", "-1", "1e9"}) {
    CHECK(get(service, "/api/studies/0/thumbnail", {{"side", side}}).status == 400);
  }
}

TEST_CASE("the standard deviations of the machine's landmarks are told, but not to blind readers") {
  const TempDir dir;
  write_results(dir / "out", 1);
  ReviewService service(Cohort(dir / "out"), by("AB"));
  const auto study = body(get(service, "/api/studies/0"));
  CHECK(study["machine"]["uncertainty"]["L3.inf"] == 1);
  CHECK(study["machine"]["uncertainty"]["S1.sup"] == 1);
  CHECK(study["machine"]["uncertainty"]["F1"] == 0.02);
  ReviewOptions blind = by("CD");
  blind.blind.session = 1;
  ReviewService other(Cohort(dir / "out"), blind);
  CHECK(get(other, "/api/studies/0").body.find("uncertainty") == std::string::npos);
}

TEST_CASE("only the page's own files and known studies are served") {
  const TempDir dir;
  write_results(dir / "out", 1);
  ReviewService service(Cohort(dir / "out"), by("AB"));
  CHECK(get(service, "/").content_type == "text/html; charset=utf-8");
  CHECK(get(service, "/main.js").content_type == "text/javascript; charset=utf-8");
  for (const char* path :
       {"/../run.json", "/run.json", "/api", "/api/studies/", "/api/studies/9", "/api/studies/-1",
        "/api/studies/0x0", "/api/studies/0/../1", "/api/studies/99999999999999999999"}) {
    CHECK(get(service, path).status == 404);
  }
}

TEST_CASE(
    "films are taken only where they are measured, of the shared reading, and not read-only") {
  const TempDir dir;
  write_results(dir / "out", 1);
  const Cohort cohort(dir / "out");
  const DroppedFilms dropped(dir / "out");
  dropped.prepare();
  MeasuringOptions how;
  how.program = "/bin/true";
  const auto send = [&](ReviewService& service) {
    const fs::path upload = dropped.folder() / ".upload-1";
    std::ofstream(upload) << "film";
    return service.answer({"POST", "/api/films", {{"name", "DOE"}}, "", "", upload});
  };
  ReviewService none(cohort, by("AB"));
  CHECK(send(none).status == 403);
  ReviewOptions blind = by("AB"), reads = by("AB");
  blind.blind.session = 1;
  reads.read_only = true;
  for (const auto& options : {blind, reads}) {
    ReviewService service(cohort, options);
    Measuring measuring(how, cohort, dropped, service.films());
    service.show(measuring);
    CHECK_FALSE(service.takes_films());
    CHECK(body(get(service, "/api/cohort"))["takes_films"] == false);
    // Messages of a run may tell what is on a film.
    CHECK(body(get(service, "/api/measuring")).contains("details") == !options.blind.session);
    CHECK(send(service).status == 403);
  }
  CHECK(dropped.ids().empty());
  ReviewService service(cohort, by("AB"));
  Measuring measuring(how, cohort, dropped, service.films());
  service.show(measuring);
  CHECK(get(service, "/api/films").status == 405);
  CHECK(post(service, "/api/films", "x").status == 415);
  const auto taken = send(service);
  CHECK(taken.status == 200);
  CHECK(body(taken)["study"] == "film_0001");
  CHECK(dropped.ids() == std::vector<std::string>{"film_0001"});
  std::ofstream(dropped.folder() / ".upload-1");
  CHECK(service.answer({"POST", "/api/films", {}, "", "", dropped.folder() / ".upload-1"}).status ==
        400);
}

TEST_CASE("studies that were measured meanwhile are told once, without values to a blind reader") {
  const TempDir dir;
  write_results(dir / "out", 1);
  Cohort cohort(dir / "out");
  ReviewService service(cohort, by("AB"));
  const auto seen = body(get(service, "/api/cohort"));
  CHECK(seen["changes"] == 0);
  CHECK(seen["measures"] == false);
  cohort.put({{"new", "new.png", "review", "", {"order"}, 1, 2, 3, 4}});
  const auto ask = [](ReviewService& of, const std::string& since) {
    return of.answer({"GET", "/api/measuring", {{"since", since}}, "", "", std::nullopt});
  };
  const auto news = body(ask(service, "0"));
  REQUIRE(news["studies"].size() == 1);
  CHECK(news["studies"][0]["position"] == 2);
  CHECK(news["studies"][0]["study"] == "new");
  CHECK(news["studies"][0]["SS"] == 2);
  CHECK(news["changes"] == 1);
  CHECK(body(ask(service, "1"))["studies"].empty());
  CHECK(ask(service, "-1").status == 400);
  CHECK(ask(service, "x").status == 400);
  ReviewOptions blind = by("CD");
  blind.blind.session = 1;
  ReviewService other(cohort, blind);
  CHECK_FALSE(body(ask(other, "0"))["studies"][0].contains("SS"));
}

TEST_CASE("a read-only review stores nothing") {
  const TempDir dir;
  write_results(dir / "out", 1);
  ReviewOptions options = by("AB");
  options.read_only = true;
  ReviewService service(Cohort(dir / "out"), options);
  CHECK(post(service, "/api/studies/0/events", {{"action", "approve"}}, "0").status == 403);
  CHECK_FALSE(fs::exists(dir / "out" / "s0" / "review.json"));
}

TEST_CASE("results that a run replaces are read anew") {
  const TempDir dir;
  write_results(dir / "out", 2);
  ReviewService service(Cohort(dir / "out"), by("AB"));
  const auto before = body(get(service, "/api/studies/0"));
  CHECK(body(get(service, "/api/studies/0")) == before);
  for (const char* file : {"landmarks.json", "measurements.json"}) {
    fs::copy_file(dir / "out" / "s1" / file, dir / "out" / "s0" / file,
                  fs::copy_options::overwrite_existing);
  }
  const auto after = body(get(service, "/api/studies/0"));
  CHECK(after["landmarks"] == body(get(service, "/api/studies/1"))["landmarks"]);
  CHECK(after["landmarks"] != before["landmarks"]);
}

TEST_CASE("names that are no UTF-8 do not hide the list") {
  const TempDir dir;
  write_results(dir / "out", 1);
  std::ofstream table(dir / "out" / "measurements.csv", std::ios::app);
  std::ifstream rows(dir / "out" / "measurements.csv");
  std::string header;
  std::getline(rows, header);
  table << "caf\xe9,caf\xe9.png,unreadable,cut off"
        << std::string(static_cast<std::size_t>(std::count(header.begin(), header.end(), ',')) - 3,
                       ',')
        << "\n";
  table.close();
  ReviewService service(Cohort(dir / "out"), by("AB"));
  const auto cohort = get(service, "/api/cohort");
  CHECK(cohort.status == 200);
  CHECK(body(cohort)["studies"].size() == 3);
}
