//! How much the compiler should try.
//!
//! A cell that only calls the library is quickest unoptimised: the library is optimised already, and optimising the calls can take
//! seconds. A loop in which the cell itself computes is worth more. So a cell is optimised when it, or a function of the session
//! that it mentions, has a loop that calculates, counts or indexes. A loop with a `?` in it calls the library, and is not one.

use quote::ToTokens;
use std::collections::BTreeSet;
use syn::visit::{self, Visit};

/// The optimisation level for a source in which nobody has asked for one.
pub(super) fn level(source: &str) -> &'static str {
    let Ok(file) = syn::parse_file(source) else {
        return "0";
    };
    let (cells, items): (Vec<&syn::Item>, Vec<&syn::Item>) = file
        .items
        .iter()
        .partition(|item| matches!(item, syn::Item::Fn(item) if item.sig.abi.is_some()));
    let busy = busy_functions(&items);
    let is_busy = |item: &&syn::Item| has_busy_loop(item) || mentions(item, &busy);
    if cells.iter().any(is_busy) { "2" } else { "0" }
}

/// The names of functions that have a busy loop, or call one that has.
fn busy_functions(items: &[&syn::Item]) -> BTreeSet<String> {
    let mut busy = BTreeSet::new();
    loop {
        let before = busy.len();
        for item in items {
            if has_busy_loop(item) || mentions(item, &busy) {
                let mut names = Functions(Vec::new());
                names.visit_item(item);
                busy.extend(names.0);
            }
        }
        if busy.len() == before {
            return busy;
        }
    }
}

fn mentions(item: &syn::Item, names: &BTreeSet<String>) -> bool {
    if names.is_empty() {
        return false;
    }
    item.to_token_stream()
        .to_string()
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .any(|word| names.contains(word))
}

fn has_busy_loop(item: &syn::Item) -> bool {
    let mut loops = Loops(false);
    loops.visit_item(item);
    loops.0
}

struct Functions(Vec<String>);

impl<'ast> Visit<'ast> for Functions {
    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.0.push(signature.ident.to_string());
    }
}

struct Loops(bool);

impl Loops {
    fn look_at(&mut self, body: &syn::Block) {
        let mut work = Work::default();
        work.visit_block(body);
        self.0 |= work.own && !work.library;
        visit::visit_block(self, body);
    }
}

impl<'ast> Visit<'ast> for Loops {
    fn visit_expr_for_loop(&mut self, turn: &'ast syn::ExprForLoop) {
        self.look_at(&turn.body);
    }
    fn visit_expr_while(&mut self, turn: &'ast syn::ExprWhile) {
        self.look_at(&turn.body);
    }
    fn visit_expr_loop(&mut self, turn: &'ast syn::ExprLoop) {
        self.look_at(&turn.body);
    }
}

/// What is done in a loop.
#[derive(Default)]
struct Work {
    own: bool,
    library: bool,
}

impl<'ast> Visit<'ast> for Work {
    fn visit_expr_binary(&mut self, operation: &'ast syn::ExprBinary) {
        use syn::BinOp::{And, Eq, Ge, Gt, Le, Lt, Ne, Or};
        let compares = matches!(
            operation.op,
            And(_) | Or(_) | Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_)
        );
        self.own |= !compares;
        visit::visit_expr_binary(self, operation);
    }
    fn visit_expr_index(&mut self, index: &'ast syn::ExprIndex) {
        self.own = true;
        visit::visit_expr_index(self, index);
    }
    fn visit_expr_try(&mut self, attempt: &'ast syn::ExprTry) {
        self.library = true;
        visit::visit_expr_try(self, attempt);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(items: &str, cell: &str) -> &'static str {
        level(&format!(
            "{items}\n#[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code() {{ {cell} }}"
        ))
    }

    #[test]
    fn calls_of_the_library_are_not_optimised() {
        assert_eq!(
            of(
                "",
                "let model = training::fit(&a, &b, &c)?; model.history()"
            ),
            "0"
        );
        assert_eq!(
            of("", "for n in [4, 8] { models.push(fit(n + 1, &data)?); }"),
            "0"
        );
        assert_eq!(of("", "for name in names { println!(\"{name}\"); }"), "0");
        assert_eq!(
            of("fn f() { for i in 0..9 { s += i; } }", "let x = g();"),
            "0"
        );
    }

    #[test]
    fn loops_that_compute_are_optimised() {
        assert_eq!(of("", "for i in 0..n { s += i; }"), "2");
        assert_eq!(
            of("", "let f = || { while k < n { k = 3 * k + 1; } };"),
            "2"
        );
        assert_eq!(
            of(
                "",
                "for m in [1, 2] { fit(m)?; for i in 0..m { a[i] = b[i]; } }"
            ),
            "2"
        );
        let items = "fn g() -> u8 { f() } fn f() -> u8 { loop { a += 1; } }";
        assert_eq!(of(items, "let x = g();"), "2");
        let method = "impl P { fn sum(&self) -> u8 { for x in self { s += x; } } }";
        assert_eq!(of(method, "p.sum()"), "2");
    }
}
