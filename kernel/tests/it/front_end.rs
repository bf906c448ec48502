//! A front end that must read every message, or the test fails.

use jupyter_protocol::{
    ConnectionInfo, ErrorOutput, ExecuteReply, ExecuteRequest, ExecutionState, InterruptRequest,
    JupyterMessage, JupyterMessageContent as Content, ReplyStatus, ShutdownRequest, Transport,
};
use jupyter_zmq_client as client;
use std::future::Future;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const PATIENCE: Duration = Duration::from_mins(1);

/// Drives one kernel with the toy evaluator.
pub(crate) struct FrontEnd {
    runtime: Runtime,
    child: Child,
    shell: client::ClientShellConnection,
    control: client::ClientControlConnection,
    iopub: client::ClientIoPubConnection,
    stdin: client::ClientStdinConnection,
    folder: Arc<TempDir>,
}

/// Holds everything that one cell caused.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) reply: ExecuteReply,
    /// Seconds of compilation, linking and running, from an evaluator that compiles.
    pub(crate) seconds: Option<[f64; 3]>,
    /// The messages between busy and idle.
    pub(crate) messages: Vec<Content>,
}

impl FrontEnd {
    pub(crate) fn start() -> Self {
        Self::start_with("echo")
    }

    pub(crate) fn start_with(evaluator: &str) -> Self {
        Self::start_in(evaluator, &Arc::new(tempfile::tempdir().unwrap()))
    }

    /// Starts a kernel that keeps its history, and its folder under `tmp`, in this folder.
    pub(crate) fn start_in(evaluator: &str, folder: &Arc<TempDir>) -> Self {
        let program = Command::new(env!("CARGO_BIN_EXE_genolens"));
        Self::start_by(program, evaluator, folder)
    }

    /// Starts a kernel by a command of which only the kernel's own arguments are missing.
    pub(crate) fn start_by(mut program: Command, evaluator: &str, folder: &Arc<TempDir>) -> Self {
        let runtime = Runtime::new().unwrap();
        let (info, file) = connection(folder.path());
        let child = program
            .args(["serve", "--evaluator", evaluator, "-f"])
            .arg(&file)
            .env("GENOLENS_STATE", folder.path().join("state"))
            .env("TMPDIR", temporary(folder.path()))
            .spawn()
            .unwrap();
        wait_for(info.shell_port);
        let identity = client::peer_identity_for_session("tester").unwrap();
        let (shell, control, stdin, iopub) = runtime.block_on(async {
            let shell = client::create_client_shell_connection_with_identity(
                &info,
                "tester",
                identity.clone(),
            );
            let stdin =
                client::create_client_stdin_connection_with_identity(&info, "tester", identity);
            let control = client::create_client_control_connection(&info, "tester");
            let iopub = client::create_client_iopub_connection(&info, "", "tester");
            (
                shell.await.unwrap(),
                control.await.unwrap(),
                stdin.await.unwrap(),
                iopub.await.unwrap(),
            )
        });
        let mut front_end = Self {
            runtime,
            child,
            shell,
            control,
            iopub,
            stdin,
            folder: Arc::clone(folder),
        };
        let welcome = front_end.iopub();
        assert!(matches!(welcome.content, Content::IoPubWelcome(_)));
        front_end.expect_state(&ExecutionState::Starting);
        front_end
    }

    /// Sends a request on shell and gives its id.
    pub(crate) fn ask(&mut self, content: impl Into<Content>) -> String {
        let message = JupyterMessage::new(content.into(), None);
        let id = message.header.msg_id.clone();
        self.runtime
            .block_on(self.shell.send(message))
            .expect("the shell socket takes the request");
        id
    }

    /// Sends frames on shell as they are.
    pub(crate) fn throw(&mut self, frames: Vec<Vec<u8>>) {
        let mut frames = frames.into_iter();
        let mut message = zeromq::ZmqMessage::from(frames.next().unwrap_or_default());
        frames.for_each(|frame| message.push_back(frame.into()));
        let sent = zeromq::SocketSend::send(&mut self.shell.socket, message);
        self.runtime.block_on(sent).expect("the socket takes it");
    }

    /// Reads the next message on shell.
    pub(crate) fn reply(&mut self) -> JupyterMessage {
        self.runtime.block_on(soon("a reply", self.shell.read()))
    }

    /// Reads the next message on iopub.
    pub(crate) fn iopub(&mut self) -> JupyterMessage {
        self.runtime
            .block_on(soon("an iopub message", self.iopub.read()))
    }

    /// Sends a request on control and reads its answer there.
    pub(crate) fn control(&mut self, content: impl Into<Content>) -> Content {
        let message = JupyterMessage::new(content.into(), None);
        self.runtime.block_on(async {
            self.control.send(message).await.unwrap();
            soon("a reply", self.control.read()).await.content
        })
    }

    /// Starts a cell, and returns its id when it has printed something.
    pub(crate) fn begin(&mut self, code: &str) -> String {
        let id = self.ask(ExecuteRequest::new(code.to_owned()));
        loop {
            match self.iopub().content {
                Content::StreamContent(_) => return id,
                Content::ErrorOutput(error) => panic!("{code}: {}", error.traceback.join("\n")),
                _ => {}
            }
        }
    }

    /// Interrupts a running cell, and gives what it publishes until it is idle; the two requests end in any order.
    pub(crate) fn interrupt(&mut self, cell: &str) -> Vec<Content> {
        let reply = self.control(InterruptRequest {});
        assert!(matches!(reply, Content::InterruptReply(reply) if reply.status == ReplyStatus::Ok));
        let (mut published, mut idle) = (Vec::new(), 0);
        while idle < 2 {
            let message = self.iopub();
            match state(&message) {
                Some(ExecutionState::Idle) => idle += 1,
                None if parent(&message) == cell => published.push(message.content),
                _ => {}
            }
        }
        published
    }

    /// Reads a question on stdin and answers it.
    pub(crate) fn answer(&mut self, value: &str) -> JupyterMessage {
        let question = self.question();
        self.say(value, &question);
        question
    }

    /// Answers a question.
    pub(crate) fn say(&mut self, value: &str, question: &JupyterMessage) {
        let reply = jupyter_protocol::InputReply {
            value: value.to_owned(),
            ..Default::default()
        };
        let reply = JupyterMessage::new(reply, Some(question)).with_zmq_identities(Vec::new());
        self.runtime.block_on(self.stdin.send(reply)).unwrap();
    }

    /// Reads a question on stdin.
    pub(crate) fn question(&mut self) -> JupyterMessage {
        self.runtime.block_on(soon("a question", self.stdin.read()))
    }

    /// Asks, and gives the answer and what was published between busy and idle.
    pub(crate) fn exchange(
        &mut self,
        content: impl Into<Content>,
    ) -> (JupyterMessage, Vec<Content>) {
        let id = self.ask(content);
        let published = self.until_idle(&id);
        let reply = self.reply();
        assert_eq!(parent(&reply), id);
        (reply, published)
    }

    /// Runs a cell to its end.
    pub(crate) fn run(&mut self, code: &str) -> Ran {
        self.run_as(ExecuteRequest::new(code.to_owned()))
    }

    /// Runs a cell with options to its end.
    pub(crate) fn run_as(&mut self, request: ExecuteRequest) -> Ran {
        let (reply, messages) = self.exchange(request);
        let timing = &reply.metadata["genolens"];
        let seconds = ["compile_s", "link_s", "run_s"].map(|stage| timing[stage].as_f64());
        Ran {
            seconds: seconds
                .iter()
                .copied()
                .collect::<Option<Vec<_>>>()
                .and_then(|seconds| seconds.try_into().ok()),
            reply: executed(reply),
            messages,
        }
    }

    /// Reads iopub up to the idle of a request, which must be framed by busy and idle.
    pub(crate) fn until_idle(&mut self, id: &str) -> Vec<Content> {
        let mut between = Vec::new();
        let first = self.iopub_past_interrupts();
        assert_eq!(parent(&first), id);
        assert_eq!(state(&first), Some(ExecutionState::Busy), "{first:?}");
        loop {
            let message = self.iopub_past_interrupts();
            assert_eq!(
                parent(&message),
                id,
                "a message of another request: {message:?}"
            );
            match state(&message) {
                Some(ExecutionState::Idle) => return between,
                Some(other) => panic!("unexpected state {other:?}"),
                None => between.push(message.content),
            }
        }
    }

    /// Reads whatever comes until this cell is idle; gives what was printed and the errors.
    pub(crate) fn rest(&mut self, cell: &str) -> (String, Vec<ErrorOutput>) {
        let (mut said, mut errors) = (String::new(), Vec::new());
        loop {
            let message = self.iopub();
            if parent(&message) == cell && state(&message) == Some(ExecutionState::Idle) {
                return (said, errors);
            }
            match message.content {
                Content::StreamContent(stream) => said.push_str(&stream.text),
                Content::ErrorOutput(error) => errors.push(error),
                _ => {}
            }
        }
    }

    /// Reads a message, but not the states of an interrupt: that request may end long after the cell that it stopped.
    fn iopub_past_interrupts(&mut self) -> JupyterMessage {
        loop {
            let message = self.iopub();
            let interrupts = message
                .parent_header
                .as_ref()
                .is_some_and(|parent| parent.msg_type == "interrupt_request");
            if !interrupts {
                return message;
            }
        }
    }

    /// Reads a status of any request.
    pub(crate) fn expect_state(&mut self, wanted: &ExecutionState) {
        let message = self.iopub();
        assert_eq!(state(&message).as_ref(), Some(wanted), "{message:?}");
    }

    /// Gives the folder that is this kernel's own.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Gives the id of the kernel's process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end of the kernel.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the kernel does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for FrontEnd {
    fn drop(&mut self) {
        if std::thread::panicking() || self.child.try_wait().unwrap().is_some() {
            // Already ended, or the test says more than this could.
            let _ended = self.child.kill();
            let _status = self.child.wait();
            return;
        }
        let reply = self.control(ShutdownRequest { restart: false });
        assert!(matches!(reply, Content::ShutdownReply(reply) if !reply.restart));
        self.expect_state(&ExecutionState::Busy);
        self.expect_state(&ExecutionState::Idle);
        assert!(self.ended().success());
        let left = self.runtime.block_on(async {
            let wait = Duration::from_millis(20);
            [
                tokio::time::timeout(wait, self.iopub.read()).await,
                tokio::time::timeout(wait, self.shell.read()).await,
                tokio::time::timeout(wait, self.control.read()).await,
                tokio::time::timeout(wait, self.stdin.read()).await,
            ]
        });
        let left: Vec<JupyterMessage> = left.into_iter().flatten().flatten().collect();
        assert!(
            left.is_empty(),
            "messages that the test did not read: {left:?}"
        );
    }
}

impl Ran {
    /// Asserts that the cell ran to its end.
    pub(crate) fn ok(self) -> Vec<Content> {
        assert_eq!(self.reply.status, ReplyStatus::Ok, "{:?}", self.reply);
        assert!(self.reply.error.is_none());
        self.messages
    }

    /// Tells the story of the cell in one line a message.
    pub(crate) fn story(&self) -> String {
        self.messages
            .iter()
            .map(told)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Takes the answer to an execute request out of a message.
pub(crate) fn executed(reply: JupyterMessage) -> ExecuteReply {
    match reply.content {
        Content::ExecuteReply(reply) => reply,
        other => panic!("expected an execute_reply, got {other:?}"),
    }
}

/// Gives the id of the request behind a message.
pub(crate) fn parent(message: &JupyterMessage) -> String {
    let parent = message.parent_header.as_ref();
    parent
        .map(|header| header.msg_id.clone())
        .unwrap_or_default()
}

fn state(message: &JupyterMessage) -> Option<ExecutionState> {
    match &message.content {
        Content::Status(status) => Some(status.execution_state.clone()),
        _ => None,
    }
}

fn told(content: &Content) -> String {
    let value = serde_json::to_value(content).unwrap();
    let plain = value["data"]["text/plain"].as_str().unwrap_or_default();
    let id = value["transient"]["display_id"].as_str().unwrap_or("-");
    match content {
        Content::StreamContent(stream) => format!("{:?} {:?}", stream.name, stream.text),
        Content::ExecuteInput(input) => format!("input {}", input.execution_count.0),
        Content::ExecuteResult(_) => format!("result {} {plain}", value["execution_count"]),
        Content::DisplayData(_) if id == "-" => format!("display {plain}"),
        Content::DisplayData(_) => format!("display {plain} as {id}"),
        Content::UpdateDisplayData(_) => format!("update {plain} as {id}"),
        Content::ClearOutput(clear) => format!("clear, wait {}", clear.wait),
        Content::ErrorOutput(error) => format!("error {}: {}", error.ename, error.evalue),
        other => format!("{other:?}"),
    }
}

async fn soon<T, E: std::fmt::Debug>(what: &str, coming: impl Future<Output = Result<T, E>>) -> T {
    let came = tokio::time::timeout(PATIENCE, coming).await;
    came.unwrap_or_else(|_| panic!("{what} did not come"))
        .unwrap()
}

/// Writes a connection file with free ports.
pub(crate) fn connection(folder: &Path) -> (ConnectionInfo, PathBuf) {
    let ports = ports();
    let info = ConnectionInfo {
        ip: Ipv4Addr::LOCALHOST.to_string(),
        transport: Transport::TCP,
        shell_port: ports[0],
        iopub_port: ports[1],
        stdin_port: ports[2],
        control_port: ports[3],
        hb_port: ports[4],
        key: "a key".to_owned(),
        signature_scheme: "hmac-sha256".to_owned(),
        kernel_name: None,
    };
    let file = folder.join("connection.json");
    std::fs::write(&file, serde_json::to_vec(&info).unwrap()).unwrap();
    (info, file)
}

/// Five free ports that no other test of this process gets.
///
/// They lie below those that the system gives to outgoing connections: there, who asks whether somebody listens may end up talking to
/// itself, and what was free a moment ago is not for long. To listen there for a moment would tell as well, but a process that another
/// test starts just then listens too until its program begins, and whoever waits for the kernel takes it for that.
fn ports() -> Vec<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Another start for each test process: several may run side by side.
    let start = (std::process::id() % 200) as u16 * 100;
    let candidates = std::iter::from_fn(|| Some(NEXT.fetch_add(1, Ordering::Relaxed)));
    let ports = candidates.map(|next| 10_000 + (start + next) % 20_000);
    let free = |port: &u16| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_err();
    ports.filter(free).take(5).collect()
}

/// Makes the folder for temporary files in a kernel's own folder.
pub(crate) fn temporary(folder: &Path) -> PathBuf {
    let path = folder.join("tmp");
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Waits until a kernel listens at a port.
pub(crate) fn wait_for(port: u16) {
    let start = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(start.elapsed() < PATIENCE, "the kernel does not listen");
        std::thread::sleep(Duration::from_millis(5));
    }
}
