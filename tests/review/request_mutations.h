#pragma once
#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "review/raw_request.h"
#include <nlohmann/json.hpp>

namespace spine::test {

/// A request before it becomes bytes.
struct Request {
  std::string line;  ///< "GET / HTTP/1.1"
  std::vector<std::string> headers;
  std::string body;

  [[nodiscard]] std::string bytes() const {
    std::string text = line + "\r\n";
    for (const auto& header : headers) text += header + "\r\n";
    return text + "\r\n" + body;
  }
  /// Replaces or adds Content-Length.
  void set_length(const std::string& length) {
    std::erase_if(headers, [](const auto& header) { return header.starts_with("Content-Length"); });
    headers.push_back("Content-Length: " + length);
  }
};

/// What is sent, and how.
struct Sent {
  std::string bytes;
  Ending ending = Ending::wait;
  std::size_t part = std::string::npos;
};

/// Damages requests; the same seed gives the same damage.
class RequestMutator {
 public:
  explicit RequestMutator(unsigned seed) : random_(seed) {}

  /// @param requests  valid ones; the first is damaged, the others may follow in one connection
  Sent damaged(const std::vector<Request>& requests) {
    Request request = requests.at(below(requests.size()));
    Sent sent;
    switch (below(7)) {
      case 0:
        damage_headers(request);
        break;
      case 1:
        damage_length(request);
        break;
      case 2:
      case 3:
        if (damage_json(request)) break;
        [[fallthrough]];
      case 4:
        sent.bytes = damaged_bytes(request.bytes(), 1 + below(4));
        break;
      case 5:
        sent.bytes = pipeline(requests);
        break;
      default:
        sent.bytes = request.bytes();
        sent.bytes.resize(below(sent.bytes.size()));
        sent.ending = pick(std::vector{Ending::wait, Ending::close, Ending::reset});
    }
    if (sent.bytes.empty()) sent.bytes = request.bytes();
    if (below(8) == 0) sent.part = 1 + below(40);
    if (below(10) == 0) sent.ending = Ending::close;
    return sent;
  }

 private:
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }
  template <typename T>
  T pick(const std::vector<T>& values) {
    return values[below(values.size())];
  }

  std::string damaged_bytes(std::string bytes, std::size_t times) {
    for (std::size_t k = 0; k < times && !bytes.empty(); ++k) {
      const auto at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = static_cast<char>(random_());
          break;
        case 1:
          bytes.erase(at, 1 + below(8));
          break;
        case 2:
          bytes.insert(at, bytes.substr(below(bytes.size()), below(200)));
          break;
        default:
          bytes.insert(
              at, pick(std::vector<std::string>{"\r\n", "\n", std::string(1, '\0'), ":", " ", "%00",
                                                "..", "\r\n\r\n", "\xff\xfe"}));
      }
    }
    return bytes;
  }

  void damage_headers(Request& request) {
    static const std::vector<std::string> extra{"Transfer-Encoding: chunked",
                                                "Transfer-Encoding: identity, chunked",
                                                "Expect: 100-continue",
                                                "Connection: upgrade",
                                                "Upgrade: websocket",
                                                "Content-Length: 0",
                                                "Host: evil.example",
                                                "Origin: null",
                                                "If-Match: *",
                                                "If-Match: \"",
                                                " folded",
                                                ": no name",
                                                "no colon",
                                                "X:",
                                                "Cookie: ;;;===;",
                                                "Content-Type: application/octet-stream",
                                                "Content-Encoding: gzip",
                                                "Range: bytes=0-99999999999",
                                                "Connection: close, keep-alive, close",
                                                "X: " + std::string(300, '\t')};
    for (auto k = 1 + below(3); k > 0; --k) {
      auto& headers = request.headers;
      const auto at = below(headers.size());
      switch (below(6)) {
        case 0:
          headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(at));
          break;
        case 1:
          headers.push_back(headers[at]);
          break;
        case 2:
          headers[at] += std::string(below(20000), 'x');
          break;
        case 3:
          headers[at] = damaged_bytes(headers[at], 2);
          break;
        case 4:
          for (auto i = below(400); i > 0; --i) headers.push_back("X-" + std::to_string(i) + ": y");
          break;
        default:
          headers.insert(headers.begin() + static_cast<std::ptrdiff_t>(at), pick(extra));
      }
      if (headers.empty()) headers.emplace_back("X: y");
    }
    if (below(4) == 0) request.line = damaged_bytes(request.line, 2);
  }

  void damage_length(Request& request) {
    const auto size = request.body.size();
    request.set_length(pick(std::vector<std::string>{
        "-1", "+5", "0x10", " ", "", "5, 5", "5;", "18446744073709551615", "18446744073709551616",
        "99999999999999999999999", "65536", "65537", "209715200", "209715201",
        std::to_string(size + 1 + below(100)), std::to_string(below(size + 1)), "0", "1e3", "٣"}));
  }

  bool damage_json(Request& request) {
    auto document = nlohmann::json::parse(request.body, nullptr, false);
    if (request.body.empty() || document.is_discarded()) return false;
    for (auto k = 1 + below(3); k > 0; --k) damage_node(document);
    request.body = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore);
    if (below(3) == 0) {  // what a serialiser never writes
      const auto at = below(request.body.size());
      request.body.insert(at, pick(std::vector<std::string>{
                                  "1e400", "NaN", "\xc3\x28", "\"\\ud800\"", std::string(200, '['),
                                  "-", "\\u0000", R"({"a":)", "/* */", "\xef\xbb\xbf"}));
    }
    request.set_length(std::to_string(request.body.size()));
    return true;
  }

  void damage_node(nlohmann::json& document) {
    using nlohmann::json;
    json* node = &document;
    json* owner = nullptr;
    std::string key;
    while (node->is_structured() && !node->empty() && below(5) != 0) {
      owner = node;
      auto child = node->begin();
      std::advance(child, static_cast<std::ptrdiff_t>(below(node->size())));
      if (node->is_object()) key = child.key();
      node = &*child;
    }
    if (owner != nullptr && owner->is_object() && below(4) == 0) {
      json value = *node;
      owner->erase(key);
      if (below(2) == 0)
        (*owner)[key + pick(std::vector<std::string>{"", ".", "~1", "x", "/0"})] = value;
      return;
    }
    static const std::vector<json> others{nullptr,
                                          true,
                                          -1,
                                          0,
                                          0.5,
                                          1e9,
                                          -1e308,
                                          1e-320,
                                          18446744073709551615U,
                                          "",
                                          "x",
                                          "L3",
                                          "vertebrae.L3",
                                          "vertebrae.L9.sup_ant",
                                          "S1.inf_ant",
                                          "femoral_heads.0",
                                          "anterior",
                                          "left",
                                          std::string(2500, 'y'),
                                          std::string("a\0b", 3),
                                          json::array(),
                                          json::object(),
                                          {1, 2},
                                          {1, 2, 3},
                                          {{"center", {1, 2}}, {"radius", 1e7}},
                                          json::array({json::array({json::array()})}),
                                          std::vector<int>(500, 1)};
    *node = pick(others);
  }

  std::string pipeline(const std::vector<Request>& requests) {
    std::string bytes;
    for (auto k = 2 + below(12); k > 0; --k) {
      Request request = pick(requests);
      std::erase(request.headers, "Connection: close");
      bytes += below(6) == 0 ? damaged_bytes(request.bytes(), 1) : request.bytes();
    }
    return bytes;
  }

  std::mt19937 random_;
};

}  // namespace spine::test
