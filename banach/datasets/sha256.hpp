#pragma once

#include <banach/formats/file.hpp>

#include <memory>
#include <string>

struct evp_md_ctx_st;  // OpenSSL

namespace banach::datasets {

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  void update(formats::ByteSpan bytes);
  std::string hex();  ///< 64 lower-case digits; call once, at the end

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

/// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256(formats::ByteSpan bytes);

}  // namespace banach::datasets
