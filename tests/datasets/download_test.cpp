#include <banach/core/errors.hpp>
#include <banach/datasets/download.hpp>
#include <banach/datasets/sha256.hpp>

#include "../formats/samples.hpp"
#include "../support/temp_dir.hpp"
#include "http_server.hpp"

#include <fstream>

using namespace banach;
using namespace banach::datasets;
using namespace banach::testing;
using formats::as_bytes;
using formats::as_text;
using formats::read_file;

TEST_CASE("sha256 gives the standard's values") {  // FIPS 180-4, examples
  CHECK(sha256({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256(as_bytes("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 pieces;
  pieces.update(as_bytes("a"));
  pieces.update(as_bytes("bc"));
  CHECK(pieces.hex() == sha256(as_bytes("abc")));
}

TEST_CASE("download brings the content, also through redirects") {
  const std::string body(300'000, 'x');
  const HttpServer server({{"/data", {.body = body}},
                           {"/moved", {.head = "302 Found\r\nLocation: /data"}},
                           {"/empty", {}}});
  CHECK(as_text(download(server.url("/data"))) == body);
  CHECK(as_text(download(server.url("/moved"), {.sha256 = sha256(as_bytes(body))})) == body);
  CHECK(download(server.url("/empty")).empty());
}

TEST_CASE("download_file leaves the complete file or nothing") {
  const TempDir folder;
  const HttpServer server(
      {{"/good", {.body = "content"}}, {"/cut", {.body = "cont", .missing_bytes = 3}}});
  const std::string path = folder / "file";
  download_file(server.url("/good"), path, {.sha256 = sha256(as_bytes("content"))});
  CHECK(as_text(read_file(path)) == "content");

  const std::string other = folder / "other";
  const std::string wrong_hash = error_of<Corruption>(
      [&] { download_file(server.url("/good"), other, {.sha256 = std::string(64, '0')}); });
  CHECK(wrong_hash.find(server.url("/good")) != std::string::npos);
  CHECK(wrong_hash.find(sha256(as_bytes("content"))) != std::string::npos);
  CHECK_THROWS_AS(download_file(server.url("/cut"), other), IOError);
  CHECK_THROWS_AS(download_file(server.url("/none"), other), IOError);
  CHECK_THROWS_AS(download_file(server.url("/good"), folder / "no/folder/file"), IOError);
  CHECK(folder.entries() == 1);
}

TEST_CASE("download fails with the address and the reason") {
  const HttpServer server({{"/cut", {.body = "cont", .missing_bytes = 3}},
                           {"/loop", {.head = "302 Found\r\nLocation: /loop"}},
                           {"/broken", {.head = "500 Internal Server Error"}}});
  const std::string text = error_of<IOError>([&] { download(server.url("/none")); });
  CHECK(text.find("[download] " + server.url("/none")) == 0);
  CHECK(text.find("404") != std::string::npos);
  for (const char* path : {"/cut", "/loop", "/broken"}) {
    CHECK_THROWS_AS(download(server.url(path)), IOError);
  }
  CHECK_THROWS_AS(download("http://127.0.0.1:1/closed"), IOError);
  CHECK_THROWS_AS(download("http://name.invalid/file", {.connect_timeout = 5}), IOError);
  CHECK_THROWS_AS(download("gopher://127.0.0.1/"), IOError);
  CHECK_THROWS_AS(download(""), IOError);
}

TEST_CASE("a redirect cannot reach a local file") {
  const TempDir folder;
  std::ofstream(folder / "secret") << "secret";
  CHECK(as_text(download("file://" + (folder / "secret"))) == "secret");
  CHECK_THROWS_AS(download("file://" + (folder / "none")), IOError);
  const HttpServer server(
      {{"/", {.head = "302 Found\r\nLocation: file://" + (folder / "secret")}}});
  CHECK_THROWS_AS(download(server.url("/")), IOError);
}

TEST_CASE("a server that stalls or sends without end is left") {
  const HttpServer server({{"/stall", {.body = "cont", .missing_bytes = 3, .stalls = true}},
                           {"/large", {.body = std::string(100'000, 'x')}}});
  CHECK_THROWS_AS(download(server.url("/stall"), {.stall_timeout = 1}), IOError);
  CHECK_THROWS_AS(download(server.url("/large"), {.max_bytes = 99'999}), IOError);
}

TEST_CASE("progress is told, and may end a download") {
  const HttpServer server({{"/", {.body = std::string(100'000, 'x')}}});
  std::uint64_t last = 0, announced = 0;
  const auto note = [&](std::uint64_t received, std::uint64_t total) {
    CHECK(received >= last);
    last = received;
    announced = total;
  };
  download(server.url("/"), {.progress = note});
  CHECK(last == 100'000);
  CHECK(announced == 100'000);
  const auto stop = [](std::uint64_t, std::uint64_t) { throw std::out_of_range("enough"); };
  CHECK_THROWS_AS(download(server.url("/"), {.progress = stop}), std::out_of_range);
}
