#pragma once

#include <cstdint>

namespace banach::cpu {

/// Whether this machine has AMX with bfloat16 and the system lets this process use it.
bool has_amx();

/// The shapes of the tile registers, loaded into this thread until the end of the scope.
class AmxScope {
 public:
  AmxScope();
  ~AmxScope();
  AmxScope(const AmxScope&) = delete;
  AmxScope& operator=(const AmxScope&) = delete;
};

inline constexpr int kAmxRows = 16, kAmxColumns = 16;  // of c in one tile register
inline constexpr int kAmxPairs = 16;                   // steps of the sum in one, two by two

/// c (32, 32) (+)= a b, in 2 x 2 tile registers, or fewer. `a` has rows of pairs, `b` pairs of rows
/// as gemm_bf16 packs them; strides are in 32-bit elements.
struct AmxTile {
  const std::uint32_t* a;
  std::int64_t a_stride;
  const std::uint32_t* b;
  std::int64_t b_stride;
  float* c;
  std::int64_t c_stride;
  std::int64_t pairs;  // a multiple of kAmxPairs
  bool accumulate;
};

/// `row_tiles` and `column_tiles` are 1 or 2. Only inside an AmxScope.
void multiply_amx(const AmxTile& t, int row_tiles, int column_tiles);

}  // namespace banach::cpu
