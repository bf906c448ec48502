//! Crates that a notebook adds with `:dep`.

use crate::front_end::{FrontEnd, Ran};
use crate::headless::Desk;
use crate::rust::{error, printed, session};
use jupyter_protocol::{JupyterMessageContent as Content, Media, MediaType};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Starts a session, if the registry can be reached.
#[expect(
    clippy::print_stderr,
    reason = "whoever reads the test's output must know"
)]
fn online() -> Option<FrontEnd> {
    let address = "index.crates.io:443".to_socket_addrs();
    let reached = address.is_ok_and(|mut addresses| {
        addresses
            .any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(5)).is_ok())
    });
    if !reached {
        eprintln!("skipped: crates.io cannot be reached");
        return None;
    }
    Some(session())
}

/// What the cell has shown, which must have succeeded.
fn shown(ran: Ran) -> String {
    let plain = |media: &Media| {
        media.content.iter().find_map(|media| match media {
            MediaType::Plain(text) => Some(text.clone()),
            _ => None,
        })
    };
    ran.ok()
        .iter()
        .filter_map(|message| match message {
            Content::DisplayData(display) => plain(&display.data),
            Content::ExecuteResult(result) => plain(&result.data),
            _ => None,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Writes a small package and gives the `:dep` line for it.
pub(crate) fn package(desk: &Desk, name: &str, more: &str, code: &str) -> String {
    std::fs::create_dir_all(desk.path(&format!("{name}/src"))).unwrap();
    desk.write(
        &format!("{name}/Cargo.toml"),
        format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{more}"),
    );
    desk.write(&format!("{name}/src/lib.rs"), code);
    format!(
        ":dep {name} = {{ path = \"{}\" }}",
        desk.path(name).display()
    )
}

#[test]
fn a_notebook_for_the_stock_kernel_may_add_the_library() {
    let mut kernel = session();
    let said = printed(kernel.run(
        ":dep genolens = { path = \"/somewhere\" }\nuse genolens::*;\nlet x = network::deepbind(4);\nprintln!(\"kept\");",
    ));
    assert!(
        said.contains("`:dep genolens` adds nothing here") && said.ends_with("kept\n"),
        "{said}"
    );
    // Lines are counted as they were written.
    let (_, _, traceback) = error(&kernel.run(":dep genolens\nlet y = 1;\npanic!(\"here\");"));
    assert!(traceback.contains("line 3"), "{traceback}");
    kernel.run("let network = x; drop(network);").ok();
}

#[test]
fn the_librarys_own_crates_are_not_compiled_again() {
    let Some(mut kernel) = online() else { return };
    for (dep, code, value) in [
        (
            ":dep ndarray = \"0.17\"",
            "let a: genolens::ndarray::Array2<f64> = ndarray::Array2::eye(3); a.sum()",
            "3.0",
        ),
        (
            ":dep candle-core = \"0.11\"",
            "let t: genolens::candle_core::Tensor = candle_core::Tensor::new(&[1f32, 2.0], &candle_core::Device::Cpu)?; t.dims()",
            "[2]",
        ),
        (
            ":dep polars",
            "let d: genolens::polars::prelude::DataFrame = polars::df!(\"a\" => [1, 2, 3])?; d.height()",
            "3",
        ),
    ] {
        let said = shown(kernel.run(dep));
        assert!(
            said.contains("(the library's own)")
                && (said.contains("nothing to compile") || said.contains("compiled before")),
            "{said}"
        );
        assert_eq!(shown(kernel.run(code)), value);
    }
    // One array went through three additions.
    assert_eq!(shown(kernel.run("a.nrows()")), "3");
}

#[test]
fn a_crate_on_top_of_ndarray_takes_the_librarys_arrays() {
    let Some(mut kernel) = online() else { return };
    kernel
        .run("let a = genolens::ndarray::array![[1.0, 5.0], [3.0, 4.0]];")
        .ok();
    let said = shown(kernel.run(":dep ndarray-stats = \"0.7\""));
    assert!(
        said.contains("0 of the library's") || said.contains("compiled before"),
        "{said}"
    );
    assert!(!said.contains("separate copy"), "{said}");
    assert_eq!(
        shown(kernel.run("use ndarray_stats::QuantileExt; *a.max()?")),
        "5.0"
    );
    // What the crate makes is the library's too.
    kernel
        .run("let b: genolens::ndarray::Array1<f64> = { use ndarray_stats::SummaryStatisticsExt; \
              a.weighted_mean_axis(genolens::ndarray::Axis(0), &genolens::ndarray::array![1.0, 1.0])? };")
        .ok();
    assert_eq!(printed(kernel.run("println!(\"{b}\");")), "[2, 4.5]\n");
}

#[test]
fn another_version_is_a_separate_copy_and_the_cell_says_so() {
    let Some(mut kernel) = online() else { return };
    let said = shown(kernel.run(":dep itoa = \"0.4\""));
    assert!(
        !said.contains("separate copy"),
        "the library gives no types of itoa: {said}"
    );
    let said = shown(kernel.run(":dep plotters-backend = \"=0.3.6\""));
    assert!(
        said.contains("plotters-backend 0.3.6 is a separate copy")
            && said.contains("the library is built with plotters-backend 0.3."),
        "{said}"
    );
}

#[test]
fn what_cannot_be_added_is_one_error_and_the_session_goes_on() {
    let Some(mut kernel) = online() else { return };
    kernel.run("let kept = vec![1, 2, 3];").ok();
    let desk = Desk::new();
    let broken = package(&desk, "broken", "", "pub fn f() -> i32 { \"no number\" }");
    for (dep, word) in [
        (
            ":dep a-name-that-nobody-has-taken-x7 = \"1\"",
            "no matching package named `a-name-that-nobody-has-taken-x7`",
        ),
        (":dep itoa = \"99\"", "itoa = \"^99\""),
        (
            ":dep nowhere = { path = \"/nowhere/at/all\" }",
            "/nowhere/at/all",
        ),
        (
            ":dep nogit = { git = \"file:///nowhere/at/all\" }",
            "/nowhere/at/all",
        ),
        (&broken, "`broken` does not compile"),
    ] {
        let (name, value, traceback) = error(&kernel.run(dep));
        assert!(traceback.contains(word), "{name}: {value}\n{traceback}");
        assert_eq!(shown(kernel.run("kept.len()")), "3");
    }
    // The same name works once it is right.
    kernel.run(":dep itoa = \"1\"").ok();
    assert_eq!(
        shown(kernel.run("itoa::Buffer::new().format(kept.len()).to_owned()")),
        "\"3\""
    );
}

#[test]
fn statics_of_an_added_crate_exist_once() {
    let mut kernel = session();
    let desk = Desk::new();
    let counter = package(
        &desk,
        "counter",
        "",
        "use std::sync::atomic::{AtomicU32, Ordering};\nstatic COUNT: AtomicU32 = AtomicU32::new(0);\n\
         pub fn next() -> u32 { COUNT.fetch_add(1, Ordering::SeqCst) + 1 }",
    );
    let other = package(&desk, "other", "", "pub fn two() -> u32 { 2 }");
    let said = shown(kernel.run(&counter));
    assert!(
        said.contains("adding counter: 1 crate to compile")
            && said.contains("added counter 1.0.0 in"),
        "{said}"
    );
    assert_eq!(shown(kernel.run("counter::next()")), "1");
    assert_eq!(shown(kernel.run("counter::next()")), "2");
    kernel.run(&other).ok();
    assert_eq!(shown(kernel.run("counter::next() + other::two()")), "5");
}

#[test]
fn functions_of_c_are_found_behind_generic_functions() {
    let mut kernel = session();
    let desk = Desk::new();
    let line = package(
        &desk,
        "native",
        "",
        "unsafe extern \"C\" { fn native_next() -> i32; }\n\
         pub fn next<T: Into<i32>>(add: T) -> i32 { unsafe { native_next() + add.into() } }",
    );
    desk.write(
        "native/next.c",
        "static int state = 0; int native_next(void) { return ++state; }",
    );
    desk.write(
        "native/build.rs",
        "use std::process::Command;\nfn main() {\n\
         let out = std::env::var(\"OUT_DIR\").unwrap();\n\
         let object = format!(\"{out}/next.o\");\n\
         assert!(Command::new(\"cc\").args([\"-c\", \"-fPIC\", \"next.c\", \"-o\", &object]).status().unwrap().success());\n\
         assert!(Command::new(\"ar\").args([\"crs\", &format!(\"{out}/libnext.a\"), &object]).status().unwrap().success());\n\
         println!(\"cargo:rustc-link-search=native={out}\");\n\
         println!(\"cargo:rustc-link-lib=static=next\");\n}",
    );
    kernel.run(&line).ok();
    assert_eq!(shown(kernel.run("native::next(0)")), "1");
    assert_eq!(shown(kernel.run("native::next(10u8)")), "12");
}

#[test]
fn the_next_session_finds_what_was_added_before() {
    let Some(mut kernel) = online() else { return };
    let cells = [":dep hex = \"0.4\"", ":dep fnv = \"1\""];
    for cell in cells {
        let said = shown(kernel.run(cell));
        assert!(said.contains("added "), "{said}");
    }
    let mut kernel = session();
    kernel.run("let kept = vec![1u8, 171];").ok();
    for cell in cells {
        let said = shown(kernel.run(cell));
        assert!(said.contains("compiled before"), "{said}");
    }
    assert_eq!(shown(kernel.run("hex::encode(&kept)")), "\"01ab\"");
    // What comes on top is compiled on top.
    let said = shown(kernel.run(":dep itoa = \"0.4\""));
    assert!(
        said.contains("added itoa 0.4")
            && (said.contains("1 crate compiled") || said.contains("compiled before")),
        "{said}"
    );
    kernel
        .run("let map: fnv::FnvHashMap<u8, String> = [(1, hex::encode(&kept))].into_iter().collect();")
        .ok();
    assert_eq!(shown(kernel.run("map[&1].clone()")), "\"01ab\"");
}

#[test]
fn a_crate_of_the_persons_is_built_again_when_its_source_changes() {
    let mut kernel = session();
    let desk = Desk::new();
    let code = |kind: &str, value: &str| {
        format!(
            "#[derive(Clone, Debug)] pub struct Kept {{ pub x: {kind} }}\npub fn make() -> Kept {{ Kept {{ x: {value} }} }}"
        )
    };
    let line = package(&desk, "changing", "", &code("i64", "4"));
    kernel.run("let other = 1i64;").ok();
    kernel
        .run(&format!("{line}\nlet kept = changing::make();"))
        .ok();
    assert_eq!(shown(kernel.run("kept.x + other")), "5");
    // The clock of the file system may be coarse.
    std::thread::sleep(Duration::from_millis(50));
    desk.write("changing/src/lib.rs", code("f64", "0.5"));
    let ran = kernel.run("changing::make().x");
    assert!(shown(ran).ends_with("0.5"));
    // A value of the old type is not read as one of the new.
    let (_, value, _) = error(&kernel.run("kept.x"));
    assert!(value.contains("kept"), "{value}");
    assert_eq!(shown(kernel.run("other")), "1");
}

#[test]
fn extern_crate_adds_a_crate_by_its_name() {
    let Some(mut kernel) = online() else { return };
    kernel.run("extern crate itoa;").ok();
    assert_eq!(
        shown(kernel.run("itoa::Buffer::new().format(7).to_owned()")),
        "\"7\""
    );
    kernel
        .run("extern crate genolens; let s = genolens::random::Seed::new(1);")
        .ok();
}

#[test]
fn a_feature_that_the_image_lacks_makes_copies_only_where_it_is_needed() {
    let Some(mut kernel) = online() else { return };
    let desk = Desk::new();
    let needs = "ndarray = \"0.17\"\nmatrixmultiply = { version = \"0.3\", features = [\"avx512\", \"constconf\"] }\n";
    let line = package(
        &desk,
        "habit",
        needs,
        "pub use matrixmultiply::dgemm;\n\
         pub fn sum(a: &ndarray::Array1<f64>) -> f64 { 2.0 * a.sum() }",
    );
    let said = shown(kernel.run(&line));
    assert!(
        said.contains("1 crate compiled, 0 of the library's")
            && said.contains("which lacks `avx512`, `constconf`"),
        "{said}"
    );
    assert_eq!(
        shown(kernel.run("habit::sum(&genolens::ndarray::array![1.0, 2.0])")),
        "6.0"
    );
    let mut kernel = session();
    let needs = "ndarray = \"0.17\"\nnum-complex = { version = \"0.4\", features = [\"serde\"] }\nserde = \"1\"\n";
    let line = package(
        &desk,
        "need",
        needs,
        "fn is_written<T: serde::Serialize>() {}\n\
         pub fn sum(a: &ndarray::Array1<f64>) -> f64 { is_written::<num_complex::Complex64>(); a.sum() }",
    );
    let said = shown(kernel.run(&line));
    assert!(
        said.contains("is a separate copy for need: it needs num-complex"),
        "{said}"
    );
    let (_, value, _) = error(&kernel.run("need::sum(&genolens::ndarray::array![1.0, 2.0])"));
    assert!(value.contains("mismatched types"), "{value}");
    kernel.run("need::sum;").ok();
}
