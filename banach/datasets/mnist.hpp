#pragma once

#include <banach/datasets/idx_dataset.hpp>

namespace banach::datasets {

/// Handwritten digits (LeCun, Cortes, Burges): 60,000 images to train and 10,000 to test.
/// `auto [train, test] = datasets::mnist::load_data(); auto [x, y] = train;`
/// Images uint8 (n, 28, 28), labels uint8 (n,) in [0, 10). Comes with banach; the options, the
/// places searched and the errors are load_idx_dataset's. (keras/src/datasets/mnist.py)
namespace mnist {

using Options = LoadOptions;
std::pair<Dataset, Dataset> load_data(const Options& options = {});
const IdxDataset& dataset();  ///< its files

}  // namespace mnist

/// Zalando's articles of clothing in MNIST's format: 0 T-shirt, 1 trouser, 2 pullover, 3 dress,
/// 4 coat, 5 sandal, 6 shirt, 7 sneaker, 8 bag, 9 ankle boot. Found where Debian's
/// dataset-fashion-mnist puts it, or downloaded once. (keras/src/datasets/fashion_mnist.py)
namespace fashion_mnist {

using Options = LoadOptions;
std::pair<Dataset, Dataset> load_data(const Options& options = {});
const IdxDataset& dataset();  ///< its files

}  // namespace fashion_mnist
}  // namespace banach::datasets
