#include "spine/review/guard.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "spine/core/error.h"

namespace spine::review {
namespace {

HttpResponse plain(int status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text) + "\n"};
}

bool reads(const std::string& method) { return method == "GET" || method == "HEAD"; }

/// The type without parameters: "application/json; charset=utf-8" is "application/json".
std::string media_type(const std::optional<std::string>& content_type) {
  if (!content_type) return "";
  std::string type = content_type->substr(0, content_type->find(';'));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  return type;
}

}  // namespace

std::string new_token() {
  std::array<char, 32> bytes{};
  std::ifstream random("/dev/urandom", std::ios::binary);
  if (!random.read(bytes.data(), bytes.size())) {
    throw Error(ErrorKind::internal, "review: /dev/urandom: expected 32 bytes, got fewer");
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string token;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    token += kDigits[value >> 4U];
    token += kDigits[value & 15U];
  }
  return token;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  }
  return difference == 0;
}

Guard::Guard(std::uint16_t port, std::string token, std::vector<std::string> hosts)
    : port_(port), token_(std::move(token)), hosts_(std::move(hosts)) {
  for (const char* name : {"127.0.0.1", "localhost"}) {
    hosts_.push_back(std::string(name) + ":" + std::to_string(port));
  }
}

std::string Guard::cookie_name() const { return "spine-review-" + std::to_string(port_); }

bool Guard::is_own_host(const std::string& host) const {
  return std::find(hosts_.begin(), hosts_.end(), host) != hosts_.end();
}

std::optional<HttpResponse> Guard::answer(const RequestHead& head) const {
  if (!head.host || !is_own_host(*head.host)) {
    return plain(403, "this server answers only to its own address");
  }
  if (head.transfer_encoding) return plain(411, "expected a Content-Length");
  if (!reads(head.method) && head.method != "POST") return plain(405, "expected GET or POST");
  const auto target = split_target(head.target);
  if (!target) return plain(400, "expected a path");
  const auto& [path, query] = *target;
  if (const auto token = query.find("token"); path == "/" && token != query.end()) {
    if (head.method != "GET" || !equal_in_constant_time(token->second, token_)) {
      return plain(401, "this address is not that of the running server");
    }
    HttpResponse enter = plain(303, "");
    enter.headers = {
        {"Location", "/"},
        {"Set-Cookie", cookie_name() + "=" + token_ + "; Path=/; HttpOnly; SameSite=Strict"}};
    return enter;
  }
  const auto given = cookie(head.cookie.value_or(""), cookie_name());
  if (!given || !equal_in_constant_time(*given, token_)) {
    return plain(401, "open the address that spine-review printed at its start");
  }
  return reads(head.method) ? std::nullopt : refuse_write(head);
}

std::optional<HttpResponse> Guard::refuse_write(const RequestHead& head) const {
  if (!head.origin || *head.origin != "http://" + *head.host) {
    return plain(403, "expected a request of the server's own page");
  }
  if (!head.has_page_header) {
    return plain(403, "expected the header " + std::string(kPageHeader));
  }
  const std::string type = media_type(head.content_type);
  if (type != "application/json" && type != kUploadType) {
    return plain(415, "expected application/json");
  }
  return std::nullopt;
}

const std::vector<std::pair<std::string_view, std::string_view>>& security_headers() {
  static const std::vector<std::pair<std::string_view, std::string_view>> headers{
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
       "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
      {"Cache-Control", "no-store"},
      {"Referrer-Policy", "no-referrer"},
      {"X-Content-Type-Options", "nosniff"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cross-Origin-Opener-Policy", "same-origin"}};
  return headers;
}

}  // namespace spine::review
