"""Deep IV in PyTorch on the simulated demand of its publication (Hartford, Lewis, Leyton-Brown and Taddy 2017), for the table at `DeepIv`.

Networks, optimiser and unbiased gradient (two independent samples of the price) as published: hidden layers of 128, 64 and 32, dropout of at
most a half, mixtures of ten, Adam in batches of 100, for so many examples in each stage (published are 1.5 million; 300,000 for the table).
Prints, for several draws of the data, the mean squared difference of response and truth over 20 prices (even from the 2.5 to the 97.5 %
quantile), 20 times and 7 types of customer, in squares of 158, the standard deviation of sales; beside it that of ordinary regression by
the same network.
Usage: deep_iv_demand.py n correlation draws examples
"""

import sys

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
N, RHO, DRAWS, EXAMPLES = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
COMPONENTS, BATCH = 10, 100


def season(t):
    return 2 * ((t - 5) ** 4 / 600 + np.exp(-4 * (t - 5) ** 2) + t / 10 - 2)


def sales(price, time, customer):
    return 100 + (10 + price) * customer * season(time) - 2 * price


def demand(random):
    time, customer = random.uniform(0, 10, N), random.integers(1, 8, N).astype(float)
    z, v, e = random.normal(size=(3, N))
    price = 25 + (z + 3) * season(time) + v
    return z, price, time, customer, sales(price, time, customer) + 158 * (RHO * v + np.sqrt(1 - RHO**2) * e)


def network(inputs, outputs):
    share, layers = min(1000 / (1000 + N), 0.5), []
    for size in [128, 64, 32]:
        layers += [nn.Linear(inputs, size), nn.ReLU(), nn.Dropout(share)]
        inputs = size
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))


def train(net, loss):
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
    for _ in range(EXAMPLES // N):
        order = torch.randperm(N)
        for rows in order.split(BATCH):
            optimiser.zero_grad()
            loss(rows).backward()
            optimiser.step()
    net.eval()


def unlikely(scores, x):
    share, mean, width = scores.split(COMPONENTS, 1)
    return -torch.logsumexp(share.log_softmax(1) - width - 0.5 * ((x - mean) * (-width).exp()) ** 2, 1).mean()


def draw_from(scores):
    share, mean, width = scores.split(COMPONENTS, 1)
    place = torch.multinomial(share.softmax(1), 1)
    return mean.gather(1, place) + width.gather(1, place).exp() * torch.randn(len(scores), 1)


def one(draw):
    torch.manual_seed(draw)
    z, price, time, customer, sold = demand(np.random.default_rng(draw))
    units = lambda values: ((values - values.mean()) / values.std(), values.mean(), values.std())
    (x, x_mean, x_width), (t, t_mean, t_width), (s, s_mean, s_width) = map(units, [price, time, customer])
    y, y_mean, y_width = units(sold)
    both = lambda *columns: torch.tensor(np.stack(columns, 1), dtype=torch.float32)
    z, c, x, y = both(z, t, s), both(t, s), both(x), both(y)
    first, second, plain = network(3, 3 * COMPONENTS), network(3, 1), network(3, 1)
    train(first, lambda rows: unlikely(first(z[rows]), x[rows]))
    with torch.no_grad():
        given = first(z)

    def response(rows):
        off = [y[rows] - second(torch.cat([draw_from(given[rows]), c[rows]], 1)) for _ in range(2)]
        # The residual of one sample times the slope of the other.
        return (2 * off[0].detach() * off[1]).mean()

    train(second, response)
    train(plain, lambda rows: (y[rows] - plain(torch.cat([x[rows], c[rows]], 1))).pow(2).mean())
    low, high = np.quantile(price, [0.025, 0.975])
    grid = np.stack(np.meshgrid(np.linspace(low, high, 20), np.linspace(0, 10, 20), np.arange(1.0, 8.0), indexing="ij"), -1).reshape(-1, 3)
    asked = both((grid[:, 0] - x_mean) / x_width, (grid[:, 1] - t_mean) / t_width, (grid[:, 2] - s_mean) / s_width)
    truth = sales(*grid.T)
    with torch.no_grad():
        off = [y_mean + y_width * net(asked)[:, 0].numpy() - truth for net in [second, plain]]
    return [np.mean((rest / 158) ** 2) for rest in off]


found = np.array([one(draw) for draw in range(DRAWS)])
print(f"n {N}, correlation {RHO}, {EXAMPLES} examples: {found.mean(0).round(4)}, deviation {found.std(0, ddof=1).round(4)}, each {found[:, 0].round(4)}", flush=True)
