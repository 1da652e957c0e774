#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spine/review/http.h"

// Who may talk to the server. It shows films of patients, so that only the browser to which the
// program's own address was given may read, and only its own page may write: not another user of
// the machine, not another page in the same browser (cross-site request forgery), not a page whose
// name was made to point at this machine (DNS rebinding).
namespace spine::review {

/// A secret of 256 bits from the system, in hexadecimal. @throws Error(internal)
std::string new_token();

/// Compares in a time that does not depend on where the texts differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// The headers of a request on which access depends. A header that is given twice is refused by the
/// server before.
struct RequestHead {
  std::string method;
  std::string target;
  std::optional<std::string> host, origin, content_type, cookie;
  bool has_page_header = false;    ///< kPageHeader, which a form or an image cannot send
  bool transfer_encoding = false;  ///< chunked bodies are refused: their length is not known
};

/// Sent by the page with every request that changes something.
inline constexpr std::string_view kPageHeader = "X-Spine-Review";

/// Type of an uploaded film.
inline constexpr std::string_view kUploadType = "application/octet-stream";

class Guard {
 public:
  /// @param port   on which the server listens; part of the cookie's name, since browsers send
  /// cookies to all ports of a host
  /// @param hosts  further values of Host that are accepted, as those of a tunnel
  Guard(std::uint16_t port, std::string token, std::vector<std::string> hosts);

  /// The answer to a request that must not be served, or that brings the token; nullopt: go on.
  [[nodiscard]] std::optional<HttpResponse> answer(const RequestHead& head) const;

  [[nodiscard]] std::string cookie_name() const;

 private:
  [[nodiscard]] bool is_own_host(const std::string& host) const;
  [[nodiscard]] std::optional<HttpResponse> refuse_write(const RequestHead& head) const;

  std::uint16_t port_;
  std::string token_;
  std::vector<std::string> hosts_;
};

/// The headers of every answer: nothing is cached, framed, sniffed or loaded from elsewhere.
const std::vector<std::pair<std::string_view, std::string_view>>& security_headers();

}  // namespace spine::review
