"""Writes published.tsv: the collections of sufficient input subsets that the published code is tested with.

python published.py

The inputs and the expected subsets, orders and values are those of the cases of `test_sis_collection` in
https://github.com/google-research/google-research/blob/master/sufficient_input_subsets/sis_test.py (Apache 2.0). They are checked here against a plain
implementation of the three algorithms of Carter et al. 2019 before they are written.

Every line is a case: a name, the function, the threshold, the shape of the input, along which axis values are masked together (`each`: none), the input
row by row, and the subsets. Subsets are separated by `;`. Each is three lists separated by `/`: its features, the one masked last first; the order of the
backward selection; the values on the way. Values that are masked are 0.
"""
import numpy as np

R = np.sqrt
CASES = [
    ("no subset", "l2", 1000, [0.1, 10], "each", []),
    ("one subset", "l2", 1, [0.1, 10], "each", [([1], [0, 1], [10, 0])]),
    ("two subsets", "l2", 0.1, [0.1, 10], "each", [([1], [0, 1], [10, 0]), ([0], [0], [0])]),
    ("two subsets, reversed", "l2", 0.1, [10, 0.1], "each", [([0], [1, 0], [10, 0]), ([1], [1], [0])]),
    ("both features", "l2", 4.5, [3, 4], "each", [([1, 0], [0, 1], [4, 0])]),
    ("three features, two subsets", "l2", 1, [0.1, 10, 5], "each", [([1], [0, 2, 1], [R(125), 10, 0]), ([2], [0, 2], [5, 0])]),
    ("four features, three subsets", "l2", 1, [0.9, 0.9, 10, 5], "each",
     [([2], [0, 1, 3, 2], [R(125.81), R(125), 10, 0]), ([3], [0, 1, 3], [R(25.81), 5, 0]), ([1, 0], [0, 1], [0.9, 0])]),
    ("sum", "sum", 4, [[10, 5], [2, 3]], "each",
     [([0], [2, 3, 1, 0], [18, 15, 10, 0]), ([1], [2, 3, 1], [8, 5, 0]), ([3, 2], [2, 3], [3, 0])]),
    ("sum, mask given", "sum", 4, [[10, 5], [2, 3]], "all",
     [([0], [2, 3, 1, 0], [18, 15, 10, 0]), ([1], [2, 3, 1], [8, 5, 0]), ([3, 2], [2, 3], [3, 0])]),
    ("sum, columns", "sum", 10, [[10, 5], [2, 3]], "columns", [([0], [1, 0], [12, 0])]),
    ("sum, three columns", "sum", 10, [[10, 5, 9], [2, 3, 1]], "columns", [([0], [1, 2, 0], [22, 12, 0]), ([2], [1, 2], [10, 0])]),
    ("sum, rows", "sum", 5, [[10, 5, 9], [2, 3, 1]], "rows", [([0], [1, 0], [24, 0]), ([1], [1], [0])]),
    ("weighted sum", "weighted", 5, [5, 1, 6, 3], "each", [([0], [2, 1, 3, 0], [10, 8, 5, 0]), ([3, 1], [2, 1, 3], [5, 3, 0])]),
]
FUNCTIONS = {
    "l2": lambda x: np.sqrt((x**2).sum()),
    "sum": lambda x: x.sum(),
    "weighted": lambda x: x @ np.array([1, 2, 0, 1]),
}


def collection(function, threshold, x, groups):
    """The subsets of numbers x, of which those of a group are masked together."""
    masked, found = set(), []

    def score(features):
        kept = np.array(x, dtype=float)
        for feature in features:
            kept[groups[feature]] = 0
        return function(kept)

    while len(masked) < len(groups) and score(masked) >= threshold:
        order, values, now = [], [], set(masked)
        while len(now) < len(groups):
            rest = [feature for feature in range(len(groups)) if feature not in now]
            scores = [score(now | {feature}) for feature in rest]
            best = int(np.argmax(scores))
            now.add(rest[best])
            order.append(rest[best])
            values.append(scores[best])
        kept = []
        for feature, value in zip(reversed(order), reversed(values)):
            if value >= threshold:
                break
            kept.append(feature)
        found.append((kept, order, values))
        masked |= set(kept)
        if not kept:
            break
    return found


def groups_of(x, axis):
    places = np.arange(x.size).reshape(x.shape)
    if axis == "columns":
        return [list(places[:, column]) for column in range(x.shape[1])]
    if axis == "rows":
        return [list(row) for row in places]
    return [[place] for place in range(x.size)]


def main():
    lines = []
    for name, function, threshold, x, axis, expected in CASES:
        x = np.array(x, dtype=float)
        found = collection(FUNCTIONS[function], threshold, x.flatten(), groups_of(x, axis))
        assert len(found) == len(expected), name
        for own, told in zip(found, expected):
            assert list(own[0]) == told[0] and list(own[1]) == told[1] and np.allclose(own[2], told[2]), name
        join = lambda numbers: ",".join(f"{number:.15g}" for number in numbers)
        subsets = ";".join("/".join(join(part) for part in subset) for subset in expected)
        cells = [name, function, f"{threshold:g}", "x".join(map(str, x.shape)), axis, join(x.flatten()), subsets]
        lines.append("\t".join(cells))
    with open("published.tsv", "w") as file:
        file.write("\n".join(lines) + "\n")


main()
