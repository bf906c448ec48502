//! Completion in Rust sessions.

use crate::dependency::package;
use crate::front_end::{FrontEnd, executed, parent};
use crate::headless::Desk;
use crate::rust::session;
use jupyter_protocol::{
    CompleteRequest, ExecutionState, JupyterMessageContent as Content, ReplyStatus,
};
use std::time::{Duration, Instant};

/// What a session offers at the `|` in a code, each with its kind and its signature; and the stretch that it replaces.
struct Offered {
    matches: Vec<(String, String, String)>,
    replaced: String,
}

impl Offered {
    fn read(content: Content, code: &str) -> Self {
        let Content::CompleteReply(reply) = content else {
            panic!("expected a complete_reply, got {content:?}");
        };
        let details = reply.metadata["_jupyter_types_experimental"]
            .as_array()
            .unwrap();
        assert_eq!(details.len(), reply.matches.len());
        let detail = |(text, detail): (&String, &serde_json::Value)| {
            assert_eq!(detail["text"], text.as_str());
            let word = |name: &str| detail[name].as_str().unwrap_or_default().to_owned();
            (text.clone(), word("type"), word("signature"))
        };
        Self {
            matches: reply.matches.iter().zip(details).map(detail).collect(),
            replaced: code
                .chars()
                .take(reply.cursor_end)
                .skip(reply.cursor_start)
                .collect(),
        }
    }

    fn has(&self, text: &str) -> bool {
        self.matches.iter().any(|one| one.0 == text)
    }

    fn texts(&self) -> Vec<&str> {
        self.matches.iter().map(|one| one.0.as_str()).collect()
    }

    fn one(&self, text: &str) -> (&str, &str) {
        let found = self.matches.iter().find(|one| one.0 == text);
        let found = found.unwrap_or_else(|| panic!("no `{text}` in {:?}", self.texts()));
        (&found.1, &found.2)
    }
}

/// Takes the `¦` out of a code and counts the letters before it.
pub(crate) fn cursor(marked: &str) -> (String, usize) {
    let at = marked.rfind('¦').unwrap();
    (marked.replace('¦', ""), marked[..at].chars().count())
}

fn request(marked: &str) -> (CompleteRequest, String) {
    let (code, cursor_pos) = cursor(marked);
    let request = CompleteRequest {
        cursor_pos,
        code: code.clone(),
    };
    (request, code)
}

/// Asks for completion where the `¦` stands.
fn offered(kernel: &mut FrontEnd, marked: &str) -> Offered {
    let (request, code) = request(marked);
    let (reply, _) = kernel.exchange(request);
    Offered::read(reply.content, &code)
}

/// Code, what must be offered there, and what must not.
type Case = (&'static str, &'static str, &'static str);

const MEMBERS: &[Case] = &[
    ("bytes.¦", "push sort len iter first", "area keys"),
    ("bytes.iter().¦", "map rev enumerate sum", "push"),
    (
        "bytes.iter().map(|b| b.¦",
        "pow leading_zeros wrapping_add",
        "map",
    ),
    (
        "bytes.iter().map(|b| *b as f64 / 2.0).¦",
        "fold filter collect into_iter",
        "push",
    ),
    (
        "bytes.iter().zip(counts.keys()).map(|(byte, key)| key.¦",
        "to_uppercase split trim push_str",
        "entry",
    ),
    ("pair.¦", "first second swap clone area double", "push"),
    ("texts.¦", "first swap clone", "area"),
    ("texts.first.¦", "len chars to_uppercase", "area"),
    ("outer.¦", "0 first swap", "area"),
    ("counts.¦", "entry keys get insert", "push area"),
    (
        "counts.get(\"a\").¦",
        "unwrap_or copied is_some map",
        "entry",
    ),
    ("zahl.¦", "pow abs checked_add", "sqrt"),
    ("2.5_f32.¦", "sqrt powi total_cmp", "pow"),
    ("boxed.¦", "area double", "swap first"),
    ("shared.¦", "lock", "sqrt"),
    ("shared.lock()?.¦", "sqrt", "push"),
    ("seqs.¦", "one_hot len names save", "mapv"),
    ("one_hot.¦", "decode heatmap mapv dim sum", "push_str"),
    ("frame.¦", "head column height", "mapv"),
    ("frame.column(\"a\")?.¦", "len name", "mapv"),
    ("frame.clone().lazy().fil¦", "filter", "head"),
    (
        "frame.clone().lazy().¦",
        "filter select group_by collect with_columns sort",
        "column mapv",
    ),
    (
        "frame.clone().lazy().group_by([col(\"a\")]).¦",
        "agg head",
        "filter",
    ),
    ("column.¦", "gt alias mean sum over", "collect"),
    ("col(\"a\").gt(lit(2)).¦", "and alias", "collect"),
    ("[\"a\"].map(|name| col(name).¦", "alias cast", "collect"),
    ("lazy.¦", "explain join", "is_nan"),
    ("matrix.¦", "row mapv dot sum_axis t", "decode"),
    ("matrix.row(0).¦", "dot iter to_owned", "decode"),
    ("tensor.¦", "dims to_dtype matmul", "mapv"),
    (
        "let model = network::deepbind(16); let m = &model; m.¦",
        "summary save",
        "push",
    ),
    (
        "for (at, byte) in bytes.iter().enumerate() { if byte.¦",
        "pow",
        "map",
    ),
    ("match counts.get(\"a\") { Some(n) if n.¦", "pow", "map"),
    ("println!(\"{}\", pair.¦", "area", "push"),
    (
        "fn twice<T: Clone>(pair: &Pair<T>) { let other = pair.¦",
        "first swap",
        "push",
    ),
    ("(1, 'c').1.¦", "is_alphabetic", "pow"),
    ("std::time::Instant::now().¦", "elapsed", "push"),
    ("bytes\n    .iter() // all\n    .¦", "map", "push"),
    (
        "genolens::sequence::Sequences::dna([\"A\"])?.¦",
        "one_hot",
        "push",
    ),
];

const WORDS: &[Case] = &[
    ("gr¦", "greeting größe", "println!"),
    ("let a = grö¦", "größe", "greeting"),
    ("Sh¦", "Shape", "Point"),
    ("twi¦", "twice!", "Shape"),
    ("attr¦", "attribution", "Shape"),
    (
        "genolens::¦",
        "attribution sequence candle_core polars Error",
        "println! Shape",
    ),
    (
        "attribution::¦",
        "saliency Saliency saturation_mutagenesis",
        "Sequences",
    ),
    ("Seqs::¦", "dna new", "Round"),
    ("HashMap::¦", "new with_capacity", "Round"),
    ("Shape::¦", "Round Flat SIDES new area", "dna"),
    ("Shape::Ro¦", "Round", "Flat"),
    ("Vec::<u8>::wi¦", "with_capacity", "new"),
    ("std::¦", "collections fs time vec", "attribution"),
    ("std::time::D¦", "Duration", "Instant"),
    ("f64::¦", "MAX NAN consts from_bits", "Round"),
    ("std::f64::consts::¦", "PI E", "MAX"),
    ("ndarray::Array2::¦", "zeros eye from_shape_vec", "dna"),
    ("candle_core::Tensor::¦", "zeros new randn", "dna"),
    (
        "polars::prelude::¦",
        "DataFrame Column df! col lit Expr LazyFrame",
        "Tensor",
    ),
    ("random::Seed::¦", "new", "dna"),
    ("use genolens::¦", "attribution motif random", "println!"),
    ("use genolens::{motif, sequence::Se¦", "Sequences", "motif"),
    ("use std::sync::{Arc, Mu¦", "Mutex", "Arc"),
    ("use ¦", "genolens std", "println!"),
    ("let p = Point { ¦", "x yard", "Round"),
    ("let p = Point { x: 1.0, ya¦", "yard", "x"),
    ("let local = 1; let other = loc¦", "local", "other"),
    ("let f = |closed: u8| clo¦", "closed", "greeting"),
    ("ret¦", "return", "println!"),
    (":d¦", "dep", "vars"),
    ("let x = 1;\n:v¦", "vars", "dep"),
];

fn check(kernel: &mut FrontEnd, cases: &[Case]) {
    for (code, present, absent) in cases {
        let offered = offered(kernel, code);
        for text in present.split(' ') {
            assert!(
                offered.has(text),
                "{code}: no `{text}` in {:?}",
                offered.texts()
            );
        }
        for text in absent.split(' ') {
            assert!(!offered.has(text), "{code}: `{text}` should not be offered");
        }
    }
}

#[test]
fn members_are_those_of_the_values_type() {
    let mut kernel = session();
    kernel
        .run(
            "use genolens::*; use polars::prelude::*; use std::collections::HashMap;\n\
             /// A pair.\n#[derive(Clone, Debug)] struct Pair<T> { first: T, second: T }\n\
             impl<T> Pair<T> { fn swap(self) -> Self { Pair { first: self.second, second: self.first } } }\n\
             trait Area { fn area(&self) -> f64; fn double(&self) -> f64 { 2.0 * self.area() } }\n\
             impl Area for Pair<f64> { fn area(&self) -> f64 { self.first * self.second } }\n\
             struct Outer(Pair<u8>); impl std::ops::Deref for Outer { type Target = Pair<u8>; fn deref(&self) -> &Pair<u8> { &self.0 } }",
        )
        .ok();
    kernel
        .run(
            "let bytes = vec![1u8, 2]; let pair = Pair { first: 1.5, second: 2.0 }; let texts = Pair { first: \"a\", second: \"b\" };\n\
             let outer = Outer(Pair { first: 1, second: 2 }); let counts: HashMap<String, usize> = HashMap::new(); let zahl = 3;\n\
             let boxed: Box<dyn Area> = Box::new(pair.clone()); let shared = std::sync::Arc::new(std::sync::Mutex::new(1.5f32));\n\
             let seqs = sequence::Sequences::dna([\"ACGT\"])?; let one_hot = seqs.one_hot()?;\n\
             let column = col(\"a\"); let lazy = polars::prelude::df!(\"a\" => [1i32])?.lazy();\n\
             let frame = polars::prelude::df!(\"a\" => [1i32, 2])?; let matrix = ndarray::Array2::<f64>::zeros((2, 3));\n\
             let tensor = candle_core::Tensor::zeros((2, 3), candle_core::DType::F32, &candle_core::Device::Cpu)?;",
        )
        .ok();
    check(&mut kernel, MEMBERS);
    // Fields come first, and what is offered says what it is.
    let pair = offered(&mut kernel, "pair.¦");
    assert_eq!(&pair.texts()[..2], ["first", "second"]);
    assert_eq!(pair.one("first"), ("field", "first: T"));
    assert_eq!(pair.one("swap"), ("method", "fn swap(self) -> Self"));
    let sequences = offered(&mut kernel, "seqs.one_¦");
    assert_eq!(sequences.texts(), ["one_hot"]);
    assert_eq!(
        sequences.one("one_hot").1,
        "fn one_hot(&self) -> Result<OneHot>"
    );
    // A type that the compiler cannot know is not guessed.
    assert!(offered(&mut kernel, "\"5\".parse()?.¦").matches.is_empty());
    assert!(offered(&mut kernel, "unknown_name.¦").matches.is_empty());
    // Matrices of two dimensions have columns, vectors have none.
    assert!(offered(&mut kernel, "matrix.¦").has("ncols"));
    assert!(!offered(&mut kernel, "matrix.row(0).¦").has("ncols"));
}

#[test]
fn a_cell_of_nothing_but_uses_counts() {
    let mut kernel = session();
    kernel.run("use genolens::*;").ok();
    assert!(offered(&mut kernel, "attribution::salie¦").has("saliency"));
    kernel.run("let x = 1;").ok();
    assert!(offered(&mut kernel, "attribution::salie¦").has("saliency"));
    kernel.run(":clear").ok();
    assert!(!offered(&mut kernel, "attribution::salie¦").has("saliency"));
}

#[test]
fn paths_and_words_are_completed_too() {
    let mut kernel = session();
    let before = offered(&mut kernel, "printl¦");
    assert_eq!(before.texts(), ["println!"]);
    kernel
        .run(
            "use genolens::*; use genolens::sequence::Sequences as Seqs; use std::collections::*;\n\
             enum Shape { Round { radius: f64 }, Flat } mod inner { pub fn f() {} } macro_rules! twice { ($a:expr) => { 2 * $a } }\n\
             impl Shape { const SIDES: u8 = 4; fn area(&self) -> f64 { 0.0 } fn new() -> Self { Shape::Flat } }\n\
             struct Point { x: f64, yard: f64 } type Points = Vec<Point>;",
        )
        .ok();
    kernel.run("let größe = 3; let greeting = \"hi\";").ok();
    check(&mut kernel, WORDS);
    // Positions are counted in code points, and the whole word is replaced.
    let word = offered(&mut kernel, "let é = \"漢\"; grö¦ße + 1");
    assert_eq!(word.replaced, "größe");
    assert_eq!(word.one("größe"), ("variable", "i32"));
    let member = offered(&mut kernel, "/* 漢字 */ greeting.to_up¦");
    assert_eq!(member.replaced, "to_up");
    assert!(member.has("to_uppercase"));
    // Nothing is offered inside texts, comments and numbers.
    for code in ["\"gr¦", "// gr¦", "1¦", "1.¦", "'g¦", "/* std::¦ */"] {
        let offered = offered(&mut kernel, code);
        assert!(offered.matches.is_empty(), "{code}: {:?}", offered.texts());
    }
}

#[test]
fn completion_answers_while_a_cell_runs() {
    let mut kernel = session();
    kernel.run("let bytes = vec![1u8, 2, 3];").ok();
    let running = kernel.begin(
        "println!(\"running\"); std::thread::sleep(std::time::Duration::from_secs(4)); let more = 1;",
    );
    for (code, text) in [
        ("byt¦", "bytes"),
        ("bytes.so¦", "sort"),
        ("Vec::ne¦", "new"),
    ] {
        let (request, code) = request(code);
        let asked = kernel.ask(request);
        // The answer comes before that of the cell.
        let reply = kernel.reply();
        assert_eq!(parent(&reply), asked, "{code}");
        assert!(Offered::read(reply.content, &code).has(text), "{code}");
    }
    let reply = kernel.reply();
    assert_eq!(parent(&reply), running);
    assert_eq!(executed(reply).status, ReplyStatus::Ok);
    let mut idle = 0;
    while idle < 4 {
        if let Content::Status(status) = kernel.iopub().content {
            idle += usize::from(status.execution_state == ExecutionState::Idle);
        }
    }
    assert!(offered(&mut kernel, "mor¦").has("more"));
}

#[test]
fn what_added_crates_offer_is_known_a_little_later() {
    let mut kernel = session();
    let desk = Desk::new();
    let line = package(
        &desk,
        "shapes",
        "",
        "/// A disc.\npub struct Disc { pub radius: f64 }\n\
         impl Disc { pub fn area(&self) -> f64 { 3.0 * self.radius * self.radius } }\n\
         pub mod tools { pub fn unit() -> super::Disc { super::Disc { radius: 1.0 } } }",
    );
    kernel.run(&line).ok();
    kernel.run("let disc = shapes::tools::unit();").ok();
    let added = Instant::now();
    while !offered(&mut kernel, "disc.¦").has("area") {
        assert!(added.elapsed() < Duration::from_mins(1), "not described");
        std::thread::sleep(Duration::from_millis(100));
    }
    check(
        &mut kernel,
        &[
            ("disc.¦", "radius area", "unit"),
            ("shap¦", "shapes", "disc"),
            ("use shap¦", "shapes", "disc"),
            ("shapes::¦", "Disc tools", "unit"),
            ("shapes::tools::¦", "unit", "Disc"),
        ],
    );
    // The session goes on when everything has been described.
    std::thread::sleep(Duration::from_secs(1));
    kernel.run("let twice = 2.0 * disc.area();").ok();
}

#[test]
fn what_the_session_loses_is_offered_no_longer() {
    let mut kernel = session();
    kernel.run("let number = 1; fn numerous() {}").ok();
    assert_eq!(offered(&mut kernel, "numb¦").texts(), ["number"]);
    // A cell that does not compile defines nothing.
    let ran = kernel.run("fn numbered() {} let x: u8 = \"\";");
    assert_eq!(ran.reply.status, ReplyStatus::Error);
    assert_eq!(offered(&mut kernel, "numb¦").texts(), ["number"]);
    // What is defined anew has its new type.
    kernel.run("let number = \"one\";").ok();
    assert_eq!(
        offered(&mut kernel, "number¦").one("number").1,
        "&'static str"
    );
    assert!(offered(&mut kernel, "number.¦").has("to_uppercase"));
    kernel.run(":clear").ok();
    assert!(offered(&mut kernel, "numb¦").texts().is_empty());
    assert!(offered(&mut kernel, "numero¦").texts().is_empty());
}

#[test]
fn hostile_code_gets_an_answer() {
    let mut kernel = session();
    kernel.run("let bytes = vec![1u8];").ok();
    let long = |text: &str, times: usize| text.repeat(times);
    for code in [
        long("(", 20_000),
        long("{[(", 100),
        long("!", 40_000),
        long("&", 3_000) + "bytes.",
        long("bytes.iter().", 2_000),
        long("1 + ", 10_000) + "bytes.",
        long("if bytes.", 2_000),
        long("|a| ", 2_000) + "a.",
        long("Vec<", 2_000) + "u8>::",
        long("use a::{", 2_000),
        long("漢", 30_000) + "x",
        "bytes.\u{0}".to_owned(),
        "let a = bytes.map(|x| { loop {} x.".to_owned(),
        "macro_rules! m { () => { m!() } } m!().".to_owned(),
        "const fn f(n: u64) -> u64 { if n == 0 { 0 } else { f(n - 1) + f(n - 1) } } const X: [u8; f(60) as usize] = [0; f(60) as usize]; X."
            .to_owned(),
    ] {
        let shown: String = code.chars().take(40).collect();
        let offered = offered(&mut kernel, &format!("{code}¦"));
        assert!(offered.matches.len() < 5_000, "{shown}");
        let (reply, _) = kernel.exchange(jupyter_protocol::IsCompleteRequest { code });
        assert!(matches!(reply.content, Content::IsCompleteReply(_)), "{shown}");
    }
    assert!(offered(&mut kernel, "bytes.¦").has("push"));
}
