// What each rule of ops/update.hpp does to one weight. This text is included once for numbers
// (backend/reference/update.cpp), once for those of a GPU (backend/cuda/update.cu) and, by
// backend/cpu/update.cpp, once for the vectors of every instruction set, each time in a namespace
// that has square_root, absolute and maximum of a V.
//
// change(rule, g, slots, numbers) rewrites the slots and gives what to subtract from the weight.

/// keras/src/optimizers/sgd.py
template <class V>
BANACH_HOST_DEVICE V change(rules::Sgd, V g, std::array<V, 0>&, const std::array<V, 1>& numbers) {
  const auto& [rate] = numbers;
  return rate * g;
}

template <class V, bool kNesterov>
BANACH_HOST_DEVICE V change(rules::Momentum<kNesterov>, V g, std::array<V, 1>& slots,
                            const std::array<V, 2>& numbers) {
  const auto& [rate, momentum] = numbers;
  auto& [velocity] = slots;
  const V step = rate * g;
  velocity = momentum * velocity - step;
  return kNesterov ? step - momentum * velocity : -velocity;
}

/// keras/src/optimizers/adam.py: Kingma & Ba 2014, with epsilon-hat; alpha has the bias correction.
template <class V, std::size_t kSlots, bool kAmsgrad>
BANACH_HOST_DEVICE V change(rules::Adam<kAmsgrad>, V g, std::array<V, kSlots>& slots,
                            const std::array<V, 4>& numbers) {
  const auto& [complement_1, complement_2, alpha, epsilon] = numbers;
  V &m = slots[0], &v = slots[1];
  m = m + (g - m) * complement_1;
  v = v + (g * g - v) * complement_2;
  if constexpr (kAmsgrad) {
    slots[2] = maximum(slots[2], v);
    return alpha * m / (square_root(slots[2]) + epsilon);
  } else {
    return alpha * m / (square_root(v) + epsilon);
  }
}

/// keras/src/optimizers/adamax.py
template <class V>
BANACH_HOST_DEVICE V change(rules::Adamax, V g, std::array<V, 2>& slots,
                            const std::array<V, 4>& numbers) {
  const auto& [complement_1, beta_2, alpha, epsilon] = numbers;
  auto& [m, norm] = slots;
  m = m + (g - m) * complement_1;
  norm = maximum(beta_2 * norm, absolute(g));
  return alpha * m / (norm + epsilon);
}

/// keras/src/optimizers/nadam.py: Dozat 2015
template <class V>
BANACH_HOST_DEVICE V change(rules::Nadam, V g, std::array<V, 2>& slots,
                            const std::array<V, 7>& numbers) {
  const auto& [complement_1, complement_2, of_m, of_g, of_v, rate, epsilon] = numbers;
  auto& [m, v] = slots;
  m = m + (g - m) * complement_1;
  v = v + (g * g - v) * complement_2;
  return rate * (of_m * m + of_g * g) / (square_root(of_v * v) + epsilon);
}

/// keras/src/optimizers/adagrad.py
template <class V>
BANACH_HOST_DEVICE V change(rules::Adagrad, V g, std::array<V, 1>& slots,
                            const std::array<V, 2>& numbers) {
  const auto& [rate, epsilon] = numbers;
  auto& [accumulator] = slots;
  accumulator = accumulator + g * g;
  return rate * g / square_root(accumulator + epsilon);
}

/// keras/src/optimizers/rmsprop.py; slots: velocity, momentum, average gradient.
template <class V, std::size_t kSlots, bool kCentered, bool kMomentum>
BANACH_HOST_DEVICE V change(rules::Rmsprop<kCentered, kMomentum>, V g, std::array<V, kSlots>& slots,
                            const std::array<V, 5>& numbers) {
  const auto& [rate, rho, complement, epsilon, momentum] = numbers;
  V& velocity = slots[0];
  velocity = rho * velocity + complement * (g * g);
  V denominator = velocity + epsilon;
  if constexpr (kCentered) {
    V& average = slots[kSlots - 1];
    average = rho * average + complement * g;
    denominator = velocity - average * average + epsilon;
  }
  const V step = rate * g / square_root(denominator);
  if constexpr (!kMomentum) return step;
  if constexpr (kMomentum) slots[1] = momentum * slots[1] + step;
  return slots[kMomentum ? 1 : 0];
}
