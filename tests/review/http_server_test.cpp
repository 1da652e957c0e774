#include "spine/review/http_server.h"

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "review/raw_request.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <sys/stat.h>

#include "spine/core/error.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;

namespace {

/// A server that says what it was asked.
class Served {
 public:
  /// @param uploads  folder of the films; empty: none are taken
  explicit Served(HttpServerOptions options = {}, const std::filesystem::path& uploads = {})
      : server_(std::move(options),
                [](const HttpRequest& request) {
                  if (request.path == "/fail") throw std::runtime_error("broken");
                  std::string text = request.method + " " + request.path + " " + request.body;
                  if (request.upload) {
                    struct stat status {};
                    stat(request.upload->c_str(), &status);
                    std::ostringstream mode;
                    mode << "mode " << std::oct << (status.st_mode & 0777U) << " ";
                    std::ifstream file(*request.upload);
                    text += mode.str() + std::string(std::istreambuf_iterator<char>(file), {});
                  }
                  return HttpResponse{200, "text/plain", text};
                }),
        thread_([this, uploads] {
          if (!uploads.empty()) server_.take_uploads(uploads);
          server_.run();
        }) {}
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  Served(Served&&) = delete;
  Served& operator=(Served&&) = delete;
  ~Served() {
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port()); }
  [[nodiscard]] std::string token() const {
    const std::string address = server_.address();
    return address.substr(address.find("token=") + 6);
  }
  [[nodiscard]] std::string cookie() const {
    return "Cookie: spine-review-" + std::to_string(port()) + "=" + token() + "\r\n";
  }

  /// Sends bytes and reads until the server closes the connection.
  [[nodiscard]] std::string raw(const std::string& bytes) const {
    return exchange(port(), bytes).value_or("no answer");
  }

  /// The headers of a request of the page itself, with others in their place.
  [[nodiscard]] std::string get(const std::string& path, const std::string& headers) const {
    return raw("GET " + path + " HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n");
  }
  [[nodiscard]] std::string own() const { return "Host: " + host() + "\r\n" + cookie(); }
  [[nodiscard]] std::string post(const std::string& headers, const std::string& body = "{}",
                                 const std::string& path = "/api") const {
    return raw("POST " + path + " HTTP/1.1\r\n" + own() + headers +
               "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
               body);
  }
  [[nodiscard]] std::string upload(const std::string& headers, const std::string& film) const {
    return post(headers, film, "/api/films");
  }
  [[nodiscard]] std::string origin() const { return "Origin: http://" + host() + "\r\n"; }

 private:
  HttpServer server_;
  std::thread thread_;
};

const std::string kJson = "Content-Type: application/json\r\n";
const std::string kPage = "X-Spine-Review: 1\r\n";
const std::string kFilm = "Content-Type: application/octet-stream\r\n";

bool has_status(const std::string& answer, int status) {
  if (answer.rfind("HTTP/1.1 " + std::to_string(status) + " ", 0) == 0) return true;
  WARN("expected " << status << ", got: " << answer.substr(0, 100));
  return false;
}

}  // namespace

TEST_CASE("the printed address gives the cookie, and the cookie gives the page") {
  const Served served;
  const auto entered = served.get("/?token=" + served.token(), "Host: " + served.host() + "\r\n");
  CHECK(has_status(entered, 303));
  CHECK(contains(entered, "Location: /\r\n"));
  CHECK(contains(entered, "HttpOnly; SameSite=Strict"));
  const auto page = served.get("/", served.own());
  CHECK(has_status(page, 200));
  CHECK(contains(page, "GET / "));
  for (const char* header :
       {"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src "
        "'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action "
        "'none'\r\n",
        "Cache-Control: no-store\r\n", "Referrer-Policy: no-referrer\r\n",
        "X-Content-Type-Options: nosniff\r\n"}) {
    CHECK(contains(page, header));
  }
  CHECK_FALSE(contains(page, "Access-Control"));
}

TEST_CASE("without the token nothing is shown") {
  const Served served;
  const std::string host = "Host: " + served.host() + "\r\n";
  std::string wrong = served.token();
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  CHECK(has_status(served.get("/", host), 401));
  CHECK(has_status(served.get("/?token=" + wrong, host), 401));
  CHECK(has_status(served.get("/?token=", host), 401));
  const std::string name = "Cookie: spine-review-" + std::to_string(served.port()) + "=";
  CHECK(has_status(served.get("/", host + name + wrong + "\r\n"), 401));
  CHECK(has_status(served.get("/", host + name + "\r\n"), 401));
  // The cookie of another server on this machine.
  CHECK(
      has_status(served.get("/", host + "Cookie: spine-review-1=" + served.token() + "\r\n"), 401));
  CHECK(has_status(served.get("/api?token=" + served.token(), host), 401));
}

TEST_CASE("another name for this machine is refused") {
  const Served served;
  for (const std::string& name :
       {std::string("evil.example"), "evil.example:" + std::to_string(served.port()),
        std::string("127.0.0.1"), std::string("localhost:1"),
        "127.0.0.1:" + std::to_string(served.port()) + ".evil.example", std::string()}) {
    CHECK(has_status(served.get("/", "Host: " + name + "\r\n" + served.cookie()), 403));
  }
  CHECK(has_status(served.get("/", served.cookie()), 403));
  CHECK(has_status(served.get("/", served.own() + "Host: evil.example\r\n"), 400));
  CHECK(has_status(served.get("/", "Host: localhost:" + std::to_string(served.port()) + "\r\n" +
                                       served.cookie()),
                   200));
}

TEST_CASE("only the page itself may write") {
  const Served served;
  CHECK(has_status(served.post(served.origin() + kJson + kPage), 200));
  CHECK(has_status(served.post(kJson + kPage), 403));
  CHECK(has_status(served.post("Origin: null\r\n" + kJson + kPage), 403));
  CHECK(has_status(served.post("Origin: http://evil.example\r\n" + kJson + kPage), 403));
  CHECK(has_status(served.post("Origin: https://" + served.host() + "\r\n" + kJson + kPage), 403));
  CHECK(has_status(served.post(served.origin() + kJson), 403));
  CHECK(has_status(served.post(served.origin() + "Content-Type: text/plain\r\n" + kPage), 415));
  CHECK(has_status(served.post(served.origin() + kPage), 415));
  CHECK(has_status(served.raw("DELETE / HTTP/1.1\r\n" + served.own() + "\r\n"), 405));
  CHECK(has_status(served.raw("OPTIONS / HTTP/1.1\r\n" + served.own() + "\r\n"), 405));
}

TEST_CASE("paths are plain") {
  const Served served;
  for (const char* path : {"/..%2f..%2fetc/passwd", "/%00", "http://evil.example/", "*", "/a%"}) {
    CHECK(has_status(served.get(path, served.own()), 400));
  }
}

TEST_CASE("requests beyond the limits are refused before they are read") {
  const Served served;
  CHECK(has_status(served.get("/", served.own() + "X: " + std::string(20000, 'a') + "\r\n"), 431));
  CHECK(has_status(served.get("/" + std::string(20000, 'a'), served.own()), 431));
  const std::string large(kMostBodyBytes + 1, ' ');
  CHECK(has_status(served.post(served.origin() + kJson + kPage, large), 413));
  CHECK(has_status(served.raw("POST /api HTTP/1.1\r\n" + served.own() + served.origin() + kJson +
                              kPage + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
                   411));
  CHECK(has_status(served.raw("GET / HTTP/9\r\n\r\n"), 400));
}

TEST_CASE("films are stored in a private file that is removed again, if they are taken at all") {
  const TempDir dir;
  {
    const Served served({}, dir.path());
    const std::string film(300000, 'x');
    const auto answer = served.upload(served.origin() + kFilm + kPage, film);
    CHECK(has_status(answer, 200));
    CHECK(answer.ends_with(film));
    CHECK(contains(answer, "mode 600"));
    CHECK(std::filesystem::is_empty(dir.path()));
  }
  const Served served;
  CHECK(has_status(served.upload(served.origin() + kFilm + kPage, "x"), 403));
}

TEST_CASE("only the page itself may send films, and only to their path") {
  const TempDir dir;
  const Served served({}, dir.path());
  CHECK(has_status(served.upload(served.origin() + kFilm + kPage, "x"), 200));
  CHECK(has_status(served.upload(kFilm + kPage, "x"), 403));
  CHECK(has_status(served.upload("Origin: null\r\n" + kFilm + kPage, "x"), 403));
  CHECK(has_status(served.upload("Origin: http://evil.example\r\n" + kFilm + kPage, "x"), 403));
  CHECK(has_status(served.upload(served.origin() + kFilm, "x"), 403));
  CHECK(has_status(
      served.upload(served.origin() + kPage + "Content-Type: multipart/form-data\r\n", "x"), 415));
  CHECK(
      has_status(served.upload(served.origin() + kPage + "Content-Type: image/png\r\n", "x"), 415));
  CHECK(has_status(served.post(served.origin() + kFilm + kPage, "x"), 415));
  const std::string head = "POST /api/films HTTP/1.1\r\nHost: " + served.host() + "\r\n" +
                           served.origin() + kFilm + kPage + "Content-Length: 1\r\n";
  CHECK(has_status(served.raw(head + "\r\nx"), 401));
  CHECK(has_status(
      served.raw(head + "Cookie: spine-review-" + std::to_string(served.port()) + "=0\r\n\r\nx"),
      401));
  // A request that only reads has no body that is kept.
  const auto read = served.raw("GET /api/films HTTP/1.1\r\n" + served.own() + kFilm +
                               "Connection: close\r\nContent-Length: 1\r\n\r\nx");
  CHECK_FALSE(contains(read, "mode"));
  CHECK(std::filesystem::is_empty(dir.path()));
}

TEST_CASE("a film that is too large is refused before it is read") {
  const TempDir dir;
  const Served served({}, dir.path());
  for (const std::uint64_t size : {kMostUploadBytes + 1, std::uint64_t{300} << 20U}) {
    CHECK(has_status(served.raw("POST /api/films HTTP/1.1\r\n" + served.own() + served.origin() +
                                kFilm + kPage + "Content-Length: " + std::to_string(size) +
                                "\r\n\r\n" + std::string(100000, 'x')),
                     413));
  }
  CHECK(has_status(
      served.raw("POST /api/films HTTP/1.1\r\n" + served.own() + served.origin() + kFilm + kPage +
                 "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
      411));
  CHECK(std::filesystem::is_empty(dir.path()));
}

TEST_CASE("a slow or aborted film leaves no file") {
  const TempDir dir;
  HttpServerOptions options;
  options.timeout = std::chrono::seconds(1);
  const Served served(options, dir.path());
  const std::string half = "POST /api/films HTTP/1.1\r\n" + served.own() + served.origin() + kFilm +
                           kPage + "Content-Length: 1000\r\n\r\n" + std::string(500, 'x');
  const auto left = [&] {
    for (int i = 0; i < 200 && !std::filesystem::is_empty(dir.path()); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return !std::filesystem::is_empty(dir.path());
  };
  CHECK(served.raw(half).empty());  // ends its side
  CHECK_FALSE(left());
  const RawConnection slow(served.port());
  slow.send(half);
  bool arrived = false;
  for (int i = 0; i < 400 && !arrived; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    arrived = !std::filesystem::is_empty(dir.path());
  }
  CHECK(arrived);
  CHECK_FALSE(left());
  CHECK(has_status(served.get("/", served.own()), 200));
}

TEST_CASE("a failure of the handler is an answer, and text of a request is in no header") {
  const Served served;
  CHECK(has_status(served.get("/fail", served.own()), 500));
  const auto answer = served.get("/?x=%0d%0aSet-Cookie:%20a=b", served.own());
  CHECK(has_status(answer, 200));
  CHECK_FALSE(contains(answer.substr(0, answer.find("\r\n\r\n")), "a=b"));
}

TEST_CASE("a port in use is named") {
  const Served served;
  HttpServerOptions options;
  options.port = served.port();
  const auto make = [&] { HttpServer(options, [](const auto&) { return HttpResponse{}; }); };
  CHECK(contains(message_of(ErrorKind::usage, make), std::to_string(served.port())));
}
