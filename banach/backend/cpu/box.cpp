#include <banach/backend/cpu/box.hpp>
#include <banach/backend/cpu/slices.hpp>

#include <cstring>

namespace banach::cpu {
namespace {

struct Place {
  std::int64_t to, from;
};

Place place_of(const Box& box, std::int64_t run) {
  Place place{box.to_offset, box.from_offset};
  for (int i = 0; i < box.num_axes; ++i) {
    const Box::Axis& axis = box.axes[i];
    place.to += run % axis.count * axis.to_step;
    place.from += run % axis.count * axis.from_step;
    run /= axis.count;
  }
  return place;
}

// Calls body(place) for the runs [begin, end) in their order.
template <class Body>
void for_each_run(const Box& box, std::int64_t begin, std::int64_t end, const Body& body) {
  const Box::Axis& inner = box.axes[0];
  for (std::int64_t run = begin; run < end;) {
    Place place = place_of(box, run);
    const std::int64_t count = std::min(end - run, inner.count - run % inner.count);
    for (std::int64_t i = 0; i < count; ++i) {
      body(place);
      place.to += inner.to_step;
      place.from += inner.from_step;
    }
    run += count;
  }
}

template <class Body>
void parallel_runs(const Box& box, const Body& body) {
  parallel_rows(box.runs, box.run_bytes / std::int64_t{sizeof(float)}, kLightGrain, body);
}

}  // namespace

Box::Box(const Shape& shape, const Shape& to, const Shape& to_start, const Shape& from,
         const Shape& from_start, std::size_t element_bytes)
    : run_bytes(static_cast<std::int64_t>(element_bytes)) {
  std::int64_t to_step = run_bytes, from_step = run_bytes;
  std::int64_t* count = &run_bytes;  // of what the next axis may join
  bool joins = true;                 // an axis joins the one inside it where that fills both arrays
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    if (!joins) {
      axes[num_axes] = {1, to_step, from_step};
      count = &axes[num_axes++].count;
    }
    *count *= shape[axis];
    joins = shape[axis] == to[axis] && shape[axis] == from[axis];
    to_offset += to_start[axis] * to_step;
    from_offset += from_start[axis] * from_step;
    to_step *= to[axis];
    from_step *= from[axis];
  }
  to_bytes = to_step;
  if (num_axes == 0) num_axes = 1;
  for (int i = 0; i < num_axes; ++i) runs *= axes[i].count;
}

void copy_box(std::byte* to, const std::byte* from, const Box& box) {
  parallel_runs(box, [&](std::int64_t begin, std::int64_t end) {
    for_each_run(box, begin, end, [&](const Place& place) {
      std::memcpy(to + place.to, from + place.from, static_cast<std::size_t>(box.run_bytes));
    });
  });
}

void pad_box(std::byte* to, const std::byte* from, const Box& box) {
  if (box.runs * box.run_bytes == 0) {
    std::memset(to, 0, static_cast<std::size_t>(box.to_bytes));
    return;
  }
  parallel_runs(box, [&](std::int64_t begin, std::int64_t end) {
    // each run clears the gap before it
    std::int64_t done = begin == 0 ? 0 : place_of(box, begin - 1).to + box.run_bytes;
    for_each_run(box, begin, end, [&](const Place& place) {
      std::memset(to + done, 0, static_cast<std::size_t>(place.to - done));
      std::memcpy(to + place.to, from + place.from, static_cast<std::size_t>(box.run_bytes));
      done = place.to + box.run_bytes;
    });
    if (end == box.runs) std::memset(to + done, 0, static_cast<std::size_t>(box.to_bytes - done));
  });
}

}  // namespace banach::cpu
