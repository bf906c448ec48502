"""Starts kernels and talks to them, for the parts of kernel.py."""

import os
import sys
import time
import uuid

import psutil
import zmq
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec

# The longest that anything may take: the peer compiles the library in its first session.
PATIENCE_S = 3600


class Bare(KernelManager):
    """A kernel started from a command line, without an installed kernelspec."""

    command: list = []

    @property
    def kernel_spec(self):
        return KernelSpec(argv=self.command, language="rust", display_name="bench", interrupt_mode="message")


class Kernel:
    """How one of the two is started: its command, the cells that bring the library into scope, its environment."""

    def __init__(self, command, first_cells, environment):
        self.command, self.first_cells, self.environment = command, first_cells, environment

    def session(self):
        return Session(self)

    def empty(self):
        """The same without the library, where the library has to be asked for."""
        return Kernel(self.command, [], self.environment)


class CellFailed(Exception):
    """The error that a cell has shown."""


class Session:
    def __init__(self, kernel):
        self.manager = Bare()
        self.manager.command = kernel.command
        self.start = time.perf_counter()
        self.manager.start_kernel(env={**os.environ, **kernel.environment}, cwd="notebooks", stdout=sys.stderr)
        self.client = self.manager.blocking_client()
        # A client that calls before the kernel listens calls again soon: the kernel is timed, not its clients.
        self.client.context.setsockopt(zmq.RECONNECT_IVL, 5)
        # And none reads so slowly that messages must be dropped.
        self.client.context.setsockopt(zmq.RCVHWM, 0)
        self.client.start_channels()
        try:
            self.ready()
            for code in kernel.first_cells:
                self.run(code)
        except BaseException:
            self.__exit__()
            raise

    def ready(self):
        self.client.wait_for_ready(timeout=PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.stop_channels()
        self.manager.shutdown_kernel()

    def run(self, code):
        """Runs one cell; returns its seconds, the time of its first picture and the reply's own timing, and fails on an error."""
        start = time.perf_counter()
        picture = None
        message_id = self.client.execute(code)
        for kind, content in self.heard(message_id):
            if kind in ("display_data", "execute_result") and picture is None:
                if any(mime.startswith("image/") for mime in content["data"]):
                    picture = time.perf_counter()
            if kind == "error":
                raise CellFailed(f"a cell failed: {content['evalue']}\n" + "\n".join(content["traceback"]))
        seconds = time.perf_counter() - start
        return seconds, picture, self.reply(message_id)["metadata"].get("genolens")

    def heard(self, message_id):
        """Everything that a request makes the kernel say, until it is idle."""
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE_S)
            if message["parent_header"].get("msg_id") != message_id:
                continue
            kind, content = message["msg_type"], message["content"]
            yield kind, content
            if kind == "status" and content["execution_state"] == "idle":
                return

    def reply(self, message_id):
        """The answer to a request on the shell channel; what answers others is dropped."""
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE_S)
            if reply["parent_header"].get("msg_id") == message_id:
                return reply

    def printed(self, code):
        """What a cell prints."""
        text = ""
        message_id = self.client.execute(code)
        for kind, content in self.heard(message_id):
            if kind == "error":
                raise CellFailed(f"a cell failed: {content['evalue']}\n" + "\n".join(content["traceback"]))
            text += content["text"] if kind == "stream" else ""
        self.reply(message_id)
        return text

    def begin(self, code):
        """Starts a cell that prints a word when it runs, and waits for that."""
        message_id = self.client.execute(code)
        for kind, content in self.heard(message_id):
            if kind == "stream":
                return message_id
            if kind == "error":
                raise CellFailed(content["evalue"])
        raise CellFailed(f"it ended too early: {code}")

    def interrupt(self):
        self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))

    def memory(self):
        process = psutil.Process(self.manager.provisioner.process.pid)
        family = [process, *process.children(recursive=True)]
        return sum(p.memory_info().rss for p in family) / 1e6


def timed(ask):
    start = time.perf_counter()
    answer = ask()
    return time.perf_counter() - start, answer


def unheard():
    """Makes a cell one that nobody has compiled before."""
    return f"\n// {uuid.uuid4()}"


def renamed(code):
    """Makes functions called `name_…` ones that nobody has compiled before; a comment beside functions makes no new cell."""
    return code.replace("name_", f"name_{uuid.uuid4().hex}_")


def rank(values, fraction):
    ordered = sorted(values)
    return ordered[int(fraction * (len(ordered) - 1))]
