//! The self-contained page.

use crate::headless::{Desk, code, notebook};
use insta::assert_snapshot;
use serde_json::json;

const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[test]
fn the_page_has_pictures_and_fetches_nothing() {
    let desk = Desk::new();
    let prose = json!({
        "cell_type": "markdown", "id": "p", "metadata": {},
        "attachments": { "dot.png": { "image/png": PIXEL } },
        "source": "# A <title>\n\n![dot](attachment:dot.png) ![out](https://e.org/x.png) [link](https://doi.org/1)\n\n\
                   <script src=\"https://e.org/x.js\"></script><p onclick=\"x()\">$a_b < c_d$ & *prose*</p>\n\n\
                   | a | b |\n|---|---|\n| 1 | 2 |\n",
    });
    let shows = "print <b>&\npicture one \"quoted\"\nresult <i>";
    let cells = [
        prose,
        code(shows, &json!({})),
        code("error <script>", &json!({ "tags": ["raises-exception"] })),
    ];
    desk.write("n.ipynb", notebook(&cells).to_string());
    let done = desk.run(&["n.ipynb", "--html=page.html"]);
    assert!(done.status.success(), "{done:?}");
    let page = std::fs::read_to_string(desk.path("page.html")).unwrap();
    let (head, body) = page.split_once("<body>").unwrap();
    assert!(head.contains("<title>A &lt;title&gt;</title>"), "{head}");
    assert!(
        page.matches("<img src=\"data:image/svg+xml;base64,")
            .count()
            == 1
    );
    assert!(body.contains("alt=\"one &quot;quoted&quot;\""));
    assert!(body.contains(&format!(
        "<img src=\"data:image/png;base64,{PIXEL}\" alt=\"dot\">"
    )));
    for fetch in [
        "<script",
        "<link",
        "src=\"http",
        "url(",
        "@import",
        "onclick",
        "e.org/x.js",
        "<iframe",
        "<object",
    ] {
        assert!(!page.contains(fetch), "the page holds {fetch}");
    }
    assert!(body.contains("<a href=\"https://doi.org/1\">link</a>"));
    let outputs = &body[body.find("class=\"outputs\"").unwrap()..];
    assert!(
        outputs.contains("<pre class=\"stdout\">&lt;b&gt;&amp;\n</pre>"),
        "{outputs}"
    );
    assert!(outputs.contains("<pre>&lt;i&gt;</pre>"));
    assert!(outputs.contains("<span class=\"c1\">error</span>: &lt;script&gt;"));
    assert!(body.contains("<td>1</td><td>2</td>"));
}

#[test]
fn a_formula_stays_readable() {
    let desk = Desk::new();
    let prose = json!({ "cell_type": "markdown", "id": "p", "metadata": {}, "source": "so $x_i * y_j < 1$ and\n$$\\sum_i x_i$$" });
    desk.write("n.ipynb", notebook(&[prose]).to_string());
    assert!(desk.run(&["n.ipynb", "--html=page.html"]).status.success());
    let page = std::fs::read_to_string(desk.path("page.html")).unwrap();
    let start = page.find("<section").unwrap();
    let end = page.find("</section>").unwrap();
    assert_snapshot!(&page[start..end], @r#"
    <section class="prose">
    <p>so <span class="math">$x_i * y_j &lt; 1$</span> and
    <span class="math">$$\sum_i x_i$$</span></p>
    "#);
}
