#include <banach/backend/cpu/gemm_amx.hpp>

#include <array>
#include <hwy/base.h>

#if HWY_ARCH_X86 && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace banach::cpu {

#if HWY_ARCH_X86 && defined(__linux__)

namespace {

// Intel's manual for developers, volume 2, CPUID leaf 7.
bool processor_has_amx() {
  constexpr unsigned kBf16 = 1U << 22, kTile = 1U << 24;
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kBf16) != 0 && (d & kTile) != 0;
}

// Linux gives the tile registers' state to processes that ask: Documentation/arch/x86/xstate.rst.
bool system_allows_amx() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

// The layout that LDTILECFG reads: eight registers of 16 rows of 64 bytes.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1, start_row = 0;
  std::array<std::uint8_t, 14> reserved{};
  std::array<std::uint16_t, 16> row_bytes{64, 64, 64, 64, 64, 64, 64, 64};
  std::array<std::uint8_t, 16> rows{16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64);
// Not a local: g++ 12 believes that the instruction reads the first 8 bytes alone.
constexpr TileConfig kTileConfig;

}  // namespace

bool has_amx() {
  static const bool has =
      __builtin_cpu_supports("avx512bf16") && processor_has_amx() && system_allows_amx();
  return has;
}

HWY_PUSH_ATTRIBUTES("amx-tile,amx-bf16")

namespace {

void configure() { _tile_loadconfig(&kTileConfig); }
void release() { _tile_release(); }

constexpr std::int64_t kElement = 4;  // bytes

// Registers: 0 to 3 are c, row by row; 4 and 5 are a, 6 and 7 are b.
template <int kRowTiles, int kColumnTiles>
void multiply(const AmxTile& t) {
  const std::int64_t a_stride = t.a_stride * kElement, b_stride = t.b_stride * kElement;
  const std::int64_t c_stride = t.c_stride * kElement;
  constexpr bool kDown = kRowTiles == 2, kRight = kColumnTiles == 2;
  const std::uint32_t* below = t.a + kAmxRows * t.a_stride;
  float* c_below = t.c + kAmxRows * t.c_stride;
  if (t.accumulate) {
    _tile_loadd(0, t.c, c_stride);
    if constexpr (kRight) _tile_loadd(1, t.c + kAmxColumns, c_stride);
    if constexpr (kDown) _tile_loadd(2, c_below, c_stride);
    if constexpr (kDown && kRight) _tile_loadd(3, c_below + kAmxColumns, c_stride);
  } else {
    _tile_zero(0);
    if constexpr (kRight) _tile_zero(1);
    if constexpr (kDown) _tile_zero(2);
    if constexpr (kDown && kRight) _tile_zero(3);
  }
  for (std::int64_t p = 0; p < t.pairs; p += kAmxPairs) {
    const std::uint32_t* b = t.b + p * t.b_stride;
    _tile_loadd(6, b, b_stride);
    _tile_loadd(4, t.a + p, a_stride);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (kRight) {
      _tile_loadd(7, b + kAmxColumns, b_stride);
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (kDown) {
      _tile_loadd(5, below + p, a_stride);
      _tile_dpbf16ps(2, 5, 6);
      if constexpr (kRight) _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, t.c, c_stride);
  if constexpr (kRight) _tile_stored(1, t.c + kAmxColumns, c_stride);
  if constexpr (kDown) _tile_stored(2, c_below, c_stride);
  if constexpr (kDown && kRight) _tile_stored(3, c_below + kAmxColumns, c_stride);
}

}  // namespace
HWY_POP_ATTRIBUTES

AmxScope::AmxScope() { configure(); }
AmxScope::~AmxScope() { release(); }

void multiply_amx(const AmxTile& t, int row_tiles, int column_tiles) {
  if (row_tiles == 2) {
    column_tiles == 2 ? multiply<2, 2>(t) : multiply<2, 1>(t);
  } else {
    column_tiles == 2 ? multiply<1, 2>(t) : multiply<1, 1>(t);
  }
}

#else

bool has_amx() { return false; }
AmxScope::AmxScope() = default;
AmxScope::~AmxScope() = default;
void multiply_amx(const AmxTile&, int, int) {}

#endif

}  // namespace banach::cpu
