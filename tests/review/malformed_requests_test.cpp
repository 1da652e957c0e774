#include <atomic>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "review/request_mutations.h"
#include "review/results_folder.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <opencv2/imgcodecs.hpp>

#include "spine/io/image_io.h"
#include "spine/review/http_server.h"
#include "spine/review/service.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// A results folder, its films, and the page's server over them.
class Review {
 public:
  explicit Review(const fs::path& folder)
      : out_(folder / "secret-results"),
        uploads_(folder / "uploads"),
        service_(make(folder)),
        server_({}, [this](const HttpRequest& request) { return service_->answer(request); }),
        thread_([this] {
          server_.take_uploads(uploads_);
          server_.run();
        }) {}
  Review(const Review&) = delete;
  Review& operator=(const Review&) = delete;
  Review(Review&&) = delete;
  Review& operator=(Review&&) = delete;
  ~Review() {
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] const fs::path& folder() const { return out_; }
  [[nodiscard]] const fs::path& uploads() const { return uploads_; }

  /// Valid requests of every route.
  [[nodiscard]] std::vector<Request> requests() {
    std::vector<Request> all{{"GET /?token=" + token() + " HTTP/1.1", {"Host: " + host()}, ""},
                             request("HEAD /main.js")};
    for (const char* path :
         {"/", "/main.js", "/en.json", "/api/cohort", "/api/studies/0", "/api/studies/2",
          "/api/studies/0/outlines", "/api/studies/0/film", "/api/studies/0/preview",
          "/api/studies/0/overlay", "/api/studies/0/thumbnail?a=b&c=%20"}) {
      all.push_back(request(std::string("GET ") + path));
    }
    const auto state =
        json::parse(service_->answer({"GET", "/api/studies/0", {}, "", "", {}}).body);
    const json& landmarks = state["landmarks"];
    all.push_back(post("/api/studies/0/values", {{"landmarks", landmarks}}, ""));
    const json& from = landmarks["S1"]["sup_ant"];
    const json moved{
        {"at", "S1.sup_ant"}, {"from", from}, {"to", {from[0], from[1].get<double>() + 1}}};
    const json heads{
        {"at", "femoral_heads"}, {"from", landmarks["femoral_heads"]}, {"to", json::array()}};
    for (const json& event :
         {json{{"action", "edit"}, {"changes", {moved}}, {"seconds", 1.5}},
          json{{"action", "edit"}, {"changes", {moved, heads}}, {"seconds", 0}},
          json{{"action", "undo"}}, json{{"action", "note"}, {"text", "a note"}},
          json{{"action", "reject"}, {"text", "why"}}, json{{"action", "restart"}}}) {
      all.push_back(post("/api/studies/0/events", event, state["revision"]));
    }
    all.push_back(post("/api/films", json(std::string(3000, 'z')), "", "application/octet-stream"));
    return all;
  }

 private:
  std::unique_ptr<ReviewService> make(const fs::path& folder) const {
    write_results(out_, 2);
    fs::create_directories(uploads_);
    const auto film = random_spine(20).film;
    fs::create_directories(folder / "films");
    cv::Mat pixels(film, CV_16UC1);
    cv::randu(pixels, cv::Scalar(100), cv::Scalar(60000));
    write_image(folder / "films" / "s0.png", pixels);
    auto record = read_json(out_ / "s0" / "measurements.json");
    record["provenance"]["input"].erase("sha256");
    write_json(out_ / "s0" / "measurements.json", record);
    cv::imwrite((out_ / "s0" / "overlay.png").string(),
                cv::Mat(300, 200, CV_8UC3, cv::Scalar(1, 2, 3)));
    batch::InputOptions films;
    films.inputs = {folder / "films"};
    ReviewOptions own;
    own.reader = "AB";
    return std::make_unique<ReviewService>(Cohort(out_), films, own);
  }

  [[nodiscard]] std::string token() const {
    const auto address = server_.address();
    return address.substr(address.find("token=") + 6);
  }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port()); }
  [[nodiscard]] Request request(const std::string& start) const {
    return {start + " HTTP/1.1",
            {"Host: " + host(), "Cookie: spine-review-" + std::to_string(port()) + "=" + token(),
             "Connection: close"},
            ""};
  }
  [[nodiscard]] Request post(const std::string& path, const json& body, const std::string& revision,
                             const std::string& type = "application/json") const {
    Request result = request("POST " + path);
    for (const auto& header : {"Origin: http://" + host(), std::string("X-Spine-Review: 1"),
                               "Content-Type: " + type, "If-Match: \"" + revision + "\""}) {
      result.headers.push_back(header);
    }
    result.body = body.dump();
    result.set_length(std::to_string(result.body.size()));
    return result;
  }

  fs::path out_, uploads_;
  std::unique_ptr<ReviewService> service_;
  HttpServer server_;
  std::thread thread_;
};

/// What is wrong with an answer; empty: nothing.
std::string fault_of(const std::optional<std::string>& answer) {
  static const std::set<std::string> statuses{"200", "303", "400", "401", "403",
                                              "404", "405", "411", "412", "413",
                                              "415", "422", "428", "431", "507"};
  if (!answer) return "no answer, and the connection stays open";
  if (answer->empty()) return "";
  if (!answer->starts_with("HTTP/1.1 ")) return "no HTTP: " + answer->substr(0, 60);
  if (!statuses.contains(answer->substr(9, 3))) return "status: " + answer->substr(0, 400);
  const auto head = answer->substr(0, answer->find("\r\n\r\n"));
  if (!contains(head, "Content-Security-Policy: ")) return "no security headers: " + head;
  if (contains(*answer, "secret-results")) return "a path: " + answer->substr(0, 2000);
  return "";
}

std::size_t resident_mib() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096 >> 20U;
}

unsigned requests_to_send() {
  const char* given = std::getenv("SPINE_MALFORMED_REQUESTS");
  return given != nullptr ? static_cast<unsigned>(std::stoul(given)) : 500;
}

}  // namespace

TEST_CASE("malformed requests end in an answer or a closed connection, and harm nothing") {
  const TempDir dir;
  Review review(dir.path());
  std::mutex mutex;
  std::vector<std::string> faults;
  std::atomic<unsigned> next = 0;
  const unsigned count = requests_to_send();
  for (const auto& request : review.requests()) {
    INFO(request.line);
    const auto answer = exchange(review.port(), request.bytes());
    CHECK(fault_of(answer).empty());
    const bool is_fresh =
        answer && !contains(request.line, "/events") && !contains(request.line, "/films");
    CHECK((!is_fresh || answer->starts_with("HTTP/1.1 200 ") ||
           answer->starts_with("HTTP/1.1 303 ")));
  }
  const auto before = resident_mib();
  const auto client = [&] {
    for (unsigned i = next++; i < count; i = next++) {
      const Sent sent = RequestMutator(i).damaged(review.requests());
      const auto fault = fault_of(exchange(review.port(), sent.bytes, sent.ending, sent.part));
      const std::lock_guard lock(mutex);
      if (!fault.empty()) faults.push_back("request " + std::to_string(i) + ": " + fault);
      // A long history makes every further event slow; that it can be read is checked.
      if (i % 100 != 99) continue;
      try {
        ReviewFile::read(review.folder() / "s0", "s0");
      } catch (const Error& error) {
        faults.emplace_back(error.what());
      }
      std::error_code ignored;
      fs::remove(review.folder() / "s0" / "review.json", ignored);
    }
  };
  std::vector<std::thread> clients;
  for (int k = 0; k < 3; ++k) clients.emplace_back(client);
  for (auto& thread : clients) thread.join();
  for (const auto& fault : faults) UNSCOPED_INFO(fault);
  CHECK(faults.empty());
  const auto page = exchange(review.port(), review.requests().at(2).bytes());
  CHECK(page.value_or("").starts_with("HTTP/1.1 200 "));
  CHECK(fs::is_empty(review.uploads()));
  INFO("resident MiB before and after: " << before << " " << resident_mib());
  CHECK(resident_mib() < before + 400);
}
