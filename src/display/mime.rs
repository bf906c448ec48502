//! Sends pictures, tables and progress to the notebook: the only place of the library that prints.
//!
//! Our kernel names a socket in `GENOLENS_CHANNEL`. A frame on it is one byte for its kind, the length of the text as
//! four bytes (little-endian), and the text, JSON; the kernel answers each frame but a progress report with one byte once it has
//! the picture in order with the printed text; a question, on a connection of its own, it answers with a frame. Without the socket the markers of evcxr go to standard output.

use super::json;
use base64::Engine as _;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::sync::{Mutex, OnceLock};

/// The kind of the frame that nobody answers, since a loop must not stand still to say how far it is.
pub(crate) const PROGRESS: u8 = b'T';

/// The kind of the frame with the last state of a task, which has its place in the order.
pub(crate) const PROGRESS_OVER: u8 = b'O';

/// The kind of the question, JSON, that goes to the person.
pub(crate) const INPUT: u8 = b'I';

/// The kind of the question what was drawn on a map.
pub(crate) const SELECTION: u8 = b'S';

/// What a notebook is sent for one value: the same thing in several formats.
#[derive(Clone, PartialEq)]
pub struct Bundle {
    data: Vec<(String, String)>,
    /// The metadata of each format, as JSON objects.
    metadata: Vec<(String, String)>,
}

impl Bundle {
    /// Creates a bundle that says something in plain text.
    pub fn text(text: &str) -> Self {
        Self {
            data: vec![("text/plain".into(), text.into())],
            metadata: Vec::new(),
        }
    }

    /// Returns the bundle with one more format.
    pub fn with(&self, mime: &str, content: &str) -> Self {
        let mut new = self.clone();
        new.data
            .insert(new.data.len() - 1, (mime.into(), content.into()));
        new
    }

    /// Returns the content in a format, when the bundle has it.
    pub fn get(&self, mime: &str) -> Option<&str> {
        self.data
            .iter()
            .find(|(name, _)| name == mime)
            .map(|(_, content)| content.as_str())
    }

    /// Returns the bundle as JSON, `{"data": {...}, "metadata": {...}}`.
    pub fn json(&self) -> String {
        let mut out = String::from("{\"data\":{");
        for (i, (mime, content)) in self.data.iter().enumerate() {
            out.push_str(if i == 0 { "" } else { "," });
            json::string(&mut out, mime);
            out.push(':');
            json::string(&mut out, content);
        }
        out.push_str("},\"metadata\":{");
        for (i, (mime, metadata)) in self.metadata.iter().enumerate() {
            out.push_str(if i == 0 { "" } else { "," });
            json::string(&mut out, mime);
            out.push(':');
            out.push_str(metadata);
        }
        out + "}}"
    }

    pub(crate) fn figure(
        (width, height): (f64, f64),
        description: &str,
        (png, svg): (Option<Vec<u8>>, String),
    ) -> Self {
        let mut alt = String::new();
        json::string(&mut alt, description);
        let mut bundle = Self::text(description).with("image/svg+xml", &svg);
        bundle
            .metadata
            .push(("image/svg+xml".into(), format!("{{\"alt\":{alt}}}")));
        if let Some(png) = png {
            bundle.data.insert(
                0,
                (
                    "image/png".into(),
                    base64::engine::general_purpose::STANDARD.encode(png),
                ),
            );
            let size = format!("\"width\":{},\"height\":{}", width.round(), height.round());
            let metadata = format!("{{{size},\"alt\":{alt},\"vscode_altText\":{alt}}}");
            bundle.metadata.insert(0, ("image/png".into(), metadata));
        }
        bundle
    }

    /// Returns what evcxr reads from standard output.
    pub(crate) fn markers(&self) -> String {
        let mut out = String::new();
        for (mime, content) in &self.data {
            let _ = writeln!(
                out,
                "EVCXR_BEGIN_CONTENT {mime}\n{content}\nEVCXR_END_CONTENT"
            );
        }
        out
    }
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mimes: Vec<&str> = self.data.iter().map(|(mime, _)| mime.as_str()).collect();
        write!(f, "Bundle({})", mimes.join(", "))
    }
}

/// Where the bundles of this thread go: a new output, or one under a name.
#[derive(Clone, Default)]
pub(crate) enum Target {
    #[default]
    Output,
    /// A new output that can be named later.
    Named(String),
    /// Whatever is shown under this name.
    Again(String),
}

thread_local! {
    static TARGET: RefCell<Target> = RefCell::default();
}

/// Runs `display` with its bundles directed to a target.
pub(crate) fn direct(target: Target, display: impl FnOnce()) {
    let before = TARGET.replace(target);
    display();
    TARGET.set(before);
}

/// Shows a bundle.
pub(crate) fn emit(bundle: &Bundle) {
    let mut message = bundle.json();
    let (kind, id) = match TARGET.with_borrow(Target::clone) {
        Target::Output => (b'D', None),
        Target::Named(id) => (b'D', Some(id)),
        Target::Again(id) => (b'U', Some(id)),
    };
    if let Some(id) = id {
        message.pop();
        message.push_str(",\"display_id\":");
        json::string(&mut message, &id);
        message.push('}');
    }
    if !send(kind, &message) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(bundle.markers().as_bytes());
        let _ = out.flush();
    }
}

/// Sends a frame to our kernel; false when there is none.
pub(crate) fn send(kind: u8, payload: &str) -> bool {
    let Some(channel) = channel() else {
        return false;
    };
    let Ok(mut channel) = channel.lock() else {
        return false;
    };
    // The text printed so far has to be on its way before the picture.
    let _ = std::io::stdout().flush();
    let Ok(length) = u32::try_from(payload.len()) else {
        let left_out = format!("[an output of {} MB was left out]\n", payload.len() >> 20);
        let _ = std::io::stderr().write_all(left_out.as_bytes());
        return true;
    };
    // A large text need not be copied.
    let (first, rest) = payload.as_bytes().split_at(payload.len().min(1 << 16));
    let frame = [&[kind], &length.to_le_bytes()[..], first].concat();
    let sent = channel
        .write_all(&frame)
        .and_then(|()| channel.write_all(rest));
    let sent = sent.and_then(|()| match kind {
        PROGRESS => Ok(()),
        _ => channel.read_exact(&mut [0]),
    });
    sent.is_ok()
}

#[cfg(unix)]
type Channel = std::os::unix::net::UnixStream;
#[cfg(not(unix))]
type Channel = std::net::TcpStream;

fn channel() -> Option<&'static Mutex<Channel>> {
    static CHANNEL: OnceLock<Option<Mutex<Channel>>> = OnceLock::new();
    CHANNEL.get_or_init(|| connect().map(Mutex::new)).as_ref()
}

#[cfg(unix)]
fn connect() -> Option<Channel> {
    Channel::connect(std::env::var_os("GENOLENS_CHANNEL")?).ok()
}

#[cfg(not(unix))]
fn connect() -> Option<Channel> {
    None
}

/// Asks our kernel something and waits for the answer: `Err` when there is no kernel, `None` when nobody answers.
pub(crate) fn question(kind: u8, payload: &str) -> std::io::Result<Option<String>> {
    let _ = std::io::stdout().flush();
    // A connection of its own, so that other threads may show pictures while the person thinks.
    let mut channel = connect().ok_or(std::io::ErrorKind::NotConnected)?;
    let length = (payload.len() as u32).to_le_bytes();
    channel.write_all(&[&[kind][..], &length, payload.as_bytes()].concat())?;
    let mut head = [0; 5];
    channel.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let mut answer = Vec::new();
    channel
        .take(u64::from(u32::from_le_bytes(length)))
        .read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    Ok((kind == b'A').then_some(answer))
}
