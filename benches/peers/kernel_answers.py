"""How long `kernel_info` takes, whatever the kernel does: front ends take a kernel that does not answer for dead."""

import time

from kernel_part import Part, Row
from kernel_session import Session, rank, renamed, timed, unheard

WORKING_S = 2
PAUSE_S = 0.02

# Much to compile, and nothing to run.
COMPILING = "".join(
    f"fn name_{i}(n: u64) -> Vec<u64> {{ (0..n).map(|x| x * {i}).filter(|x| x % 3 == 0).collect() }}\n" for i in range(400)
)
COMPUTING = (
    "let end = std::time::Instant::now() + std::time::Duration::from_secs(%d);\n"
    "std::thread::scope(|scope| for _ in 0..std::thread::available_parallelism().map_or(2, |n| n.get()) {\n"
    "    scope.spawn(|| while std::time::Instant::now() < end { std::hint::spin_loop(); });\n"
    "});"
) % WORKING_S


class Info(Part):
    """Answers on the shell channel, where front ends ask."""

    library = False
    TIMES = {
        "start": "while the kernel starts",
        "idle": "while it is idle",
        "compiling": "while a cell is compiled",
        "computing": "while a cell computes on all cores",
    }

    def __init__(self):
        self.rows = [
            Row(f"kernel_info {words}: {name}", "s", self.ranked(what, fraction))
            for what, words in self.TIMES.items()
            for name, fraction in (("p95", 0.95), ("worst", 1.0))
        ]

    @staticmethod
    def ranked(what, fraction):
        return lambda found: rank([seconds for f in found for seconds in f[what]], fraction)

    def measure(self, kernel, ours):
        found = {}
        with Starting(kernel) as session:
            found["start"] = session.asked
            session.run("1 + 1")
            found["idle"] = [ask(session) for _ in range(50)]
            for what, cell in (("compiling", renamed(COMPILING)), ("computing", COMPUTING + unheard())):
                found[what] = self.while_running(session, cell)
        return found

    @staticmethod
    def while_running(session, cell):
        """Asks until the cell is over."""
        message_id = session.client.execute(cell)
        seconds = []
        over = False
        while not over:
            seconds.append(ask(session))
            time.sleep(PAUSE_S)
            over = is_over(session, message_id)
        # The last answer came when nothing ran any more, unless it is the only one.
        return seconds[:-1] or seconds


class Starting(Session):
    """A session that asks from the first moment on, until its first cell is done."""

    def __init__(self, kernel):
        self.asked = []
        super().__init__(kernel.empty())

    def ready(self):
        self.asked.append(ask(self))
        message_id = self.client.execute("2 + 2" + unheard())
        while not is_over(self, message_id):
            self.asked.append(ask(self))
            time.sleep(PAUSE_S)


def ask(session):
    return timed(lambda: session.reply(session.client.kernel_info()))[0]


def is_over(session, message_id):
    """Tells whether a cell is over, by what has come so far."""
    while session.client.iopub_channel.msg_ready():
        message = session.client.get_iopub_msg(timeout=1)
        ours = message["parent_header"].get("msg_id") == message_id
        if ours and message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return True
    return False
