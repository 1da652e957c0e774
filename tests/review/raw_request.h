#pragma once
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace spine::test {

/// How a client ends a connection.
enum class Ending {
  wait,   ///< says that it sends no more, and reads until the server closes
  close,  ///< closes without reading
  reset,  ///< closes so that the system resets the connection
};

/// A connection to a port of this machine; closed with the object.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    constexpr timeval kPatience{30, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = htons(port);
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0;
  }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;
  RawConnection(RawConnection&&) = delete;
  RawConnection& operator=(RawConnection&&) = delete;
  ~RawConnection() { ::close(socket_); }

  [[nodiscard]] bool is_connected() const { return connected_; }

  /// Sends as much as the server takes.
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void end_sending() const { ::shutdown(socket_, SHUT_WR); }

  void reset_at_close() const {
    constexpr linger kNow{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &kNow, sizeof kNow);
  }

  /// What arrives until the server closes; nullopt if it does not within half a minute.
  [[nodiscard]] std::optional<std::string> read_all() const {
    std::string answer;
    std::array<char, 16384> part{};
    for (;;) {
      const auto got = ::recv(socket_, part.data(), part.size(), 0);
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
      if (got <= 0) return answer;
      answer.append(part.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  int socket_;
  bool connected_ = false;
};

/// Sends bytes, in parts of at most `part` bytes, and ends.
/// @returns the answer; empty where none is waited for, nullopt if none came within half a minute
inline std::optional<std::string> exchange(std::uint16_t port, std::string_view bytes,
                                           Ending ending = Ending::wait,
                                           std::size_t part = std::string_view::npos) {
  const RawConnection connection(port);
  if (!connection.is_connected()) return std::nullopt;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(part, bytes.size()))) {
    connection.send(bytes.substr(0, part));
  }
  if (ending == Ending::reset) connection.reset_at_close();
  if (ending != Ending::wait) return "";
  connection.end_sending();
  return connection.read_all();
}

}  // namespace spine::test
