#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "spine/review/http.h"

namespace spine::review {

/// The one path that takes films, as bodies of the type kUploadType.
inline constexpr std::string_view kUploadPath = "/api/films";
/// How the names of uploads begin while they arrive.
inline constexpr std::string_view kUploadPrefix = ".upload-";

/// Limits of requests.
inline constexpr std::uint32_t kMostHeaderBytes = 16U << 10U;
inline constexpr std::uint64_t kMostBodyBytes = 64U << 10U;
inline constexpr std::uint64_t kMostUploadBytes = 200U << 20U;
inline constexpr int kMostConnections = 16;
inline constexpr int kTimeoutSeconds = 10;  ///< to send a header or the next part of a body

struct HttpServerOptions {
  std::uint16_t port = 0;          ///< 0: any free one
  std::vector<std::string> hosts;  ///< further accepted values of Host (Guard)
  int threads = 4;
  std::chrono::milliseconds timeout = std::chrono::seconds(kTimeoutSeconds);
};

/// An HTTP/1.1 server on 127.0.0.1 for one browser: Boost.Beast, without TLS. Requests that Guard
/// refuses, or that are larger or slower than the limits above, never reach the handler.
class HttpServer {
 public:
  /// Answers a request; called by several threads at once. An exception becomes status 500.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  /// Binds the port. @throws Error(usage) if it is in use
  HttpServer(HttpServerOptions options, Handler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  HttpServer(HttpServer&&) = delete;
  HttpServer& operator=(HttpServer&&) = delete;
  ~HttpServer();

  [[nodiscard]] std::uint16_t port() const;
  /// The address with the token, to be opened once: "http://127.0.0.1:PORT/?token=...".
  [[nodiscard]] std::string address() const;

  /// Takes films: to private files in this folder, which are removed after the answer unless the
  /// handler moves them. To be called before run(); otherwise films are refused.
  void take_uploads(std::filesystem::path folder);

  /// Serves until stop() is called, or `stopped` returns true (asked several times a second).
  void run(const std::function<bool()>& stopped = [] { return false; });
  /// Ends run() after the requests that are being answered. May be called by any thread.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spine::review
