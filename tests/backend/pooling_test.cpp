#include <banach/backend/cpu/pooling.hpp>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

PoolShape pool_shape(Size2 image, std::int64_t channels, Size2 size, Size2 strides,
                     const std::string& padding) {
  const Window window = make_window(image, size, strides, 1, padding);
  const Size2 out = window.output(image);
  return {window, 3, image.height, image.width, channels, out.height, out.width};
}

const PoolShape kCases[] = {
    pool_shape({6, 8}, 8, 2, 2, "valid"),       pool_shape({7, 5}, 3, 2, 2, "same"),
    pool_shape({7, 5}, 17, 3, 1, "same"),       pool_shape({9, 9}, 1, {3, 2}, {2, 3}, "valid"),
    pool_shape({5, 4}, 33, {5, 4}, 1, "valid"), pool_shape({8, 8}, 9, 2, 3, "valid")};

std::size_t size_of_x(const PoolShape& s) {
  return static_cast<std::size_t>(s.batch * s.height * s.width * s.channels);
}
std::size_t size_of_y(const PoolShape& s) {
  return static_cast<std::size_t>(s.batch * s.out_height * s.out_width * s.channels);
}

// Calls body(index in y, indices in x of the window's pixels) for every element of y.
template <class Body>
void for_each_output(const PoolShape& s, const Body& body) {
  for (std::int64_t y = 0; y < static_cast<std::int64_t>(size_of_y(s)); ++y) {
    const std::int64_t c = y % s.channels, column = y / s.channels % s.out_width;
    const std::int64_t row = y / s.channels / s.out_width % s.out_height;
    const std::int64_t image = y / s.channels / s.out_width / s.out_height;
    std::vector<std::size_t> pixels;
    for (std::int64_t i = 0; i < s.window.size.height; ++i) {
      for (std::int64_t j = 0; j < s.window.size.width; ++j) {
        const std::int64_t h = row * s.window.strides.height - s.window.before.height + i;
        const std::int64_t w = column * s.window.strides.width - s.window.before.width + j;
        if (h < 0 || h >= s.height || w < 0 || w >= s.width) continue;
        const std::int64_t at = ((image * s.height + h) * s.width + w) * s.channels + c;
        pixels.push_back(static_cast<std::size_t>(at));
      }
    }
    body(static_cast<std::size_t>(y), pixels);
  }
}

// Few different values, so that windows have several maxima.
Floats image_values(std::size_t size) {
  Floats x = normal_floats(static_cast<std::int64_t>(size), 1);
  for (float& v : x) v = std::round(2 * v);
  return x;
}

std::size_t first_maximum(const Floats& x, const std::vector<std::size_t>& pixels) {
  return *std::max_element(pixels.begin(), pixels.end(),
                           [&](std::size_t i, std::size_t j) { return x[i] < x[j]; });
}

}  // namespace

TEST_CASE("max pooling; the first maximum of a window gets the gradient") {
  for_each_target([] {
    for (const PoolShape& s : kCases) {
      const Floats x = image_values(size_of_x(s));
      const Floats dy = normal_floats(static_cast<std::int64_t>(size_of_y(s)), 2);
      Floats y(dy.size()), expected(dy.size()), dx(x.size(), 7), expected_dx(x.size());
      max_pool(y.data(), x.data(), s);
      max_pool_grad(dx.data(), dy.data(), x.data(), s);
      for_each_output(s, [&](std::size_t i, const std::vector<std::size_t>& pixels) {
        expected[i] = x[first_maximum(x, pixels)];
        expected_dx[first_maximum(x, pixels)] += dy[i];
      });
      CAPTURE(s.channels);
      CHECK(largest_error(y, expected) == 0);
      CHECK(largest_error(dx, expected_dx) < 1e-6);
    }
  });
}

TEST_CASE("average pooling leaves the padding out") {
  for_each_target([] {
    for (const PoolShape& s : kCases) {
      const Floats x = image_values(size_of_x(s));
      const Floats dy = normal_floats(static_cast<std::int64_t>(size_of_y(s)), 2);
      Floats y(dy.size()), expected(dy.size()), dx(x.size(), 7), expected_dx(x.size());
      average_pool(y.data(), x.data(), s);
      average_pool_grad(dx.data(), dy.data(), s);
      for_each_output(s, [&](std::size_t i, const std::vector<std::size_t>& pixels) {
        const auto count = static_cast<float>(pixels.size());
        for (const std::size_t pixel : pixels) {
          expected[i] += x[pixel] / count;
          expected_dx[pixel] += dy[i] / count;
        }
      });
      CAPTURE(s.channels);
      CHECK(largest_error(y, expected) < 1e-6);
      CHECK(largest_error(dx, expected_dx) < 1e-6);
    }
  });
}

TEST_CASE("pooling's bits do not depend on the number of threads") {
  PoolShape s = pool_shape({32, 32}, 19, 3, 2, "same");
  s.batch = 20;
  const Floats x = image_values(size_of_x(s));
  const Floats dy = normal_floats(static_cast<std::int64_t>(size_of_y(s)), 2);
  check_threads([&] {
    Floats y(dy.size()), dx(x.size());
    average_pool(y.data(), x.data(), s);
    max_pool_grad(dx.data(), dy.data(), x.data(), s);
    y.insert(y.end(), dx.begin(), dx.end());
    return y;
  });
}
