#pragma once

#include <banach/formats/file.hpp>

#include <atomic>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace banach::testing {

struct Response {
  std::string head = "200 OK";  // status, and further header lines after it
  std::string body = {};
  std::size_t missing_bytes = 0;  // announced but not sent: an interrupted transfer
  bool stalls = false;            // sends the body and then nothing, without closing
};

/// An HTTP server on 127.0.0.1 that answers from a table, one connection after another.
class HttpServer {
 public:
  explicit HttpServer(std::map<std::string, Response> responses)
      : responses_(std::move(responses)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        listen(listener_, 8) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      throw std::runtime_error("cannot open a local port");
    }
    port_ = ntohs(address.sin_port);
    setenv("no_proxy", "127.0.0.1", 1);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpServer() {
    stopping_ = true;
    thread_.join();
    close(listener_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int requests() const { return requests_; }

 private:
  static bool readable(int socket, int milliseconds) {
    pollfd waiting{socket, POLLIN, 0};
    return poll(&waiting, 1, milliseconds) > 0;
  }

  void serve() {
    while (!stopping_) {
      if (!readable(listener_, 20)) continue;
      const int connection = accept(listener_, nullptr, nullptr);
      answer(connection);
      close(connection);
    }
  }

  void answer(int connection) {
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto count = recv(connection, buffer, sizeof buffer, 0);
      if (count <= 0) return;
      request.append(buffer, static_cast<std::size_t>(count));
    }
    ++requests_;
    const std::size_t begin = request.find(' ') + 1;
    const auto found = responses_.find(request.substr(begin, request.find(' ', begin) - begin));
    const Response response = found == responses_.end() ? Response{"404 Not Found"} : found->second;
    const std::size_t announced = response.body.size() + response.missing_bytes;
    send_all(connection, "HTTP/1.1 " + response.head +
                             "\r\nContent-Length: " + std::to_string(announced) +
                             "\r\nConnection: close\r\n\r\n" + response.body);
    while (response.stalls && !stopping_ && !readable(connection, 20)) {
    }
  }

  static void send_all(int connection, std::string_view text) {
    while (!text.empty()) {
      const auto count = send(connection, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  std::map<std::string, Response> responses_;
  int listener_;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
};

}  // namespace banach::testing
