#include <banach/backend/cpu/upsampling.hpp>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

UpSampleShape shape(Interpolation interpolation, Size2 image, Size2 factor, std::int64_t channels,
                    std::int64_t batch = 2) {
  return {batch,
          image.height,
          image.width,
          channels,
          make_samples(interpolation, image.height, factor.height),
          make_samples(interpolation, image.width, factor.width)};
}

struct Images {
  explicit Images(const UpSampleShape& s)
      : x(normal_floats(s.batch * s.height * s.width * s.channels, 1)),
        dy(normal_floats(s.batch * std::int64_t(s.rows.size() * s.columns.size()) * s.channels,
                         2)) {}
  Floats x, dy;
};

double dot(const Floats& a, const Floats& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

}  // namespace

TEST_CASE("bilinear samples lie between the centres of pixels, and at the border on them") {
  const std::vector<Sample> samples = make_samples(Interpolation::bilinear, 2, 2);
  const double positions[] = {0, 0.25, 0.75, 1};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto lower = static_cast<double>(samples[i].lower);
    const auto upper = static_cast<double>(samples[i].upper);
    CHECK(lower + (upper - lower) * samples[i].weight() == doctest::Approx(positions[i]));
  }
}

TEST_CASE("up_sample repeats or mixes pixels; its gradient is its transpose") {
  for_each_target([] {
    for (const auto interpolation : {Interpolation::nearest, Interpolation::bilinear}) {
      for (const Size2& factor : {Size2(1), Size2(2), Size2(3, 1), Size2(1, 5)}) {
        const UpSampleShape s = shape(interpolation, {4, 3}, factor, 19);
        const Images images(s);
        Floats y(images.dy.size(), NAN), dx(images.x.size(), NAN);
        up_sample(y.data(), images.x.data(), s);
        up_sample_grad(dx.data(), images.dy.data(), s);
        CAPTURE(factor.str());
        CHECK(dot(y, images.dy) == doctest::Approx(dot(images.x, dx)).epsilon(1e-5));
        if (factor == Size2(1)) CHECK(largest_error(y, images.x) < 1e-6);
      }
    }
  });
}

TEST_CASE("up-sampling's bits do not depend on the number of threads") {
  const UpSampleShape s = shape(Interpolation::bilinear, {20, 20}, 3, 17, 10);
  const Images images(s);
  check_threads([&] {
    Floats y(images.dy.size()), dx(images.x.size());
    up_sample(y.data(), images.x.data(), s);
    up_sample_grad(dx.data(), images.dy.data(), s);
    y.insert(y.end(), dx.begin(), dx.end());
    return y;
  });
}
