#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spine::review {

/// An HTTP request that has passed the checks of guard.h.
struct HttpRequest {
  std::string method;  ///< "GET", "HEAD" or "POST"
  std::string path;    ///< without the query: "/api/studies/3"
  std::map<std::string, std::string> query;
  std::string if_match;  ///< without quotes; empty: not given
  std::string body;
  std::optional<std::filesystem::path> upload;  ///< body of an upload, a private file
};

/// An answer. The server adds the headers of security, caching and length.
struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// Splits a request target into path and query, decoding percent signs and plus signs of the query.
/// @returns nullopt for a target that is no path, or whose path has percent signs: no path of the
/// server needs any
std::optional<std::pair<std::string, std::map<std::string, std::string>>> split_target(
    std::string_view target);

/// The value of a cookie in a Cookie header; nullopt if it is not there.
std::optional<std::string> cookie(std::string_view header, std::string_view name);

}  // namespace spine::review
