//! Cells that come again.

use crate::front_end::Ran;
use crate::rust::{error, printed, session};

/// A comment that no cell of an earlier run has had, so that the first compilation is one.
fn unheard() -> String {
    format!("// {}", uuid::Uuid::new_v4())
}

fn was_compiled(ran: &Ran) -> bool {
    let [compile, link, _run] = ran.seconds.expect("the reply tells the times");
    assert_eq!(compile > 0.0, link > 0.0, "{compile} {link} {ran:?}");
    compile > 0.0
}

#[test]
fn a_repeated_cell_is_not_compiled_again_in_this_session_or_another() {
    let (mut one, mut other) = (session(), session());
    let mark = unheard();
    let define = format!("let numbers = vec![1.5, 2.5]; {mark}");
    let show = format!("println!(\"{{numbers:?}}\"); {mark}");
    let first = one.run(&define);
    assert!(was_compiled(&first));
    first.ok();
    let first = one.run(&show);
    assert!(was_compiled(&first));
    assert_eq!(printed(first), "[1.5, 2.5]\n");
    one.run("let unrelated = 'x'; let numbers = [numbers, vec![3.5]].concat();")
        .ok();
    let again = one.run(&show);
    assert!(!was_compiled(&again));
    assert_eq!(printed(again), "[1.5, 2.5, 3.5]\n");
    let again = one.run(&define);
    assert!(!was_compiled(&again));
    again.ok();
    for cell in [&define, &show] {
        let again = other.run(cell);
        assert!(!was_compiled(&again), "{cell}");
        again.ok();
    }
}

#[test]
fn the_same_text_with_other_types_or_functions_is_another_cell() {
    let mut kernel = session();
    let size = format!(
        "println!(\"{{}} {{}}\", size_of_val(&x), f()); {}",
        unheard()
    );
    kernel.run("let x = 1_u32; fn f() -> u8 { 1 }").ok();
    assert_eq!(printed(kernel.run(&size)), "4 1\n");
    kernel.run("let x = 1_u8;").ok();
    assert_eq!(printed(kernel.run(&size)), "1 1\n");
    kernel.run("fn f() -> u8 { 2 }").ok();
    assert_eq!(printed(kernel.run(&size)), "1 2\n");
    kernel.run("struct P { a: u64 } let x = P { a: 1 };").ok();
    assert_eq!(printed(kernel.run(&size)), "8 2\n");
    kernel
        .run("struct P { a: u64, b: u64 } let x = P { a: 1, b: 2 };")
        .ok();
    assert_eq!(printed(kernel.run(&size)), "16 2\n");
}

#[test]
fn a_recognised_cell_starts_afresh_and_its_panic_is_found() {
    let mut kernel = session();
    let count = format!(
        "use std::sync::atomic::{{AtomicU8, Ordering}};\n{{ static N: AtomicU8 = AtomicU8::new(0); println!(\"{{}}\", N.fetch_add(1, Ordering::SeqCst)); }} {}",
        unheard()
    );
    for _ in 0..3 {
        assert_eq!(printed(kernel.run(&count)), "0\n");
    }
    let fail = format!(
        "let values = [1, 2]; {}\nlet index = values.len();\nprintln!(\"{{}}\", values[index]);",
        unheard()
    );
    let before = error(&session().run(&fail)).2;
    assert!(before.contains("3 | println!"), "{before}");
    let mut other = session();
    let ran = other.run(&fail);
    assert!(!was_compiled(&ran));
    assert!(error(&ran).2.contains("3 | println!"), "{:?}", error(&ran));
}

#[test]
fn a_cell_that_reads_a_file_reads_it_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("note.txt");
    let mut kernel = session();
    let read = format!("println!(\"{{}}\", include_str!({file:?}));");
    for text in ["first", "second"] {
        std::fs::write(&file, text).unwrap();
        assert_eq!(printed(kernel.run(&read)), format!("{text}\n"));
    }
}
