#include <banach/core/errors.hpp>
#include <banach/datasets/sha256.hpp>

#include <array>
#include <fmt/format.h>

#include <openssl/evp.h>

namespace banach::datasets {
namespace {

void check(int status) {
  if (status != 1) throw RuntimeError("[sha256] OpenSSL refused to compute SHA-256");
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  check(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

void Sha256::update(formats::ByteSpan bytes) {
  check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  check(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
  std::string text;
  for (unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

std::string sha256(formats::ByteSpan bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

}  // namespace banach::datasets
