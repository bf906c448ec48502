//! Globs inside the braces of a `use`, which evcxr forgets: `use a::{*, b::C};` would import `C` alone.

use syn::UseTree;

/// The globs within braces, each as a `use` of its own.
pub(super) fn grouped(item: &syn::ItemUse) -> String {
    let mut found = Vec::new();
    let root = if item.leading_colon.is_some() {
        "::"
    } else {
        ""
    };
    collect(&item.tree, root, false, &mut found);
    found.iter().map(|path| format!(" use {path}*;")).collect()
}

fn collect(tree: &UseTree, path: &str, grouped: bool, found: &mut Vec<String>) {
    match tree {
        UseTree::Path(step) => {
            let path = format!("{path}{}::", step.ident);
            // A glob behind a path of its own is seen.
            collect(&step.tree, &path, false, found);
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                collect(tree, path, true, found);
            }
        }
        UseTree::Glob(_) if grouped => found.push(path.to_owned()),
        UseTree::Glob(_) | UseTree::Name(_) | UseTree::Rename(_) => {}
    }
}

#[cfg(test)]
mod tests {
    fn grouped(code: &str) -> String {
        super::grouped(&syn::parse_str(code).unwrap())
    }

    #[test]
    fn only_globs_that_stand_alone_in_braces_are_repeated() {
        assert_eq!(grouped("use a::{*, b::C};"), " use a::*;");
        assert_eq!(grouped("use ::a::{b::{self, *}, c::*};"), " use ::a::b::*;");
        assert_eq!(grouped("use a::*;"), "");
        assert_eq!(grouped("use a::{b, c};"), "");
    }
}
