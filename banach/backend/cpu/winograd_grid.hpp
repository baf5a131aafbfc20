#pragma once

#include <banach/backend/cpu/conv_geometry.hpp>

#include <algorithm>

namespace banach::cpu {

inline constexpr std::int64_t kPlaces = 16;  // of a transformed tile of winograd.hpp

/// The results of all samples in tiles of 2 x 2 pixels. A row of tiles is numbered over the whole
/// batch; the tiles of a chunk are whole such rows, or a part of one.
class TileGrid {
 public:
  TileGrid() = default;
  /// `result` (batch, height, width) from images (height', width', channels), which windows see
  /// with so many zeros before.
  TileGrid(std::int64_t batch, const Size2& result, const Size2& image, std::int64_t channels,
           const Size2& before)
      : result_(result),
        rows_(ceil_div(result.height, 2)),
        columns_(ceil_div(result.width, 2)),
        batch_(batch),
        image_{image.height, image.width,   channels,        before.height,
               before.width, 2 * rows_ + 2, 2 * columns_ + 2} {}

  std::int64_t num_rows() const { return batch_ * rows_; }
  std::int64_t num_columns() const { return columns_; }
  std::int64_t num_tiles() const { return num_rows() * columns_; }
  const Image& image() const { return image_; }
  const Size2& result() const { return result_; }

  /// Floats of buffer that the image takes which `rows` rows of tiles see.
  std::int64_t buffer_floats(std::int64_t rows) const {
    const std::int64_t samples = std::min(rows, (rows - 2) / rows_ + 2);
    return image_.buffer_floats(2 * rows + 2 * samples);
  }

  /// from[i] = where the i-th of these rows of tiles begins in its image, in place or buffered.
  void point(const float** from, const float* images, Range rows, float* buffer) const {
    for (std::int64_t row = rows.begin; row < rows.end;) {
      const std::int64_t sample = row / rows_, first = row % rows_;
      const std::int64_t count = std::min(rows_ - first, rows.end - row);
      const Range lines{2 * first, 2 * (first + count) + 2};
      const float* image = image_.rows(images + sample * image_.size(), lines, buffer);
      for (std::int64_t i = 0; i < count; ++i) *from++ = image + 2 * i * image_.pitch();
      buffer += image_.buffer_floats(lines.size());
      row += count;
    }
  }

  /// The first row of pixels of a row of tiles, counted over the batch, and how many it has.
  Range pixel_rows(std::int64_t row) const {
    const std::int64_t first = row / rows_ * result_.height, within = 2 * (row % rows_);
    return {first + within, first + std::min(within + 2, result_.height)};
  }
  /// The pixels of some rows of tiles.
  Range pixels(Range rows) const { return {pixels_before(rows.begin), pixels_before(rows.end)}; }
  /// Floats of all images that rows of tiles before this one see, and pixels that they make.
  std::int64_t seen_before(std::int64_t row) const {
    row = std::min(row, num_rows());
    const std::int64_t within = row % rows_, lines = within > 0 ? 2 * within + 2 - image_.top : 0;
    return row / rows_ * image_.size() +
           std::clamp<std::int64_t>(lines, 0, image_.height) * image_.width * image_.channels;
  }
  std::int64_t pixels_before(std::int64_t row) const {
    return pixel_rows(std::min(row, num_rows())).begin * result_.width;
  }
  /// Pixels that a tile has side by side.
  std::int64_t pixels_across(std::int64_t column) const {
    return std::min<std::int64_t>(2, result_.width - 2 * column);
  }

 private:
  Size2 result_;
  std::int64_t rows_ = 0, columns_ = 0, batch_ = 0;  // rows_: of one sample
  Image image_;
};

/// How a part of the rows of tiles is worked off: chunks of rows, each in blocks of columns.
struct TileBlocks {
  std::int64_t rows = 1, column_parts = 1;  // of a chunk, at most

  TileBlocks() = default;
  TileBlocks(const TileGrid& grid, std::int64_t most_tiles)
      : rows(std::clamp<std::int64_t>(most_tiles / grid.num_columns(), 1, grid.num_rows())),
        column_parts(ceil_div(grid.num_columns(), most_tiles)) {}

  std::int64_t most_tiles(const TileGrid& grid) const {
    return rows * ceil_div(grid.num_columns(), column_parts);
  }
  /// Calls chunk(rows) for the rows of a part.
  template <class Chunk>
  void for_each_chunk(Range part, const Chunk& chunk) const {
    const EvenParts chunks(part.size(), ceil_div(part.size(), rows));
    for (std::int64_t i = 0; i < chunks.count(); ++i) {
      chunk(Range{part.begin + chunks[i].begin, part.begin + chunks[i].end});
    }
  }
  EvenParts columns(const TileGrid& grid) const { return {grid.num_columns(), column_parts}; }
};

}  // namespace banach::cpu
