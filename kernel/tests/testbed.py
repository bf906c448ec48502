"""The checks of the public kernel-testbed, written anew against the real kernel, and what else a front end relies on.

Tier by tier the names are those of https://github.com/runtimed/kernel-testbed; the check of the welcome is Jupyter's own,
in conformance.py.
"""

import os
import statistics
import tempfile
import time
import unittest
from pathlib import Path
from queue import Empty

import zmq
from jupyter_client.manager import KernelManager, start_new_kernel

PATIENCE = 30
PICTURE = "genolens::display::curve(&[0.0, 1.0], &[0.0, {}])"


class Ran:
    """What one request caused: its reply and what was published between busy and idle."""

    def __init__(self, reply, published):
        self.reply = reply
        self.content = reply["content"]
        self.published = published
        self.kinds = [message["msg_type"] for message in published]

    def of(self, kind):
        return [message["content"] for message in self.published if message["msg_type"] == kind]


def answers(client, message_id, on_stdin=None):
    """Reads up to the idle and the reply of a request; answers questions with `on_stdin`."""
    published, idle, reply, busy = [], False, None, False
    deadline = time.monotonic() + PATIENCE
    while not (idle and reply) and time.monotonic() < deadline:
        try:
            message = client.get_iopub_msg(timeout=0.01)
            if message["parent_header"].get("msg_id") == message_id:
                if message["msg_type"] == "status":
                    state = message["content"]["execution_state"]
                    assert busy or state == "busy", "the first status is busy"
                    busy, idle = True, state == "idle"
                else:
                    assert busy and not idle, f"{message['msg_type']} outside busy and idle"
                    published.append(message)
        except Empty:
            pass
        try:
            message = client.get_shell_msg(timeout=0)
            if message["parent_header"].get("msg_id") == message_id:
                reply = message
        except Empty:
            pass
        if on_stdin:
            try:
                on_stdin(client.get_stdin_msg(timeout=0))
            except Empty:
                pass
    assert idle and reply, f"idle {idle}, reply {reply}"
    return Ran(reply, published)


class Kernel(unittest.TestCase):
    """A real kernel that the tests of one class share."""

    @classmethod
    def setUpClass(cls):
        cls.manager, cls.client = start_new_kernel(kernel_name="genolens", startup_timeout=120)

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel()

    def run_cell(self, code, on_stdin=None, **options):
        return answers(self.client, self.client.execute(code, **options), on_stdin)


class Testbed(Kernel):
    # Tier 1: the basic protocol.

    def test_heartbeat_responds(self):
        socket = zmq.Context.instance().socket(zmq.REQ)
        socket.connect(self.manager._make_url("hb"))
        socket.send(b"ping")
        self.assertTrue(socket.poll(2000), "an echo within two seconds")
        self.assertEqual(socket.recv(), b"ping")
        socket.close(0)

    def test_kernel_info(self):
        info = answers(self.client, self.client.kernel_info()).content
        self.assertEqual(info["status"], "ok")
        self.assertEqual(info["protocol_version"], "5.5")
        language = info["language_info"]
        self.assertEqual(language["name"], "rust")
        self.assertRegex(language["version"], r"^1\.\d+\.\d+")
        self.assertEqual(language["mimetype"], "text/rust")
        self.assertEqual(language["file_extension"], ".rs")
        self.assertEqual(language["pygments_lexer"], "rust")
        self.assertEqual(language["codemirror_mode"], "rust")
        self.assertTrue(info["banner"] and info["help_links"])
        self.assertEqual(info["supported_features"], [])

    def test_execute_stdout_and_stderr(self):
        for macro, name in [("println", "stdout"), ("eprintln", "stderr")]:
            ran = self.run_cell(f'{macro}!("hello");')
            self.assertEqual(ran.of("stream"), [{"name": name, "text": "hello\n"}])
            self.assertEqual(ran.content["status"], "ok")

    def test_execute_input_broadcast(self):
        ran = self.run_cell("let x = 1;")
        self.assertEqual(ran.kinds, ["execute_input"])
        self.assertEqual(ran.of("execute_input")[0]["code"], "let x = 1;")

    # Tier 2: what is interactive.

    def test_complete_request(self):
        self.run_cell("let testbed_variable = 42;")
        reply = answers(self.client, self.client.complete("testbed_vari")).content
        self.assertEqual(reply["matches"], ["testbed_variable"])
        self.assertEqual((reply["cursor_start"], reply["cursor_end"]), (0, 12))

    def test_inspect_request(self):
        self.run_cell("let testbed_variable = 42;")
        reply = answers(self.client, self.client.inspect("testbed_variable")).content
        self.assertTrue(reply["found"])
        self.assertIn("i32", reply["data"]["text/plain"])
        reply = answers(self.client, self.client.inspect("no_such_thing")).content
        self.assertEqual((reply["status"], reply["found"]), ("ok", False))

    def test_is_complete(self):
        for code, status in [("let x = 42;", "complete"), ("fn f() {", "incomplete"), ("x)", "invalid")]:
            reply = answers(self.client, self.client.is_complete(code)).content
            self.assertEqual(reply["status"], status, code)

    def test_history_request(self):
        self.run_cell("let testbed_history = 1;")
        reply = answers(self.client, self.client.history(hist_access_type="tail", n=1)).content
        self.assertEqual([entry[2] for entry in reply["history"]], ["let testbed_history = 1;"])

    def test_error_handling(self):
        for code in ["let = ;", "}", "no_such_function();", 'panic!("on purpose");', 'let n: i32 = "x".parse()?;']:
            ran = self.run_cell(code)
            self.assertEqual(ran.content["status"], "error", code)
            self.assertEqual(len(ran.of("error")), 1, code)
            for field in ["ename", "evalue", "traceback"]:
                self.assertEqual(ran.of("error")[0][field], ran.content[field], code)

    # Tier 3: rich output.

    def test_display_data_and_update_in_order(self):
        ran = self.run_cell(
            f'println!("a");\nlet spot = genolens::display::show(&{PICTURE.format(1.0)});\n'
            f'println!("b");\nspot.update(&{PICTURE.format(2.0)});\nprintln!("c");'
        )
        kinds = [kind for kind in ran.kinds if kind != "execute_input"]
        self.assertEqual(kinds, ["stream", "display_data", "stream", "update_display_data", "stream"])
        shown, updated = ran.of("display_data")[0], ran.of("update_display_data")[0]
        self.assertEqual(shown["transient"], updated["transient"])
        self.assertTrue(shown["transient"]["display_id"])
        self.assertIn("image/png", shown["data"])
        # From a later cell, too.
        ran = self.run_cell(f"spot.update(&{PICTURE.format(3.0)});")
        self.assertEqual(ran.of("update_display_data")[0]["transient"], shown["transient"])

    def test_execute_result_plain_and_rich(self):
        ran = self.run_cell("6 * 7")
        result = ran.of("execute_result")[0]
        self.assertEqual(result["data"], {"text/plain": "42"})
        self.assertEqual(result["execution_count"], ran.content["execution_count"])
        result = self.run_cell(PICTURE.format(1.0)).of("execute_result")[0]
        self.assertIn("image/png", result["data"])
        self.assertIn("image/svg+xml", result["data"])

    # Tier 4: the rest.

    def test_stdin_input_request(self):
        def answer(message):
            self.assertEqual(message["content"], {"prompt": "Name: ", "password": False})
            self.client.input("Ada")

        code = 'println!("hello {}", genolens::display::ask("Name: ")?);'
        ran = self.run_cell(code, answer, allow_stdin=True)
        self.assertEqual(ran.of("stream")[0]["text"], "hello Ada\n")
        self.assertEqual(self.run_cell(code, allow_stdin=False).content["status"], "error")

    def test_standard_input(self):
        code = (
            "let mut line = String::new();\nlet count = std::io::stdin().read_line(&mut line)?;\n"
            'println!("{count} {}", line.trim());'
        )
        ran = self.run_cell(code, lambda _: self.client.input("Grace"), allow_stdin=True)
        self.assertEqual(ran.of("stream")[0]["text"], "6 Grace\n")
        self.assertEqual(self.run_cell(code, allow_stdin=False).of("stream")[0]["text"], "0 \n")

    def comm(self, kind, content):
        message = self.client.session.msg(kind, content)
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def test_comms_lifecycle(self):
        self.comm("comm_open", {"comm_id": "no", "target_name": "jupyter.kernel_testbed.test", "data": {}})
        ran = answers(self.client, self.client.comm_info())
        self.assertEqual(ran.content["comms"], {})
        self.comm("comm_open", {"comm_id": "yes", "target_name": "genolens.variables", "data": {}})
        reply = answers(self.client, self.client.comm_info()).content
        self.assertEqual(reply["comms"], {"yes": {"target_name": "genolens.variables"}})
        ran = self.run_cell("let testbed_comm = 1u8;")
        told = ran.of("comm_msg")[0]
        self.assertEqual(told["comm_id"], "yes")
        self.assertIn({"name": "testbed_comm", "type": "u8"}, told["data"]["variables"])
        self.comm("comm_close", {"comm_id": "yes", "data": {}})
        self.assertEqual(answers(self.client, self.client.comm_info()).content["comms"], {})

    def test_execution_count_and_parent(self):
        first = self.run_cell("let x = 1;")
        silent = self.run_cell("let x = 2;", silent=True)
        second = self.run_cell("let x = 3;")
        counts = [ran.content["execution_count"] for ran in (first, silent, second)]
        self.assertEqual([count - counts[0] for count in counts], [0, 0, 1])
        self.assertEqual(silent.kinds, [])

    def test_user_expressions(self):
        ran = self.run_cell("let base = 20;", user_expressions={"sum": "base + 1", "bad": "nothing + 1"})
        answers_ = ran.content["user_expressions"]
        self.assertEqual(answers_["sum"]["status"], "ok")
        self.assertEqual(answers_["sum"]["data"]["text/plain"], "21")
        self.assertEqual(answers_["bad"]["status"], "error")

    def test_requests_that_cannot_be_read(self):
        session, channel = self.client.session, self.client.shell_channel
        for content in [b"\xff\xfe", b"[1, 2]", b'"text"', b"{", b"null"]:
            header = session.msg_header("execute_request")
            parts = [session.pack(header), b"{}", b"{}", content]
            channel.socket.send_multipart([b"<IDS|MSG>", session.sign(parts), *parts])
            reply = answers(self.client, header["msg_id"])
            self.assertEqual(reply.content["status"], "error", content)
        # Who does not know the key is not heard at all.
        header = session.msg_header("execute_request")
        parts = [session.pack(header), b"{}", b"{}", session.pack({"code": "let stolen = 1;"})]
        channel.socket.send_multipart([b"<IDS|MSG>", b"0" * 64, *parts])
        channel.socket.send_multipart([b"<IDS|MSG>", session.sign(parts)])
        channel.socket.send_multipart([b"nonsense"])
        self.assertEqual(self.run_cell("stolen").content["status"], "error")


class Life(unittest.TestCase):
    """Interrupts, shutdown and restart of kernels of their own."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        environment = {**os.environ, "TMPDIR": str(self.folder)}
        self.manager, self.client = start_new_kernel(
            kernel_name="genolens", startup_timeout=120, env=environment
        )
        self.addCleanup(self.client.stop_channels)
        self.addCleanup(self.manager.shutdown_kernel, now=True)

    def processes(self):
        """The processes that have this kernel's folder in their environment."""
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if str(self.folder).encode() in path.read_bytes():
                    found.append(int(path.parts[2]))
            except OSError:
                pass
        return found

    def begin(self, code):
        message_id = self.client.execute(code)
        while self.client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "stream":
            pass
        return message_id

    def ended(self, message_id):
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == message_id:
                return reply["content"]

    def run_cell(self, code):
        message_id = self.client.execute(code)
        return self.ended(message_id)

    def test_interrupt_by_message_and_by_signal_keeps_the_variables(self):
        self.assertEqual(self.run_cell("let kept = 5;")["status"], "ok")
        loop = (
            'println!("begun");\nlet mut task = genolens::progress::Task::new("waiting", 1_000_000);\n'
            "for _ in 0..1_000_000 { task.step(\"\")?; std::thread::sleep(std::time::Duration::from_millis(2)); }"
        )
        for mode in ["message", "signal"]:
            message_id = self.begin(loop)
            if mode == "message":
                self.manager.interrupt_kernel()
            else:
                os.killpg(os.getpgid(self.manager.provisioner.pid), 2)
            content = self.ended(message_id)
            self.assertEqual(content["status"], "error", mode)
            self.assertIn("interrupt", content["ename"].lower(), mode)
            self.assertEqual(self.run_cell("assert_eq!(kept, 5);")["status"], "ok", mode)

    def test_restart_leaves_one_session_and_shutdown_none(self):
        self.run_cell("let lost = 5;")
        before = self.processes()
        self.assertGreaterEqual(len(before), 2)
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=PATIENCE)
        self.assertEqual(self.run_cell("assert_eq!(lost, 5);")["status"], "error")
        self.assertEqual(self.run_cell("let found = 5;")["execution_count"], 2)
        self.assertFalse(set(before[:1]) & set(self.processes()) - {self.manager.provisioner.pid})
        self.assertEqual(len(list(self.folder.iterdir())), 1, "one session's folder")
        self.manager.shutdown_kernel()
        deadline = time.monotonic() + 10
        while (self.processes() or list(self.folder.iterdir())) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual((self.processes(), list(self.folder.iterdir())), ([], []))


class Latency(unittest.TestCase):
    """How long kernel_info takes in every state; prints the median and the 95th percentile."""

    def measure(self, client, count=40):
        times = []
        for _ in range(count):
            start = time.perf_counter()
            message_id = client.kernel_info()
            while client.get_shell_msg(timeout=PATIENCE)["parent_header"].get("msg_id") != message_id:
                pass
            times.append(time.perf_counter() - start)
            time.sleep(0.01)
        return times

    def note(self, state, times):
        times = sorted(times)
        median, late = statistics.median(times), times[int(len(times) * 0.95)]
        print(f"kernel_info {state}: median {1000 * median:.1f} ms, 95 % {1000 * late:.1f} ms", flush=True)
        # The goal is 0.2 s on a quiet machine; a busy one must not fail the test.
        self.assertLess(median, 0.2, state)

    def test_kernel_info_is_answered_in_every_state(self):
        begin = time.perf_counter()
        manager = KernelManager(kernel_name="genolens")
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        self.addCleanup(manager.shutdown_kernel, now=True)
        self.addCleanup(client.stop_channels)
        first = self.measure(client, 1)[0]
        total = time.perf_counter() - begin
        print(f"kernel_info after the start of the process: {1000 * total:.0f} ms", flush=True)
        self.assertLess(first, 5)
        self.note("while the evaluator starts", self.measure(client, 20))
        client.wait_for_ready(timeout=PATIENCE)
        answers(client, client.execute("let ready = 1;"))
        self.note("of an idle kernel", self.measure(client))
        spin = "let start = std::time::Instant::now(); while start.elapsed().as_secs() < 2 { std::hint::spin_loop() }"
        message_id = client.execute(spin)
        self.note("while a cell compiles and runs", self.measure(client))
        for _ in range(20):
            client.complete("genolens::display::")
            client.inspect("ready")
        self.note("among completions", self.measure(client, 20))
        del message_id
