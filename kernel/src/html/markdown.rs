//! Prose cells.

use super::highlight::highlight;
use super::sanitize::sanitize;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;

/// Renders a Markdown cell; formulas stay as they are written, pictures come from the cell's attachments.
pub(crate) fn markdown(source: &str, attachments: &Value) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    let mut rust: Option<String> = None;
    let events = Parser::new_ext(source, options).filter_map(|event| match (event, &mut rust) {
        (Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))), _)
            if matches!(&*language, "rust" | "rs") =>
        {
            rust = Some(String::new());
            None
        }
        (Event::Text(text), Some(code)) => {
            code.push_str(&text);
            None
        }
        (Event::End(TagEnd::CodeBlock), Some(code)) => {
            let block = format!("<pre><code>{}</code></pre>\n", highlight(code));
            rust = None;
            Some(Event::Html(block.into()))
        }
        (Event::InlineMath(formula), _) => Some(math(&formula, "$")),
        (Event::DisplayMath(formula), _) => Some(math(&formula, "$$")),
        (
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            }),
            _,
        ) => {
            let dest_url = attached(&dest_url, attachments).unwrap_or(dest_url);
            Some(Event::Start(Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            }))
        }
        (event, _) => Some(event),
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    sanitize(&html)
}

fn math<'a>(formula: &str, mark: &str) -> Event<'a> {
    let formula = super::escape(formula);
    Event::InlineHtml(format!("<span class=\"math\">{mark}{formula}{mark}</span>").into())
}

/// Finds the picture behind `attachment:NAME`.
fn attached<'a>(link: &str, attachments: &Value) -> Option<CowStr<'a>> {
    let name = link.strip_prefix("attachment:")?;
    let (mime, content) = attachments[name].as_object()?.iter().next()?;
    let content = crate::headless::lines(content)?;
    Some(format!("data:{mime};base64,{}", content.replace('\n', "")).into())
}
