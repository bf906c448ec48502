//! The types of variables: in a session, and in a program of its own that the plain compiler makes of the same code.

use crate::front_end::{FrontEnd, Ran};
use crate::rust::{error, printed, session};
use jupyter_protocol::JupyterMessageContent as Content;
use quote::quote;
use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Imports and items that the cells of the table need.
const ITEMS: &str = r#"
use genolens::*; use std::collections::{BTreeMap, HashMap, HashSet, VecDeque}; use std::rc::Rc; use std::sync::{Arc, Mutex};
use ndarray::{Array1, Array2, ArrayD, Axis, Zip, s}; use polars::prelude::*;

#[derive(Clone, Debug, PartialEq)] struct Point<T> { x: T, y: T }
#[derive(Clone, Debug)] enum Tree<K, V> { Leaf, Node(Box<Tree<K, V>>, K, V, Box<Tree<K, V>>) }
impl<K: Ord, V> Tree<K, V> {
    fn put(self, k: K, v: V) -> Self {
        match self {
            Tree::Leaf => Tree::Node(Box::new(Tree::Leaf), k, v, Box::new(Tree::Leaf)),
            Tree::Node(l, key, value, r) if k < key => Tree::Node(Box::new(l.put(k, v)), key, value, r),
            Tree::Node(l, key, value, r) => Tree::Node(l, key, value, Box::new(r.put(k, v))),
        }
    }
}
trait Area { type Unit; fn area(&self) -> Self::Unit; }
impl Area for Point<f64> { type Unit = f64; fn area(&self) -> f64 { self.x * self.y } }
impl Area for Point<i32> { type Unit = i64; fn area(&self) -> i64 { i64::from(self.x) * i64::from(self.y) } }
fn measure<A: Area>(of: &[A]) -> Vec<A::Unit> { of.iter().map(Area::area).collect() }
struct Wrapper<const N: usize, T>([T; N]);
impl<const N: usize, T: Copy> Wrapper<N, T> {
    fn halves(&self) -> (Vec<T>, Vec<T>) { let (a, b) = self.0.split_at(N / 2); (a.to_vec(), b.to_vec()) }
}
fn compose<A, B, C>(f: impl Fn(A) -> B + 'static, g: impl Fn(B) -> C + 'static) -> Box<dyn Fn(A) -> C> { Box::new(move |a| g(f(a))) }
fn each<T, U>(of: impl IntoIterator<Item = T>, f: impl Fn(T) -> U) -> Vec<U> { of.into_iter().map(f).collect() }

fn grid() -> Array2<f64> { Array2::from_shape_fn((4, 4), |(i, j)| (i * j) as f64) }
fn frame() -> PolarsResult<DataFrame> { df!("x" => [1i32, 2, 3], "g" => ["a", "b", "a"], "y" => [0.5f64, 1.5, 2.5]) }
fn scaled(by: f64) -> impl Fn(Expr) -> Expr { move |column| column * lit(by) }
fn doubled(column: Column) -> PolarsResult<Column> { Ok(&column * 2) }
fn same(_: &Schema, field: &Field) -> PolarsResult<Field> { Ok(field.clone()) }
trait Rule {
    type Out;
    fn apply(&self, column: Expr) -> Self::Out;
    fn both(&self, a: Expr, b: Expr) -> (Self::Out, Self::Out) { (self.apply(a), self.apply(b)) }
}
struct Above(f64);
impl Rule for Above { type Out = Expr; fn apply(&self, column: Expr) -> Expr { column.gt(lit(self.0)) } }
struct Named<F>(&'static str, F);
impl<F: Fn(Expr) -> Expr> Rule for Named<F> {
    type Out = (PlSmallStr, Expr);
    fn apply(&self, column: Expr) -> Self::Out { (self.0.into(), (self.1)(column)) }
}
"#;

/// Cells, and the types that they leave.
const TABLE: &str = include_str!("inference.txt");

/// A cell of the table with the type of its variable, or with words of its error.
enum Case {
    Typed(&'static str, &'static str),
    Nameless(&'static str, Vec<&'static str>),
}

fn cases() -> Vec<Case> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let case = |pair: &[&'static str]| match pair[1].split_at(2) {
        (": ", kind) => Case::Typed(pair[0], kind),
        ("! ", words) => Case::Nameless(pair[0], words.split(" .. ").collect()),
        _ => panic!("{pair:?} is no case"),
    };
    lines.chunks(2).map(case).collect()
}

/// Where the plain compiler finds the library that a session uses.
struct Library {
    file: PathBuf,
    run_path: OsString,
}

impl Library {
    fn of(kernel: &mut FrontEnd) -> Self {
        // The process of the cells has loaded it.
        let loaded =
            printed(kernel.run("println!(\"{}\", std::fs::read_to_string(\"/proc/self/maps\")?);"));
        let paths = loaded
            .lines()
            .filter_map(|line| line.find('/').map(|at| &line[at..]));
        let file = |name: &str| {
            let mut paths = paths.clone().map(PathBuf::from);
            paths.find(|path| {
                path.file_name()
                    .is_some_and(|file| file.to_string_lossy().starts_with(name))
            })
        };
        let (file, standard) = (file("libgenolens.so").unwrap(), file("libstd-").unwrap());
        let folders = [&file, &standard].map(|file| file.parent().unwrap().to_owned());
        Self {
            run_path: std::env::join_paths(folders).unwrap(),
            file,
        }
    }

    /// Compiles a program without evcxr and without the kernel; `kinds` may name crates that are only known to the library.
    fn compile(&self, program: &str, kinds: &str, arguments: &[&str]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("program.rs"), program).unwrap();
        let dependencies = self.file.with_file_name("deps");
        let named = |name: &str, file: &Path| format!("--extern={name}={}", file.display());
        let mut command = Command::new("rustc");
        command
            .args(["program.rs", "--crate-name", "ctx", "--edition", "2024"])
            .args(["-C", "prefer-dynamic", "--cap-lints", "allow"])
            .arg(format!("-Ldependency={}", dependencies.display()))
            .arg(named("genolens", &self.file))
            .args(arguments)
            .current_dir(folder.path());
        for file in std::fs::read_dir(dependencies).unwrap().flatten() {
            let text = file.file_name().to_string_lossy().into_owned();
            if let Some((name, "rmeta")) = text
                .strip_prefix("lib")
                .and_then(|name| Some((name.split_once('-')?.0, name.rsplit_once('.')?.1)))
                && is_root(name, kinds)
            {
                command.arg(named(name, &file.path()));
            }
        }
        let done = command.output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
        folder
    }
}

/// Tells whether a path in these types begins with this crate.
fn is_root(name: &str, kinds: &str) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let start = format!("{name}::");
    kinds
        .match_indices(&start)
        .any(|(at, _)| !kinds[..at].ends_with(part))
}

#[test]
fn types_are_those_of_a_program_that_the_plain_compiler_makes() {
    let mut kernel = session();
    let cases = cases();
    let mut body = String::new();
    for case in &cases {
        if let Case::Typed(cell, kind) = case {
            // The compiler takes the variable for exactly the type that is written.
            let _ = writeln!(body, "{{ {cell} told(&a, PhantomData::<{kind}>); }}");
        }
    }
    let program = format!(
        "{ITEMS}\nuse std::marker::PhantomData;\n\
         fn told<T>(_: &T, _: PhantomData<T>) {{ println!(\"{{}}\", std::any::type_name::<T>()); }}\n\
         fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {{\n{body}Ok(())\n}}"
    );
    let library = Library::of(&mut kernel);
    let folder = library.compile(&program, "", &["-o", "program"]);
    let done = Command::new(folder.path().join("program"))
        .env("LD_LIBRARY_PATH", &library.run_path)
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let expected = String::from_utf8(done.stdout).unwrap();
    let mut expected = expected.lines();
    kernel.run(ITEMS).ok();
    for case in &cases {
        match case {
            Case::Typed(cell, _) => {
                kernel.run(cell).ok();
                // In a later cell the variable has the type that the kernel has noted.
                let noted = kernel.run("println!(\"{}\", std::any::type_name_of_val(&a));");
                assert_eq!(Some(printed(noted).trim()), expected.next(), "{cell}");
            }
            Case::Nameless(cell, words) => {
                let (name, value, _) = error(&kernel.run(cell));
                let said = format!("{name}: {value}");
                assert!(
                    words.iter().all(|word| said.contains(word)),
                    "{cell}: {said}"
                );
            }
        }
    }
    assert_eq!(expected.next(), None);
}

/// Sizes of a notebook that trains for minutes, and smaller ones that leave the same types.
const SMALLER: [[&str; 2]; 2] = [
    ["else { 2_000 };", "else { 300 };"],
    ["else { 12 };", "else { 2 };"],
];

/// The code cells of every notebook of the repository, with its name.
fn notebooks() -> Vec<(String, Vec<String>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../notebooks");
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    found.retain(|path| path.extension().is_some_and(|kind| kind == "ipynb"));
    found.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let notebook: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cells = notebook["cells"].as_array().unwrap().iter();
        let code = cells
            .filter(|cell| cell["cell_type"] == "code")
            .map(|cell| {
                let lines = cell["source"].as_array().unwrap().iter();
                let text: String = lines.filter_map(|line| line.as_str()).collect();
                let smaller = |text: String, [from, to]: [&str; 2]| text.replace(from, to);
                SMALLER.into_iter().fold(text, smaller)
            });
        (
            path.file_name().unwrap().to_string_lossy().into_owned(),
            code.collect(),
        )
    };
    found.into_iter().map(read).collect()
}

/// The variables of a session and the types that it has noted.
fn noted(ran: Ran) -> Vec<(String, String)> {
    let listed = ran.ok().into_iter().find_map(|message| match message {
        Content::ExecuteResult(result) => serde_json::to_value(result.data).ok(),
        _ => None,
    });
    let listed = listed.unwrap_or_default();
    let lines = listed["text/plain"].as_str().unwrap_or_default().lines();
    let pairs = lines.filter_map(|line| line.split_once(": "));
    pairs
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect()
}

/// A cell as statements, the last of which shows its value as a cell does: by a reference.
fn statements(cell: &str) -> String {
    let mut block: syn::Block = syn::parse_str(&format!("{{{cell}\n}}")).unwrap();
    let shown = match block.stmts.pop() {
        Some(syn::Stmt::Expr(shown, None)) => quote!(let _ = &#shown;),
        last => quote!(#last),
    };
    let rest = block.stmts;
    quote!(#(#rest)* #shown).to_string()
}

#[test]
#[expect(
    clippy::print_stderr,
    reason = "whoever reads the test's output must know"
)]
fn variables_of_notebooks_have_the_types_that_a_program_gives_them() {
    let mut seen = 0;
    for (name, cells) in notebooks() {
        let needs_data = cells.iter().any(|cell| cell.contains("GENOLENS_DATA"));
        if needs_data && std::env::var_os("GENOLENS_DATA").is_none() {
            eprintln!("skipped: {name} needs GENOLENS_DATA");
            continue;
        }
        let mut kernel = session();
        let (mut body, mut kinds) = (String::new(), String::new());
        for cell in &cells {
            kernel.run(cell).ok();
            let _ = writeln!(body, "{{ {}", statements(cell));
            for (variable, kind) in noted(kernel.run(":vars")) {
                let _ = writeln!(
                    body,
                    "let _: PhantomData<{kind}> = type_that_is_found(&{variable});"
                );
                kinds.push_str(&format!("{kind}\n"));
                seen += 1;
            }
        }
        // Each cell in a block inside the one before, so that it may define a name anew.
        let program = format!(
            "use std::marker::PhantomData; fn type_that_is_found<T>(_: &T) -> PhantomData<T> {{ PhantomData }}\n\
             pub fn notebook() -> Result<(), Box<dyn std::error::Error>> {{\n{body}{}\nOk(()) }}",
            "}".repeat(cells.len())
        );
        let library = Library::of(&mut kernel);
        library.compile(&program, &kinds, &["--crate-type=lib", "--emit=metadata"]);
    }
    assert!(seen > 50, "notebooks keep variables: {seen}");
}
