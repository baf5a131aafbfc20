#include <banach/core/errors.hpp>
#include <banach/datasets/download.hpp>
#include <banach/datasets/sha256.hpp>
#include <banach/formats/atomic_file.hpp>

#include <array>
#include <exception>
#include <fmt/format.h>
#include <memory>

#include <curl/curl.h>
#include <dlfcn.h>

namespace banach::datasets {
namespace {

using formats::Bytes;
using formats::ByteSpan;
using Sink = std::function<void(ByteSpan)>;

[[noreturn]] void fail(const std::string& url, const std::string& what) {
  throw IOError(fmt::format("[download] {}: {}", url, what));
}

// libcurl, which the first download loads: it brings thirty libraries along, and most programs
// never download.
struct Curl {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_strerror) easy_strerror;
};

template <class Function>
void find(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  if (function == nullptr) throw RuntimeError(fmt::format("[download] libcurl has no {}", name));
}

Curl load_curl() {
  void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw RuntimeError(
        fmt::format("[download] {}. On Debian: apt-get install libcurl4", dlerror()));
  }
  Curl curl{};
  find(library, "curl_global_init", curl.global_init);
  find(library, "curl_easy_init", curl.easy_init);
  find(library, "curl_easy_cleanup", curl.easy_cleanup);
  find(library, "curl_easy_setopt", curl.easy_setopt);
  find(library, "curl_easy_perform", curl.easy_perform);
  find(library, "curl_easy_strerror", curl.easy_strerror);
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    throw RuntimeError("[download] libcurl cannot start");
  }
  return curl;
}

const Curl& curl() {
  static const Curl functions = load_curl();  // once, thread-safe
  return functions;
}

// One transfer. libcurl is C: an exception of ours waits in error_ until curl has returned.
class Transfer {
 public:
  Transfer(const std::string& url, const DownloadOptions& options, Sink sink)
      : url_(url),
        options_(options),
        sink_(std::move(sink)),
        progress_(options.progress.start(url)),
        curl_(make_handle(), curl().easy_cleanup) {
    configure();
  }

  void run() {
    const CURLcode status = curl().easy_perform(curl_.get());
    if (error_) std::rethrow_exception(error_);
    if (status == CURLE_OK) return;
    const char* reason = message_[0] != '\0' ? message_.data() : curl().easy_strerror(status);
    fail(url_, fmt::format("{}. Check the address, the network and the proxy (https_proxy, "
                           "http_proxy)",
                           reason));
  }

 private:
  static CURL* make_handle() {
    CURL* handle = curl().easy_init();
    if (handle == nullptr) throw RuntimeError("[download] libcurl cannot start");
    return handle;
  }

  template <class T>
  void set(CURLoption option, T value) {
    if (curl().easy_setopt(curl_.get(), option, value) != CURLE_OK) {
      fail(url_, fmt::format("this libcurl refuses option {}", static_cast<int>(option)));
    }
  }

  void configure() {
    set(CURLOPT_URL, url_.c_str());
    set_protocols();
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, 10L);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);  // signals would make it unsafe among threads
    set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(options_.connect_timeout));
    set(CURLOPT_LOW_SPEED_LIMIT, 100L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout));
    set(CURLOPT_USERAGENT, "banach");
    set(CURLOPT_ERRORBUFFER, message_.data());
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_data);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_NOPROGRESS, progress_ ? 0L : 1L);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
    set(CURLOPT_XFERINFODATA, this);
  }

  // A redirect must not turn a web address into a file of this machine.
  void set_protocols() {
#if LIBCURL_VERSION_NUM >= 0x075500
    set(CURLOPT_PROTOCOLS_STR, "https,http,file");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "https,http");
#else
    set(CURLOPT_PROTOCOLS, CURLPROTO_HTTPS | CURLPROTO_HTTP | CURLPROTO_FILE);
    set(CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTPS | CURLPROTO_HTTP);
#endif
  }

  template <class F>
  bool guarded(F f) {
    try {
      f();
      return true;
    } catch (...) {
      error_ = std::current_exception();
      return false;
    }
  }

  void receive(ByteSpan bytes) {
    received_ += bytes.size();
    if (received_ > options_.max_bytes) {
      fail(url_, fmt::format("sends more than the {} bytes allowed", options_.max_bytes));
    }
    sink_(bytes);
  }

  static std::size_t on_data(char* data, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const auto bytes = std::as_bytes(std::span(data, size));
    return transfer.guarded([&] { transfer.receive(bytes); }) ? size : 0;
  }

  static int on_progress(void* self, curl_off_t total, curl_off_t received, curl_off_t,
                         curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.guarded([&] {
      transfer.progress_(static_cast<std::uint64_t>(received), static_cast<std::uint64_t>(total));
    })
               ? 0
               : 1;
  }

  const std::string& url_;
  const DownloadOptions& options_;
  Sink sink_;
  ProgressCallback progress_;
  std::unique_ptr<CURL, void (*)(CURL*)> curl_;
  std::array<char, CURL_ERROR_SIZE> message_{};
  std::uint64_t received_ = 0;
  std::exception_ptr error_;
};

// Receives everything and compares the hash at the end.
void transfer(const std::string& url, const DownloadOptions& options, const Sink& sink) {
  Sha256 hash;
  Transfer(url, options, [&](ByteSpan bytes) {
    hash.update(bytes);
    sink(bytes);
  }).run();
  const std::string received = hash.hex();
  if (options.sha256.empty() || received == options.sha256) return;
  throw Corruption(fmt::format(
      "[download] {}: expected SHA-256 {}, received {}. The file has changed or something on the "
      "way replaced it; nothing was kept",
      url, options.sha256, received));
}

}  // namespace

Bytes download(const std::string& url, const DownloadOptions& options) {
  Bytes content;
  transfer(url, options,
           [&](ByteSpan bytes) { content.insert(content.end(), bytes.begin(), bytes.end()); });
  return content;
}

void download_file(const std::string& url, const std::string& path,
                   const DownloadOptions& options) {
  formats::AtomicFile file(path);
  transfer(url, options, [&](ByteSpan bytes) { file.write(bytes); });
  file.commit();
}

}  // namespace banach::datasets
