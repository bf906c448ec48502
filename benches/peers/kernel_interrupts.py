"""How long an interrupted cell goes on."""

import random
import time

from kernel_answers import COMPILING
from kernel_part import Part, Row
from kernel_session import CellFailed, renamed

TRIES = 4

# Long loops of the library: what a person calls them, and the cell.
LOOPS = {
    "training": "training::Fit::new().epochs(100_000).patience(100_000).run(&network, &data.sequences(), data.labels())?;",
    "prediction": "network::predict(&network, &crowd)?;",
    "saliency": "attribution::saliency(&network, &crowd)?;",
    "saturation mutagenesis": "attribution::saturation_mutagenesis(&network, &crowd)?;",
    "filters as motifs": "attribution::filter_motifs(&network, &crowd)?;",
    "PCA": "embedding::pca(&wide, 3)?;",
    "simulation": "simulate::motifs(5_000_000, random::Seed::new(2))?;",
    "shuffling": "sequence::Shuffle::dinucleotide().copies(20_000).run(&data.sequences())?;",
}
SETTING = [
    "use genolens::*; let kept = 41;",
    "let data = simulate::motifs(500, random::Seed::new(1))?; let network = network::deepbind(64);",
    "let crowd = sequence::Shuffle::uniform().copies(400).run(&data.sequences())?;",
    "let wide = ndarray::Array2::from_shape_fn((1500, 1200), |(i, j)| ((i * 31 + j * 17) % 101) as f32);",
]


class Loops(Part):
    """Loops of the library, of which nothing is lost. The peer can only end the process, with all variables."""

    def __init__(self):
        self.rows = [
            Row(f"interrupt to error, {name}, variables kept: worst of {TRIES}", "s", self.worst(name), peer=False)
            for name in [*LOOPS, "compilation"]
        ]

    @staticmethod
    def worst(name):
        return lambda found: max(seconds for f in found for seconds in f[name])

    def measure(self, kernel, ours):
        moments = random.Random(1)
        with kernel.session() as session:
            for cell in SETTING:
                session.run(cell)
            found = {}
            for name, loop in LOOPS.items():
                cell = 'println!("running"); ' + loop
                found[name] = [after_interrupt(session, cell, moments.uniform(0.1, 0.5)) for _ in range(TRIES)]
            found["compilation"] = [compiling(session, moments.uniform(0.1, 0.4)) for _ in range(TRIES)]
            if session.printed('println!("{kept} {}", crowd.len());') != "41 200000\n":
                raise CellFailed("an interrupt has cost variables")
        return found


class Deaf(Part):
    """A loop of the person's that listens to nobody: a second interrupt ends it; for the peer, the first."""

    library = False

    def __init__(self):
        worst = lambda found: max(seconds for f in found for seconds in f)
        self.rows = [Row("second interrupt to error, loop that does not listen: worst of 2", "s", worst)]

    def measure(self, kernel, ours):
        with kernel.empty().session() as session:
            session.run("let kept = 41;")
            cell = 'println!("running"); loop { std::hint::spin_loop(); }'
            return [after_interrupt(session, cell, 0.2, 2 if ours else 1) for _ in range(2)]


def after_interrupt(session, cell, moment, interrupts=1):
    """Seconds from the last interrupt to the error of a cell that says when it runs."""
    message_id = session.begin(cell)
    time.sleep(moment)
    for _ in range(interrupts):
        start = time.perf_counter()
        session.interrupt()
    return until_error(session, message_id, start)


def compiling(session, moment):
    message_id = session.client.execute(renamed(COMPILING))
    time.sleep(moment)
    start = time.perf_counter()
    session.interrupt()
    return until_error(session, message_id, start)


def until_error(session, message_id, start):
    seconds = None
    for kind, _ in session.heard(message_id):
        if kind == "error" and seconds is None:
            seconds = time.perf_counter() - start
    session.reply(message_id)
    if seconds is None:
        raise CellFailed("an interrupted cell ended without an error")
    return seconds
