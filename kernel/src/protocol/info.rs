//! What this kernel says about itself.

use jupyter_protocol::{
    CodeMirrorMode, HelpLink, JupyterMessageContent, KernelInfoReply, LanguageInfo, ReplyStatus,
    UnknownMessage,
};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The version of the protocol that every message carries.
pub(crate) const VERSION: &str = "5.4";

static RUSTC: LazyLock<String> = LazyLock::new(|| {
    let said = std::process::Command::new("rustc")
        .arg("--version")
        .output();
    said.ok()
        .and_then(|said| String::from_utf8(said.stdout).ok())
        .and_then(|line| line.split_whitespace().nth(1).map(str::to_owned))
        .unwrap_or_else(|| env!("CARGO_PKG_RUST_VERSION").to_owned())
});

/// Describes the kernel; asks `rustc` for its version the first time, so call it off the async threads.
pub(crate) fn kernel_info() -> JupyterMessageContent {
    let version = env!("CARGO_PKG_VERSION");
    let reply = KernelInfoReply {
        status: ReplyStatus::Ok,
        protocol_version: VERSION.to_owned(),
        implementation: "genolens".to_owned(),
        implementation_version: version.to_owned(),
        language_info: LanguageInfo {
            name: "rust".to_owned(),
            version: RUSTC.clone(),
            mimetype: Some("text/rust".to_owned()),
            file_extension: Some(".rs".to_owned()),
            pygments_lexer: Some("rust".to_owned()),
            codemirror_mode: Some(CodeMirrorMode::Simple("rust".to_owned())),
            nbconvert_exporter: None,
        },
        banner: format!("genolens {version}: Rust {} in compiled cells", *RUSTC),
        help_links: vec![HelpLink {
            text: "Rust".to_owned(),
            url: "https://doc.rust-lang.org/std/".to_owned(),
        }],
        debugger: false,
        error: None,
    };
    // The crate's type does not know the field `supported_features` yet.
    let mut content = serde_json::to_value(&reply).unwrap_or(Value::Null);
    content["supported_features"] = json!([]);
    UnknownMessage {
        msg_type: "kernel_info_reply".to_owned(),
        content,
    }
    .into()
}
