//! The types of variables, as the compiler infers them.

use crate::rust::{error, printed, session};
use jupyter_protocol::JupyterMessageContent as Content;

/// Imports and items that the variables below need.
const ITEMS: &str = "use genolens::*; use std::collections::{BTreeMap, HashMap, HashSet, VecDeque}; use std::rc::Rc; use std::sync::{Arc, Mutex};
use ndarray::{Array1, Array2, ArrayD, s, Axis}; use polars::prelude::*;
#[derive(Clone, Debug, PartialEq)] struct Point<T> { x: T, y: T }
#[derive(Clone, Debug)] enum Tree<K, V> { Leaf, Node(Box<Tree<K, V>>, K, V, Box<Tree<K, V>>) }
impl<K: Ord, V> Tree<K, V> { fn put(self, k: K, v: V) -> Self { match self { Tree::Leaf => Tree::Node(Box::new(Tree::Leaf), k, v, Box::new(Tree::Leaf)), Tree::Node(l, key, value, r) => if k < key { Tree::Node(Box::new(l.put(k, v)), key, value, r) } else { Tree::Node(l, key, value, Box::new(r.put(k, v))) } } } }
trait Area { type Unit; fn area(&self) -> Self::Unit; }
impl Area for Point<f64> { type Unit = f64; fn area(&self) -> f64 { self.x * self.y } }
impl Area for Point<i32> { type Unit = i64; fn area(&self) -> i64 { i64::from(self.x) * i64::from(self.y) } }
fn measure<A: Area>(of: &[A]) -> Vec<A::Unit> { of.iter().map(Area::area).collect() }
struct Wrapper<const N: usize, T>([T; N]);
impl<const N: usize, T: Copy> Wrapper<N, T> { fn halves(&self) -> (Vec<T>, Vec<T>) { let (a, b) = self.0.split_at(N / 2); (a.to_vec(), b.to_vec()) } }
fn compose<A, B, C>(f: impl Fn(A) -> B + 'static, g: impl Fn(B) -> C + 'static) -> Box<dyn Fn(A) -> C> { Box::new(move |a| g(f(a))) }";

/// A statement, the variable it leaves, and the type that a person would have to write.
const CASES: &[(&str, &str, &str)] = &[
    ("let a = 1;", "a", "i32"),
    ("let a = 1.5 + 2.0;", "a", "f64"),
    ("let a = [1u8, 2, 3].len();", "a", "usize"),
    ("let a = \"text\";", "a", "&'static str"),
    ("let a = b\"ACGT\";", "a", "&'static [u8; 4]"),
    ("let a = vec![None, Some(1.5f32)];", "a", "Vec<Option<f32>>"),
    (
        "let mut a = Vec::new(); a.push((1u16, 'c'));",
        "a",
        "Vec<(u16, char)>",
    ),
    (
        "let a: Vec<_> = (0..3).map(|i| i as f32 / 2.0).collect();",
        "a",
        "Vec<f32>",
    ),
    (
        "let a = (0..10u64).filter(|n| n % 2 == 0).map(|n| n * n).fold(HashMap::new(), |mut m, n| { m.entry(n % 3).or_insert_with(Vec::new).push(n); m });",
        "a",
        "HashMap<u64, Vec<u64>>",
    ),
    (
        "let a = \"a b a\".split(' ').fold(BTreeMap::new(), |mut m, w| { *m.entry(w).or_insert(0usize) += 1; m });",
        "a",
        "BTreeMap<&'static str, usize>",
    ),
    (
        "let a = [3, 1, 2].iter().copied().zip(\"abc\".chars()).collect::<HashSet<_>>();",
        "a",
        "HashSet<(i32, char)>",
    ),
    (
        "let a = [1.0, 2.0].windows(2).map(|w| w[1] - w[0]).collect::<VecDeque<_>>();",
        "a",
        "VecDeque<f64>",
    ),
    (
        "let a = [Ok(1i8), Err(String::from(\"no\"))].into_iter().collect::<std::result::Result<Vec<_>, _>>();",
        "a",
        "std::result::Result<Vec<i8>, String>",
    ),
    (
        "let (a, b): (Vec<_>, Vec<_>) = (0..6).partition(|n| n % 2 == 0);",
        "b",
        "Vec<i32>",
    ),
    (
        "let a = (1..=3).flat_map(|n| std::iter::repeat_n(n, n)).rev().step_by(2).peekable().next();",
        "a",
        "Option<usize>",
    ),
    (
        "let a = [(1u8, \"x\")].iter().map(|&(n, t)| (t.to_owned(), n)).unzip::<String, u8, Vec<_>, Vec<_>>();",
        "a",
        "(Vec<String>, Vec<u8>)",
    ),
    (
        "let a = Arc::new(Mutex::new(vec![Rc::new(1u8)]));",
        "a",
        "Arc<Mutex<Vec<Rc<u8>>>>",
    ),
    ("let a = Point { x: 1.5, y: 2.0 };", "a", "Point<f64>"),
    (
        "let Point { x: a, .. } = Point { x: \"left\", y: \"right\" };",
        "a",
        "&'static str",
    ),
    ("let a = measure(&[Point { x: 2, y: 3 }]);", "a", "Vec<i64>"),
    (
        "let a = Tree::Leaf.put(\"k\", vec![1.5f32]);",
        "a",
        "Tree<&'static str, Vec<f32>>",
    ),
    (
        "let (a, _) = Wrapper([1u32, 2, 3, 4]).halves();",
        "a",
        "Vec<u32>",
    ),
    (
        "let a = Wrapper([Point { x: 1, y: 2 }; 0]);",
        "a",
        "Wrapper<0, Point<i32>>",
    ),
    (
        "let a: Box<dyn Area<Unit = f64>> = Box::new(Point { x: 1.0, y: 2.0 });",
        "a",
        "Box<dyn Area<Unit = f64>>",
    ),
    (
        "let a = compose(|n: i32| f64::from(n), |x| format!(\"{x}\"));",
        "a",
        "Box<dyn Fn(i32) -> String>",
    ),
    (
        "let a = measure::<Point<f64>> as fn(&[Point<f64>]) -> Vec<f64>;",
        "a",
        "for<'a> fn(&'a [Point<f64>]) -> Vec<f64>",
    ),
    (
        "let a = Array2::from_shape_fn((2, 3), |(i, j)| (i * j) as f32);",
        "a",
        "Array2<f32>",
    ),
    (
        "let m = Array2::<f64>::eye(3); let a = m.slice(s![1.., ..2]).to_owned();",
        "a",
        "Array2<f64>",
    ),
    (
        "let m = Array2::<f64>::eye(3); let a = m.slice(s![0, ..]).to_owned();",
        "a",
        "Array1<f64>",
    ),
    (
        "let a = Array2::<f32>::ones((2, 3)).sum_axis(Axis(0)).mapv(|x| x > 1.0);",
        "a",
        "Array1<bool>",
    ),
    (
        "let a = Array2::<f64>::eye(2).dot(&Array1::from(vec![1.0, 2.0])).into_dyn();",
        "a",
        "ArrayD<f64>",
    ),
    (
        "let a = df!(\"n\" => [1i32, 2], \"t\" => [\"x\", \"y\"])?;",
        "a",
        "DataFrame",
    ),
    (
        "let f = df!(\"n\" => [1i32, 2])?; let a = f.column(\"n\")?.i32()?.iter().map(|n| n.map(|n| n * 2)).collect::<Vec<_>>();",
        "a",
        "Vec<Option<i32>>",
    ),
    (
        "let f = df!(\"n\" => [1i32, 2])?; let a = f.column(\"n\")?.i32()?.iter().flatten().map(|n| move |m: i32| n + m).map(|f| f(1)).sum::<i32>();",
        "a",
        "i32",
    ),
    (
        "let f = df!(\"n\" => [1.5f64])?; let a = f.column(\"n\")?.f64()?.clone();",
        "a",
        "Float64Chunked",
    ),
    (
        "let a = df!(\"n\" => [1i32])?.schema().clone();",
        "a",
        "SchemaRef",
    ),
    (
        "let a = candle_core::Tensor::zeros((2, 3), candle_core::DType::F32, &candle_core::Device::Cpu)?.to_vec2::<f32>()?;",
        "a",
        "Vec<Vec<f32>>",
    ),
    (
        "let a = sequence::Sequences::dna([\"ACGT\"])?.one_hot()?;",
        "a",
        "sequence::OneHot",
    ),
    (
        "let a = sequence::Sequences::dna([\"ACGT\"])?.one_hot()?.mean_axis(Axis(0));",
        "a",
        "Option<Array2<f32>>",
    ),
    (
        "let a = std::array::from_fn::<_, 4, _>(|i| random::Seed::new(i as u64));",
        "a",
        "[random::Seed; 4]",
    ),
    (
        "let a = std::time::Instant::now().elapsed().checked_sub(std::time::Duration::ZERO);",
        "a",
        "Option<std::time::Duration>",
    ),
];

#[test]
fn types_are_those_that_one_would_have_to_write() {
    let mut kernel = session();
    kernel.run(ITEMS).ok();
    for (statement, name, kind) in CASES {
        kernel.run(statement).ok();
        // The compiler takes the kept variable for exactly the type that is written here.
        kernel
            .run(&format!(
                "let kept: std::marker::PhantomData<{kind}> = {{ fn of<T>(_: &T) -> std::marker::PhantomData<T> {{ std::marker::PhantomData }} of(&{name}) }};"
            ))
            .ok();
    }
}

#[test]
fn a_type_without_a_name_is_a_clear_error() {
    let mut kernel = session();
    for (statement, word) in [
        ("let nameless = |x: i32| 2 * x;", "Box<dyn Fn"),
        (
            "let nameless = [1, 2].into_iter().map(|x| x + 1);",
            "collect",
        ),
        (
            "let nameless = { fn f() -> impl Iterator<Item = u8> { std::iter::empty() } f() };",
            "collect",
        ),
        ("let nameless = async { 1 };", "box"),
        ("let nameless = (1, |x: i32| x);", "box"),
    ] {
        let ran = kernel.run(statement);
        let (name, value, _) = error(&ran);
        assert_eq!(name, "cannot keep a variable", "{statement}");
        assert!(
            value.contains("`nameless`") && value.contains(word),
            "{statement}: {value}"
        );
    }
    // What cannot be inferred at all is the compiler's own error.
    let ran = kernel.run("let unknown = Vec::new();");
    assert!(
        error(&ran).1.contains("type annotations needed"),
        "{:?}",
        error(&ran)
    );
    let ran = kernel.run("let unknown = \"5\".parse()?;");
    assert_eq!(error(&ran).0, "compile error");
    assert_eq!(printed(kernel.run("println!(\"{}\", 1);")), "1\n");
}

#[test]
fn every_variable_of_the_quickstart_has_a_type_that_can_be_written() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../notebooks/01_quickstart.ipynb"
    ))
    .unwrap();
    let notebook: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut kernel = session();
    let mut seen = 0;
    for cell in notebook["cells"].as_array().unwrap() {
        if cell["cell_type"] != "code" {
            continue;
        }
        let lines = cell["source"].as_array().unwrap();
        let code: String = lines.iter().filter_map(|line| line.as_str()).collect();
        kernel.run(&code).ok();
        let listed = kernel.run(":vars").ok();
        let listed = listed.into_iter().find_map(|message| match message {
            Content::ExecuteResult(result) => {
                let data = serde_json::to_value(result.data).unwrap();
                Some(data["text/plain"].as_str().unwrap().to_owned())
            }
            _ => None,
        });
        let listed = listed.unwrap_or_default();
        let typed: Vec<(&str, &str)> = listed
            .lines()
            .filter_map(|line| line.split_once(": "))
            .collect();
        let checks: String = typed
            .iter()
            .map(|(name, kind)| format!("let _: &{kind} = &{name};\n"))
            .collect();
        kernel.run(&format!("{{\n{checks}}}")).ok();
        seen = seen.max(typed.len());
    }
    assert!(seen > 3, "the quickstart keeps variables");
}
