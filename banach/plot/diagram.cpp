#include <banach/core/errors.hpp>
#include <banach/plot/diagram.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numeric>

namespace banach::plot {
namespace {

// In pixels. Letters are no wider than this on the average.
constexpr double kLetter = 8.6, kLineHeight = 22, kPadding = 10;
constexpr double kGapX = 28, kGapY = 34, kMargin = 16, kBendWidth = 24;
constexpr double kSmallestWidth = 120;

// A box, or a bend of an arrow that passes a level.
struct Place {
  std::size_t level;
  double width;
  std::vector<std::size_t> inputs = {};  // places
  double x = 0;                          // of the middle
};

class Layout {
 public:
  explicit Layout(const std::vector<Box>& boxes) {
    for (const Box& box : boxes) {
      for (const std::string& line : box.lines) {
        box_width_ = std::max(box_width_, kLetter * letters(line) + 2 * kPadding);
      }
      lines_ = std::max(lines_, box.lines.size());
    }
    for (const Box& box : boxes) add(box);
    for (std::size_t level = 0; level < levels_.size(); ++level) arrange(level);
  }

  const Place& place(std::size_t i) const { return places_[i]; }
  std::size_t size() const { return places_.size(); }
  double box_width() const { return box_width_; }
  double box_height() const { return static_cast<double>(lines_) * kLineHeight + kPadding; }
  double top(const Place& place) const {
    return kMargin + static_cast<double>(place.level) * (box_height() + kGapY);
  }
  double left() const { return extreme(-1); }
  double right() const { return extreme(1); }
  double bottom() const {
    return 2 * kMargin + static_cast<double>(levels_.size()) * (box_height() + kGapY) - kGapY;
  }

 private:
  static double letters(const std::string& text) {  // of UTF-8
    return static_cast<double>(
        std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
  }

  // Boxes come first in places_, so bends wait until a box's arrows are laid.
  void add(const Box& box) {
    const std::size_t index = boxes_.size();
    std::size_t level = 0;
    for (const std::size_t input : box.inputs) {
      if (input >= index) {
        throw InvalidArgument(fmt::format(
            "[draw_diagram] box {} has the input {}: expected a box before it", index, input));
      }
      level = std::max(level, places_[boxes_[input]].level + 1);
    }
    std::vector<std::size_t> inputs;
    for (const std::size_t input : box.inputs) inputs.push_back(bend(boxes_[input], level));
    boxes_.push_back(put({level, box_width_, inputs}));
  }

  // The place right above `level` from which an arrow that begins at `from` comes.
  std::size_t bend(std::size_t from, std::size_t level) {
    while (places_[from].level + 1 < level) {
      const auto known = bends_.find(from);
      if (known == bends_.end()) {
        const std::size_t next = put({places_[from].level + 1, kBendWidth, {from}});
        bends_[from] = next;
        from = next;
      } else {
        from = known->second;
      }
    }
    return from;
  }

  std::size_t put(Place place) {
    if (levels_.size() <= place.level) levels_.resize(place.level + 1);
    levels_[place.level].push_back(places_.size());
    places_.push_back(std::move(place));
    return places_.size() - 1;
  }

  double mean_of_inputs(std::size_t i) const {
    double sum = 0;
    for (const std::size_t input : places_[i].inputs) sum += places_[input].x;
    return places_[i].inputs.empty() ? 0 : sum / static_cast<double>(places_[i].inputs.size());
  }

  // Each below its inputs where there is room: pushed to the right of its neighbour, then all
  // moved so that they stand below their inputs on the average.
  void arrange(std::size_t level) {
    std::vector<std::size_t>& row = levels_[level];
    std::ranges::stable_sort(row, {}, [this](std::size_t i) { return mean_of_inputs(i); });
    double end = -1e9, moved = 0;
    for (const std::size_t i : row) {
      Place& place = places_[i];
      place.x = std::max(mean_of_inputs(i), end + place.width / 2);
      end = place.x + place.width / 2 + kGapX;
      moved += place.x - mean_of_inputs(i);
    }
    for (const std::size_t i : row) places_[i].x -= moved / static_cast<double>(row.size());
  }

  double extreme(int side) const {
    double result = 0;
    for (const Place& place : places_) {
      result = std::max(result, side * place.x + place.width / 2);
    }
    return side * (result + kMargin);
  }

 public:
  std::size_t box(std::size_t i) const { return boxes_[i]; }
  bool is_box(std::size_t place) const { return places_[place].width == box_width_; }

 private:
  double box_width_ = kSmallestWidth;
  std::size_t lines_ = 1;
  std::vector<Place> places_;
  std::vector<std::size_t> boxes_;  // places of the boxes
  std::map<std::size_t, std::size_t> bends_;
  std::vector<std::vector<std::size_t>> levels_;
};

void draw_box(Figure& figure, const Layout& layout, const Place& place, const Box& box,
              int number) {
  const double left = place.x - layout.box_width() / 2, top = layout.top(place);
  figure.command(fmt::format(
      "set object {} rectangle from {:.1f},{:.1f} to {:.1f},{:.1f} fillcolor rgb '#EAF3F9' "
      "fillstyle solid border linecolor rgb '{}' linewidth 1.5",
      number, left, top, left + layout.box_width(), top + layout.box_height(), color(0)));
  const double free = layout.box_height() - static_cast<double>(box.lines.size()) * kLineHeight;
  for (std::size_t i = 0; i < box.lines.size(); ++i) {
    figure.command(fmt::format("set label {} at {:.1f},{:.1f} center front{}", quoted(box.lines[i]),
                               place.x,
                               top + free / 2 + (static_cast<double>(i) + 0.5) * kLineHeight,
                               i == 0 ? "" : " textcolor rgb '#505050'"));
  }
}

void draw_arrows(Figure& figure, const Layout& layout, std::size_t i) {
  const Place& to = layout.place(i);
  for (const std::size_t input : to.inputs) {
    const Place& from = layout.place(input);
    figure.command(fmt::format(
        "set arrow from {:.1f},{:.1f} to {:.1f},{:.1f} {} linewidth 1.5 linecolor rgb '#505050'",
        from.x, layout.top(from) + layout.box_height(), to.x, layout.top(to),
        layout.is_box(i) ? "head filled size 9,20" : "nohead"));
  }
  if (layout.is_box(i)) return;
  figure.command(fmt::format(
      "set arrow from {0:.1f},{1:.1f} to {0:.1f},{2:.1f} nohead linewidth 1.5 linecolor rgb "
      "'#505050'",
      to.x, layout.top(to), layout.top(to) + layout.box_height()));
}

}  // namespace

Figure draw_diagram(const std::vector<Box>& boxes) {
  if (boxes.empty()) throw InvalidArgument("[draw_diagram] expected boxes, received none");
  const Layout layout(boxes);
  const double width = layout.right() - layout.left();
  Figure figure({static_cast<int>(std::ceil(width)), static_cast<int>(std::ceil(layout.bottom()))});
  figure.command("unset border\nunset tics\nunset key\nunset grid\nset margins 0, 0, 0, 0");
  figure.command(fmt::format("set xrange [{:.1f}:{:.1f}]", layout.left(), layout.right()));
  figure.command(fmt::format("set yrange [{:.1f}:0]", layout.bottom()));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    draw_box(figure, layout, layout.place(layout.box(i)), boxes[i], static_cast<int>(i) + 1);
  }
  for (std::size_t i = 0; i < layout.size(); ++i) draw_arrows(figure, layout, i);
  figure.command("plot NaN notitle");
  return figure;
}

}  // namespace banach::plot
