"""Floods of text: a million lines, and a gigabyte."""

import json
import re
import statistics
import sys
import time

from kernel_part import Part, Row
from kernel_session import CellFailed, timed, unheard

LINES = 1_000_000
# What the peer sends line by line may come after the end of its cell.
QUIET_S = 5


class Lines(Part):
    """Lines as a loop prints them, counted where they arrive."""

    library = False

    def __init__(self):
        def middle(what):
            return lambda found: statistics.median(f[what] for f in found)

        self.rows = [
            Row("million lines: from the request to the last line", "s", middle("seconds")),
            Row("million lines: messages", "messages", middle("messages"), digits=0),
            Row("million lines: lines lost", "lines", middle("lost"), digits=0),
        ]

    def measure(self, kernel, ours):
        with kernel.empty().session() as session:
            session.run("1 + 1")
            start = time.perf_counter()
            message_id = session.client.execute(f'for i in 0..{LINES} {{ println!("line {{i}}"); }}' + unheard())
            lines, messages, over, last = 0, 0, False, start
            while not (over and lines == LINES):
                if not session.client.iopub_channel.socket.poll(QUIET_S * 1000):
                    if over:
                        break
                    continue
                kind, parent, content = raw(session)
                if parent != message_id:
                    continue
                messages += 1
                if kind == "error":
                    raise CellFailed(content["evalue"])
                if kind == "stream":
                    lines += content["text"].count("\n")
                    last = time.perf_counter()
                over |= kind == "status" and content["execution_state"] == "idle"
            return {"seconds": last - start, "messages": messages, "lost": LINES - lines}


class Gigabyte(Part):
    """More text than any front end can show: capped with a notice, and the kernel goes on. The peer caps nothing."""

    CELL = (
        'let line = "x".repeat(1023) + "\\n"; let chunk = line.repeat(1024);\n'
        'for _ in 0..1024 { print!("{chunk}"); } println!("the last words");'
    )

    def __init__(self):
        self.rows = [
            Row("gigabyte of text, capped with a notice", "s", lambda f: f[0]["seconds"], peer=False),
            Row("gigabyte of text: memory of the kernel after it", "MB", lambda f: f[0]["memory"], peer=False, digits=0),
        ]

    def measure(self, kernel, ours):
        with kernel.session() as session:
            session.run("let kept = 7;")
            seconds, text = timed(lambda: self.flood(session))
            print(f"of a gigabyte {len(text) >> 20} MB are shown", file=sys.stderr)
            if session.printed('println!("{kept}");') != "7\n":
                raise CellFailed("the flood has cost the variables")
            return {"seconds": seconds, "memory": session.memory()}

    def flood(self, session):
        text, notices = [], []
        message_id = session.client.execute(self.CELL + unheard())
        for kind, content in session.heard(message_id):
            if kind == "stream":
                text.append(content["text"])
            if kind in ("display_data", "update_display_data"):
                notices.append(content["data"].get("text/plain", ""))
        session.reply(message_id)
        if not notices or not re.search(r"\d+ MB were left out", notices[-1]):
            raise CellFailed(f"no notice says what is missing: {notices[-1:]}")
        return "".join(text)


def raw(session):
    """The next message without the checks of the client, which would take longer than the kernel."""
    parts = session.client.iopub_channel.socket.recv_multipart()
    _, header, parent, _, content = parts[parts.index(b"<IDS|MSG>") + 1 :][:5]
    return json.loads(header)["msg_type"], json.loads(parent).get("msg_id"), json.loads(content)
