//! Questions about code and its history, answered beside the worker, so that a running cell keeps nobody waiting.

use super::session::{Replies, Session};
use crate::evaluator::{Analysis, Completeness};
use jupyter_protocol::{
    CompleteReply, HistoryReply, InspectReply, IsCompleteReply, JupyterMessage,
    JupyterMessageContent as Content,
};
use serde_json::{Map, Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Code may be nested deeply, and so is its analysis. Only what is used of it takes memory.
const STACK: usize = 256 * 1024 * 1024;

/// Answers on a thread where waiting harms nobody.
pub(crate) fn answer(session: &Arc<Session>, request: JupyterMessage, replies: &Replies) {
    let (session, replies) = (Arc::clone(session), replies.clone());
    session.busy(&request);
    let answering = move || {
        // A fault of the analysis must not leave a question without an answer.
        let said = catch_unwind(AssertUnwindSafe(|| reply(&session, &request.content)));
        let content = said.unwrap_or_else(|_| nothing(&request.content));
        session.finish(&request, content, &replies);
    };
    let thread = std::thread::Builder::new().name("question".to_owned());
    // Without a thread the question stays open, as it would in a kernel that is gone.
    let _started = thread.stack_size(STACK).spawn(answering);
}

fn reply(session: &Session, question: &Content) -> Content {
    let analysis = &*session.analysis;
    match question {
        Content::HistoryRequest(what) => session.history().answer(what).into(),
        Content::CompleteRequest(what) => complete(analysis, &what.code, what.cursor_pos).into(),
        Content::InspectRequest(what) => {
            let whole = what.detail_level.is_some_and(|level| level > 0);
            let found = analysis.inspect(&what.code, what.cursor_pos, whole);
            let mut reply = InspectReply {
                found: found.is_some(),
                ..InspectReply::default()
            };
            if let Some(bundle) = found {
                reply.metadata = bundle.metadata;
                reply.data = serde_json::from_value(Value::Object(bundle.data)).unwrap_or_default();
            }
            reply.into()
        }
        Content::IsCompleteRequest(what) => match analysis.completeness(&what.code) {
            Completeness::Complete => IsCompleteReply::complete(),
            Completeness::Incomplete { indent } => IsCompleteReply::incomplete(indent),
            Completeness::Invalid => IsCompleteReply::invalid(),
        }
        .into(),
        other => nothing(other),
    }
}

fn complete(analysis: &dyn Analysis, code: &str, cursor: usize) -> CompleteReply {
    let found = analysis.complete(code, cursor);
    let kinds = found.matches.iter().map(|one| {
        let mut entry = json!({
            "text": one.text, "type": one.kind, "start": found.start, "end": found.end,
        });
        if !one.signature.is_empty() {
            entry["signature"] = json!(one.signature);
        }
        entry
    });
    let mut metadata = Map::new();
    metadata.insert(
        "_jupyter_types_experimental".to_owned(),
        Value::Array(kinds.collect()),
    );
    CompleteReply {
        matches: found.matches.iter().map(|one| one.text.clone()).collect(),
        cursor_start: found.start,
        cursor_end: found.end,
        metadata,
        ..CompleteReply::default()
    }
}

/// The answer of one who knows nothing.
fn nothing(question: &Content) -> Content {
    match question {
        Content::CompleteRequest(what) => CompleteReply {
            cursor_start: what.cursor_pos,
            cursor_end: what.cursor_pos,
            ..CompleteReply::default()
        }
        .into(),
        Content::InspectRequest(_) => InspectReply::default().into(),
        Content::HistoryRequest(_) => HistoryReply::new(Vec::new()).into(),
        _ => IsCompleteReply::unknown().into(),
    }
}
