#include <banach/core/errors.hpp>
#include <banach/formats/field_reader.hpp>
#include <banach/formats/hdf5_chunks.hpp>
#include <banach/formats/hdf5_data.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <new>

#include <zlib.h>

namespace banach::formats {
namespace {

constexpr std::uint64_t kMaxDeflateRatio = 1032;  // zlib, "Maximum Compression Factor"

using Position = std::array<std::int64_t, Shape::kMaxRank>;

struct Chunk {
  std::uint64_t address;
  std::uint32_t size, skipped_filters;
  Position first;  // of its elements in the dataset
};

// The shape of the chunks and how many of them the dataset has.
struct Grid {
  Shape shape, chunk;
  std::uint64_t count = 1;
  std::uint64_t chunk_bytes = 1;  // unpacked

  // The chunk's number in row-major order; its `first` must be on the grid.
  std::uint64_t number(const Position& first) const {
    std::uint64_t result = 0;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      const std::int64_t along = (shape[axis] + chunk[axis] - 1) / chunk[axis];
      result = result * static_cast<std::uint64_t>(along) +
               static_cast<std::uint64_t>(first[axis] / chunk[axis]);
    }
    return result;
  }
};

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw Corruption(fmt::format("[{}] {}", where, what));
}

Grid make_grid(const Hdf5Layout& layout, const StoredType& type, const Shape& shape,
               const std::string& where) {
  const auto rank = static_cast<std::size_t>(shape.rank());
  if (layout.chunk.size() != rank + 1 || layout.chunk.back() != type.size) {
    fail(where, fmt::format("its chunks have {} dims of elements of {} bytes, it has {} and {}",
                            layout.chunk.size() - 1, layout.chunk.empty() ? 0 : layout.chunk.back(),
                            rank, type.size));
  }
  Grid grid{.shape = shape, .chunk = shape};
  bool overflow = false;
  for (std::size_t i = 0; i < layout.chunk.size(); ++i) {
    const std::uint32_t dim = layout.chunk[i];
    if (dim == 0) fail(where, "a chunk has a dim of 0");
    overflow |= __builtin_mul_overflow(grid.chunk_bytes, dim, &grid.chunk_bytes);
    if (i == rank) break;
    const auto axis = static_cast<int>(i);
    grid.chunk[axis] = dim;
    const std::int64_t along = (shape[axis] - 1) / dim + 1;
    overflow |= __builtin_mul_overflow(grid.count, static_cast<std::uint64_t>(along), &grid.count);
  }
  if (overflow || grid.chunk_bytes > std::numeric_limits<std::uint32_t>::max()) {
    fail(where, fmt::format("chunks of {} are larger than 4 GiB", grid.chunk.str()));
  }
  return grid;
}

// Walks the B-tree of the chunks. Levels fall by one from a node to its children, and together the
// nodes may not have more bytes than the file.
class ChunkIndex {
 public:
  ChunkIndex(const ByteSource& source, const Grid& grid, const std::string& where)
      : source_(source), grid_(grid), where_(where), budget_(source.size()) {}

  std::vector<Chunk> run(std::uint64_t address) {
    constexpr int kAnyLevel = -1;
    read_node(address, kAnyLevel);
    check();
    return std::move(chunks_);
  }

 private:
  static constexpr const char* kWhat = "the B-tree of the chunks";

  Bytes block(std::uint64_t address, std::uint64_t size) {
    if (!source_.holds(address, size)) {
      fail(where_, fmt::format("{} lies outside the file, at {:#x}", kWhat, address));
    }
    if (size > budget_) fail(where_, fmt::format("{} has a loop", kWhat));
    budget_ -= size;
    return source_.read(address, size);
  }

  void read_node(std::uint64_t address, int level) {
    constexpr std::size_t kHeader = 24;
    const Bytes header = block(address, kHeader);
    FieldReader start(header, where_, kWhat);
    start.signature("TREE");
    if (const int type = start.u8(); type != 1)
      start.fail(fmt::format("has nodes of type {}", type));
    const int node_level = start.u8();
    if (level >= 0 && node_level != level) {
      start.fail(fmt::format("has a node of level {} where {} is due", node_level, level));
    }
    const std::size_t used = start.u16();
    const auto rank = static_cast<std::size_t>(grid_.shape.rank());
    const std::size_t entry = 8 + 8 * (rank + 1) + 8;  // size and filters, position, child
    const Bytes entries = block(address + kHeader, used * entry);
    FieldReader fields(entries, where_, kWhat);
    for (std::size_t i = 0; i < used; ++i) {
      if (node_level == 0) {
        read_chunk(fields);
      } else {
        fields.skip(entry - 8);
        read_node(fields.u64(), node_level - 1);
      }
    }
  }

  void read_chunk(FieldReader& fields) {
    Chunk chunk{};
    chunk.size = fields.u32();
    chunk.skipped_filters = fields.u32();
    for (int axis = 0; axis < grid_.shape.rank(); ++axis) {
      const std::uint64_t at = fields.u64();
      const auto limit = static_cast<std::uint64_t>(grid_.shape[axis]);
      if (at >= limit || at % static_cast<std::uint64_t>(grid_.chunk[axis]) != 0) {
        fail(where_, fmt::format("a chunk at {} of axis {} is outside or off the grid", at, axis));
      }
      chunk.first[static_cast<std::size_t>(axis)] = static_cast<std::int64_t>(at);
    }
    fields.skip(8);
    chunk.address = fields.u64();
    if (!source_.holds(chunk.address, chunk.size)) {
      fail(where_, fmt::format("a chunk of {} bytes at {:#x} lies outside the file, which has {}",
                               chunk.size, chunk.address, source_.size()));
    }
    stored_ += chunk.size;
    chunks_.push_back(chunk);
  }

  void check() const {
    if (stored_ > source_.size()) fail(where_, "its chunks overlap");
    std::vector<std::uint64_t> numbers;
    for (const Chunk& chunk : chunks_) numbers.push_back(grid_.number(chunk.first));
    std::ranges::sort(numbers);
    if (std::ranges::adjacent_find(numbers) != numbers.end()) fail(where_, "has a chunk twice");
    if (chunks_.size() != grid_.count) {
      throw NotSupported(fmt::format("[{}] has {} chunks, of which {} were never written", where_,
                                     grid_.count, grid_.count - chunks_.size()));
    }
  }

  const ByteSource& source_;
  const Grid& grid_;
  const std::string& where_;
  std::uint64_t budget_, stored_ = 0;
  std::vector<Chunk> chunks_;
};

void inflate_exactly(const Bytes& packed, Bytes& unpacked, const std::string& where) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
  stream.avail_out = static_cast<uInt>(unpacked.size());
  const int status = inflate(&stream, Z_FINISH);
  const bool complete = status == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (status == Z_MEM_ERROR) throw std::bad_alloc();
  if (!complete) {
    fail(where, fmt::format("a chunk does not unpack to its {} bytes", unpacked.size()));
  }
}

// Stored are all first bytes, then all second ones, ...; a rest is stored as it is.
void unshuffle(const Bytes& from, Bytes& to, std::size_t width) {
  const std::size_t count = from.size() / width;
  for (std::size_t byte = 0; byte < width; ++byte) {
    for (std::size_t i = 0; i < count; ++i) to[i * width + byte] = from[byte * count + i];
  }
  std::copy(from.begin() + static_cast<std::ptrdiff_t>(count * width), from.end(),
            to.begin() + static_cast<std::ptrdiff_t>(count * width));
}

class ChunkReader {
 public:
  ChunkReader(const ByteSource& source, const std::vector<Hdf5Filter>& filters,
              const StoredType& type, const Grid& grid, const std::string& where)
      : source_(source), filters_(filters), type_(type), grid_(grid), where_(where) {}

  // Before anything is allocated for it.
  void check(const Chunk& chunk) const {
    const bool deflated = is_deflated(chunk);
    const std::uint64_t most = deflated ? chunk.size * kMaxDeflateRatio : chunk.size;
    if (grid_.chunk_bytes <= most && (deflated || grid_.chunk_bytes == most)) return;
    fail(where_, fmt::format("a chunk of {} bytes is stored in {}, which is not possible",
                             grid_.chunk_bytes, chunk.size));
  }

  void read(const Chunk& chunk, Array& result) {
    const Bytes& elements = unpack(chunk);
    copy(elements, chunk.first, result);
  }

 private:
  bool applies(const Chunk& chunk, std::size_t filter) const {
    return (chunk.skipped_filters >> filter & 1) == 0;
  }
  bool is_deflated(const Chunk& chunk) const {
    for (std::size_t i = 0; i < filters_.size(); ++i) {
      if (filters_[i] == Hdf5Filter::deflate && applies(chunk, i)) return true;
    }
    return false;
  }

  // Undoes the filters, the last first.
  const Bytes& unpack(const Chunk& chunk) {
    current_ = source_.read(chunk.address, chunk.size);
    for (std::size_t i = filters_.size(); i-- > 0;) {
      if (!applies(chunk, i)) continue;
      if (filters_[i] == Hdf5Filter::deflate) {
        other_.resize(grid_.chunk_bytes);
        inflate_exactly(current_, other_, where_);
      } else {
        other_.resize(current_.size());
        unshuffle(current_, other_, type_.size);
      }
      std::swap(current_, other_);
    }
    return current_;
  }

  // Copies what of the chunk is inside the dataset, a run along the last axis at a time.
  void copy(const Bytes& elements, const Position& first, Array& result) const {
    const int last = grid_.shape.rank() - 1;
    const std::size_t width = size_of(result.dtype());
    auto* to = static_cast<std::byte*>(result.mutable_raw());
    const auto run = static_cast<std::size_t>(extent(last, first));
    Position at{};  // within the chunk
    do {
      std::int64_t source = 0, target = 0;
      for (int axis = 0; axis <= last; ++axis) {
        const auto i = static_cast<std::size_t>(axis);
        source = source * grid_.chunk[axis] + at[i];
        target = target * grid_.shape[axis] + first[i] + at[i];
      }
      convert_stored(type_, elements.data() + static_cast<std::size_t>(source) * type_.size, run,
                     to + static_cast<std::size_t>(target) * width, where_);
    } while (advance(at, first));
  }

  std::int64_t extent(int axis, const Position& first) const {
    return std::min(grid_.chunk[axis], grid_.shape[axis] - first[static_cast<std::size_t>(axis)]);
  }

  // The next run; false after the last.
  bool advance(Position& at, const Position& first) const {
    for (int axis = grid_.shape.rank() - 2; axis >= 0; --axis) {
      auto& index = at[static_cast<std::size_t>(axis)];
      if (++index < extent(axis, first)) return true;
      index = 0;
    }
    return false;
  }

  const ByteSource& source_;
  const std::vector<Hdf5Filter>& filters_;
  const StoredType& type_;
  const Grid& grid_;
  const std::string& where_;
  Bytes current_, other_;
};

}  // namespace

Array read_hdf5_chunks(const ByteSource& source, const Hdf5Layout& layout,
                       const std::vector<Hdf5Filter>& filters, const StoredType& type,
                       const Shape& shape, const std::string& where) {
  const Grid grid = make_grid(layout, type, shape, where);
  if (layout.address == kHdf5Undefined) {
    throw NotSupported(fmt::format("[{}] was created but never written", where));
  }
  const auto bytes = static_cast<std::uint64_t>(shape.size()) * type.size;
  if (bytes > kMaxBytes) {
    fail(where, fmt::format("unpacks to {} bytes, more than the {} allowed", bytes, kMaxBytes));
  }
  const std::vector<Chunk> chunks = ChunkIndex(source, grid, where).run(layout.address);
  ChunkReader reader(source, filters, type, grid, where);
  for (const Chunk& chunk : chunks) reader.check(chunk);
  Array result(shape, dtype_of_stored(type, where));
  for (const Chunk& chunk : chunks) reader.read(chunk, result);
  return result;
}

}  // namespace banach::formats
