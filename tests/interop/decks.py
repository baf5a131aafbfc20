"""Random choices that leave nothing out: a deck gives each of its cards before it repeats one."""

import numpy as np


class Deck:
    def __init__(self, random, cards):
        self.random, self.cards, self.left = random, list(cards), []

    def draw(self, fits=lambda card: True):
        """The next card that fits; those that do not are offered again the next time."""
        if not any(fits(card) for card in self.left):
            self.left += [self.cards[i] for i in self.random.permutation(len(self.cards))]
        return self.left.pop(next(i for i, card in enumerate(self.left) if fits(card)))


class Random:
    """A seeded generator with the few draws that models need."""

    def __init__(self, seed):
        self.generator = np.random.default_rng(seed)

    def deck(self, cards):
        return Deck(self.generator, cards)

    def one_of(self, *choices):
        return choices[self.generator.integers(len(choices))]

    def whole(self, low, high):
        """An integer in [low, high]."""
        return int(self.generator.integers(low, high + 1))

    def number(self, low, high):
        """A float with three digits, so that a config is readable."""
        return float(f"{self.generator.uniform(low, high):.3g}")

    def chance(self, probability):
        return bool(self.generator.random() < probability)

    def normal(self, shape):
        return self.generator.standard_normal(shape).astype("float32")
