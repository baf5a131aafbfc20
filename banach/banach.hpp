#pragma once

// All of banach. Include single headers instead to compile faster.

#include <banach/backend/devices.hpp>
#include <banach/core/array.hpp>
#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/core/random.hpp>
#include <banach/core/threads.hpp>
#include <banach/datasets/mnist.hpp>
#include <banach/datasets/preprocessing.hpp>
#include <banach/layers/activation.hpp>
#include <banach/layers/batch_normalization.hpp>
#include <banach/layers/conv2d.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/layers/input.hpp>
#include <banach/layers/pooling2d.hpp>
#include <banach/layers/rescaling.hpp>
#include <banach/layers/reshape.hpp>
#include <banach/models/callback.hpp>
#include <banach/models/eager.hpp>
#include <banach/models/sequential.hpp>
#include <banach/nn/activations.hpp>
#include <banach/nn/dtype_policy.hpp>
#include <banach/nn/floatx.hpp>
#include <banach/nn/initializers.hpp>
#include <banach/nn/losses.hpp>
#include <banach/nn/metrics.hpp>
#include <banach/nn/optimizers.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/softmax.hpp>
#include <banach/runtime/profile.hpp>
#include <banach/train/profiler.hpp>
