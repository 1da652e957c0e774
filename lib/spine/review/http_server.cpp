#include "spine/review/http_server.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fcntl.h>

#include "spine/core/error.h"
#include "spine/review/guard.h"
#include "spine/util/thread_group.h"

namespace spine::review {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace net = boost::asio;
namespace fs = std::filesystem;
using net::ip::tcp;

HttpResponse failure(int status, const std::string& text) {
  return {status, "text/plain; charset=utf-8", text + "\n"};
}

/// Headers that decide about access or length and must not be given twice.
bool repeats_a_header(const http::request_header<>& head) {
  for (const auto field :
       {http::field::host, http::field::origin, http::field::cookie, http::field::content_type,
        http::field::content_length, http::field::if_match, http::field::transfer_encoding}) {
    if (head.count(field) > 1) return true;
  }
  return false;
}

std::optional<std::string> value_of(const http::request_header<>& head, http::field field) {
  const auto entry = head.find(field);
  if (entry == head.end()) return std::nullopt;
  return std::string(entry->value());
}

RequestHead request_head(const http::request_header<>& head) {
  return {std::string(head.method_string()),
          std::string(head.target()),
          value_of(head, http::field::host),
          value_of(head, http::field::origin),
          value_of(head, http::field::content_type),
          value_of(head, http::field::cookie),
          head.count(beast::string_view(kPageHeader.data(), kPageHeader.size())) == 1,
          head.count(http::field::transfer_encoding) > 0};
}

std::string without_quotes(std::string text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

/// The answer to a request that could not be read; nullopt if the connection is just closed.
std::optional<HttpResponse> answer_to(const beast::error_code& error) {
  if (error == http::error::header_limit) return failure(431, "the header is too long");
  if (error == http::error::body_limit) return failure(413, "the body is too long");
  if (error == boost::system::errc::no_space_on_device) {
    return failure(507, "the film could not be stored: " + error.message());
  }
  if (error == beast::error::timeout || error == http::error::end_of_stream ||
      error == net::error::connection_reset || error == net::error::operation_aborted ||
      error == net::error::eof || error == http::error::partial_message) {
    return std::nullopt;
  }
  return failure(400, "expected an HTTP/1.1 request");
}

http::response<http::string_body> to_beast(HttpResponse response, bool is_head, bool keep_alive) {
  http::response<http::string_body> result;
  result.version(11);
  result.result(static_cast<unsigned>(response.status));
  result.keep_alive(keep_alive);
  result.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : security_headers()) {
    result.set(beast::string_view(name.data(), name.size()),
               beast::string_view(value.data(), value.size()));
  }
  for (const auto& [name, value] : response.headers) result.insert(name, value);
  result.body() = std::move(response.body);
  result.prepare_payload();
  if (is_head) result.body().clear();
  return result;
}

/// A private file that is removed again, unless it was moved.
class PrivateFile {
 public:
  explicit PrivateFile(const fs::path& folder)
      : path_(folder / (std::string(kUploadPrefix) + new_token().substr(0, 16))) {}
  PrivateFile(const PrivateFile&) = delete;
  PrivateFile& operator=(const PrivateFile&) = delete;
  PrivateFile(PrivateFile&&) = delete;
  PrivateFile& operator=(PrivateFile&&) = delete;
  ~PrivateFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

  /// Creates the file for its owner alone; Beast's own way leaves that to the umask.
  void open_in(http::file_body::value_type& body, beast::error_code& error) const {
    const int descriptor =
        ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) {
      error.assign(errno, boost::system::system_category());
      return;
    }
    beast::file file;
    file.native_handle(descriptor);
    body.reset(std::move(file), error);
  }

 private:
  fs::path path_;
};

/// Whether the body of a request goes to a file.
bool is_upload(const http::request_header<>& head) {
  return head.method() == http::verb::post &&
         value_of(head, http::field::content_type).value_or("") == kUploadType;
}

std::string path_of(const http::request_header<>& head) {
  return split_target(std::string_view(head.target().data(), head.target().size()))->first;
}

}  // namespace

struct HttpServer::Impl {
  Impl(HttpServerOptions own_options, Handler own_handler)
      : options(std::move(own_options)),
        handler(std::move(own_handler)),
        context(options.threads),
        acceptor(context) {
    const tcp::endpoint own(net::ip::address_v4::loopback(), options.port);
    beast::error_code error;
    acceptor.open(own.protocol());
    acceptor.set_option(net::socket_base::reuse_address(true));
    acceptor.bind(own, error);
    if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
    if (error) {
      throw Error(ErrorKind::usage, "review: port " + std::to_string(options.port) +
                                        ": expected a free one, got: " + error.message());
    }
    port = acceptor.local_endpoint().port();
    token = new_token();
    guard.emplace(port, token, options.hosts);
  }

  net::awaitable<void> accept() {
    net::steady_timer pause(context);
    for (;;) {
      if (connections >= kMostConnections) {
        pause.expires_after(std::chrono::milliseconds(20));
        co_await pause.async_wait(net::use_awaitable);
        continue;
      }
      beast::error_code error;
      tcp::socket socket(net::make_strand(context));
      co_await acceptor.async_accept(socket, net::redirect_error(net::use_awaitable, error));
      if (error == net::error::operation_aborted) co_return;
      if (error) {  // such as too many open files
        pause.expires_after(std::chrono::milliseconds(100));
        co_await pause.async_wait(net::use_awaitable);
        continue;
      }
      ++connections;
      auto executor = socket.get_executor();
      net::co_spawn(executor, serve(beast::tcp_stream(std::move(socket))),
                    [this](const std::exception_ptr&) { --connections; });
    }
  }

  net::awaitable<void> serve(beast::tcp_stream stream) {
    beast::flat_buffer buffer(kMostHeaderBytes + kMostBodyBytes);
    for (bool keep_alive = true; keep_alive;) {
      http::request_parser<http::empty_body> head;
      head.header_limit(kMostHeaderBytes);
      head.body_limit(kMostUploadBytes);
      beast::error_code error;
      stream.expires_after(options.timeout);
      co_await http::async_read_header(stream, buffer, head,
                                       net::redirect_error(net::use_awaitable, error));
      if (error) {
        if (auto answer = answer_to(error)) co_await send(stream, std::move(*answer), false, false);
        break;
      }
      const bool is_head = head.get().method() == http::verb::head;
      auto refused = repeats_a_header(head.get())
                         ? std::optional(failure(400, "a header is given twice"))
                         : guard->answer(request_head(head.get()));
      if (refused) {  // its body was not read
        co_await send(stream, std::move(*refused), is_head, false);
        break;
      }
      std::optional<HttpResponse> response;
      keep_alive = is_upload(head.get()) ? co_await take_upload(stream, buffer, head, response)
                                         : co_await take(stream, buffer, head, response);
      if (!response) break;
      co_await send(stream, std::move(*response), is_head, keep_alive);
    }
    co_await close(stream);
  }

  /// Closes a connection so that its last answer arrives: what the client still sends is read and
  /// dropped for a while, as the system would otherwise reset the connection.
  static net::awaitable<void> close(beast::tcp_stream& stream) {
    constexpr std::size_t kMost = 1U << 20U;
    beast::error_code error;
    stream.socket().shutdown(tcp::socket::shutdown_send, error);
    std::array<char, 4096> dropped{};
    stream.expires_after(std::chrono::seconds(1));
    for (std::size_t read = 0; !error && read < kMost;) {
      read += co_await stream.async_read_some(net::buffer(dropped),
                                              net::redirect_error(net::use_awaitable, error));
    }
  }

  /// Reads the body of a request and answers it.
  /// @returns whether the connection can be used again
  net::awaitable<bool> take(beast::tcp_stream& stream, beast::flat_buffer& buffer,
                            http::request_parser<http::empty_body>& head,
                            std::optional<HttpResponse>& response) {
    // A parser's own limit holds only if it is set before the header is read.
    if (head.content_length().value_or(0) > kMostBodyBytes) {
      response = answer_to(http::error::body_limit);
      co_return false;
    }
    http::request_parser<http::string_body> parser(std::move(head));
    beast::error_code error;
    stream.expires_after(options.timeout);
    co_await http::async_read(stream, buffer, parser,
                              net::redirect_error(net::use_awaitable, error));
    if (error) {
      response = answer_to(error);
      co_return false;
    }
    HttpRequest request = request_of(parser.get());
    request.body = std::move(parser.get().body());
    response = handle(request);
    co_return parser.get().keep_alive();
  }

  /// The same for a film, which goes to a file.
  net::awaitable<bool> take_upload(beast::tcp_stream& stream, beast::flat_buffer& buffer,
                                   http::request_parser<http::empty_body>& head,
                                   std::optional<HttpResponse>& response) {
    if (path_of(head.get()) != kUploadPath) {
      response = failure(415, "expected application/json");
      co_return false;
    }
    if (upload_folder.empty()) {
      response = failure(403, "films are not taken");
      co_return false;
    }
    const PrivateFile file(upload_folder);
    http::request_parser<http::file_body> parser(std::move(head));
    beast::error_code error;
    file.open_in(parser.get().body(), error);
    if (error) {
      response = failure(507, "the film could not be stored: " + error.message());
      co_return false;
    }
    while (!error && !parser.is_done()) {
      stream.expires_after(options.timeout);
      co_await http::async_read_some(stream, buffer, parser,
                                     net::redirect_error(net::use_awaitable, error));
    }
    if (error) {
      response = answer_to(error);
      co_return false;
    }
    HttpRequest request = request_of(parser.get());
    parser.get().body().close();
    request.upload = file.path();
    response = handle(request);
    co_return parser.get().keep_alive();
  }

  static HttpRequest request_of(const http::request_header<>& head) {
    HttpRequest request;
    request.method = std::string(head.method_string());
    auto target = split_target(std::string_view(head.target().data(), head.target().size()));
    request.path = std::move(target->first);
    request.query = std::move(target->second);
    request.if_match = without_quotes(value_of(head, http::field::if_match).value_or(""));
    return request;
  }

  HttpResponse handle(const HttpRequest& request) const {
    try {
      return handler(request);
    } catch (const std::exception& error) {
      return failure(500, error.what());
    }
  }

  net::awaitable<void> send(beast::tcp_stream& stream, HttpResponse response, bool is_head,
                            bool keep_alive) const {
    auto message = to_beast(std::move(response), is_head, keep_alive);
    beast::error_code ignored;
    stream.expires_after(options.timeout);
    http::response_serializer<http::string_body> serializer(message);
    if (is_head) {
      co_await http::async_write_header(stream, serializer,
                                        net::redirect_error(net::use_awaitable, ignored));
    } else {
      co_await http::async_write(stream, serializer,
                                 net::redirect_error(net::use_awaitable, ignored));
    }
  }

  net::awaitable<void> watch(std::function<bool()> stopped) {
    net::steady_timer timer(context);
    while (!stopped()) {
      timer.expires_after(std::chrono::milliseconds(100));
      co_await timer.async_wait(net::use_awaitable);
    }
    context.stop();
  }

  HttpServerOptions options;
  fs::path upload_folder;
  Handler handler;
  net::io_context context;
  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  std::string token;
  std::optional<Guard> guard;
  std::atomic<int> connections = 0;
};

HttpServer::HttpServer(HttpServerOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return impl_->port; }

std::string HttpServer::address() const {
  return "http://127.0.0.1:" + std::to_string(impl_->port) + "/?token=" + impl_->token;
}

void HttpServer::take_uploads(fs::path folder) { impl_->upload_folder = std::move(folder); }

void HttpServer::run(const std::function<bool()>& stopped) {
  net::co_spawn(impl_->context, impl_->accept(), net::detached);
  net::co_spawn(impl_->context, impl_->watch(stopped), net::detached);
  for_each_index(static_cast<std::size_t>(impl_->options.threads), impl_->options.threads,
                 [this](std::size_t) { impl_->context.run(); });
}

void HttpServer::stop() { impl_->context.stop(); }

}  // namespace spine::review
