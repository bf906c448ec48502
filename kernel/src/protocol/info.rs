//! What this kernel says about itself.

use crate::place;
use jupyter_protocol::{
    CodeMirrorMode, HelpLink, JupyterMessageContent, KernelInfoReply, LanguageInfo, ReplyStatus,
    UnknownMessage,
};
use serde_json::{Value, json};

/// The version of the protocol that every message carries.
pub(crate) const VERSION: &str = "5.5";

const HELP: [(&str, &str); 5] = [
    (
        "Rust by example",
        "https://doc.rust-lang.org/rust-by-example/",
    ),
    ("The standard library", "https://doc.rust-lang.org/std/"),
    ("candle", "https://docs.rs/candle-core"),
    ("ndarray", "https://docs.rs/ndarray"),
    ("polars", "https://docs.rs/polars"),
];

fn link((text, url): (&str, &str)) -> HelpLink {
    HelpLink {
        text: text.to_owned(),
        url: url.to_owned(),
    }
}

/// Describes the kernel, without a word to any other process.
pub(crate) fn kernel_info() -> JupyterMessageContent {
    let rust = place::rust_version();
    let version = env!("CARGO_PKG_VERSION");
    let reply = KernelInfoReply {
        status: ReplyStatus::Ok,
        protocol_version: VERSION.to_owned(),
        implementation: "genolens".to_owned(),
        implementation_version: version.to_owned(),
        language_info: LanguageInfo {
            name: "rust".to_owned(),
            version: rust.clone(),
            mimetype: Some("text/rust".to_owned()),
            file_extension: Some(".rs".to_owned()),
            pygments_lexer: Some("rust".to_owned()),
            codemirror_mode: Some(CodeMirrorMode::Simple("rust".to_owned())),
            nbconvert_exporter: None,
        },
        banner: format!("genolens {version}: Rust {rust} in compiled cells"),
        help_links: HELP.map(link).to_vec(),
        debugger: false,
        error: None,
    };
    // The crate's type does not know the field `supported_features` yet. There is neither a debugger nor a subshell to claim;
    // what they are for, answers while a cell runs, needs no subshell here.
    let mut content = serde_json::to_value(&reply).unwrap_or(Value::Null);
    content["supported_features"] = json!([]);
    UnknownMessage {
        msg_type: "kernel_info_reply".to_owned(),
        content,
    }
    .into()
}
