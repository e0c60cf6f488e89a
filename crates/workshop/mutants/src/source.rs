//! Places in a text, and changes to it.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::ops::Range;
use syn::spanned::Spanned;

/// A text in place of another.
#[derive(Debug, Clone)]
pub struct Edit {
    pub range: Range<usize>,
    pub with: String,
}

/// A text whose parts are found by their place in the tree.
#[derive(Clone, Copy)]
pub struct Source<'a>(pub &'a str);

impl Source<'_> {
    pub fn range(self, node: &impl Spanned) -> Range<usize> {
        node.span().byte_range()
    }

    pub fn text(self, node: &impl Spanned) -> String {
        self.0[self.range(node)].to_string()
    }

    /// In one line, and not too long for one.
    pub fn short(self, node: &impl Spanned) -> String {
        shorten(&self.0[self.range(node)])
    }

    pub fn replace(self, node: &impl Spanned, with: impl Into<String>) -> Edit {
        Edit { range: self.range(node), with: with.into() }
    }

    pub fn insert(self, at: usize, text: impl Into<String>) -> Edit {
        Edit { range: at..at, with: text.into() }
    }

    /// The text with these changes, or nothing if two of them overlap.
    pub fn with(self, mut edits: Vec<Edit>) -> Option<String> {
        edits.sort_by_key(|edit| edit.range.start);
        let mut text = String::new();
        let mut at = 0;
        for edit in edits {
            text += self.0.get(at..edit.range.start)?;
            text += &edit.with;
            at = edit.range.end;
        }
        Some(text + &self.0[at..])
    }
}

/// How much of the code a mutant's name quotes.
const QUOTED: usize = 70;

fn shorten(text: &str) -> String {
    let without_comments = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let words: Vec<&str> = without_comments.flat_map(str::split_whitespace).collect();
    let line = words.join(" ");
    if line.chars().count() <= QUOTED {
        return line;
    }
    line.chars().take(QUOTED - 1).chain(['…']).collect()
}

/// Where a name stands in this part of the tree; not as a field or a method of something
/// else.
pub fn uses_of(name: &str, node: &impl ToTokens) -> Vec<Range<usize>> {
    let mut found = vec![];
    search(name, node.to_token_stream(), &mut found);
    found
}

fn search(name: &str, tokens: TokenStream, found: &mut Vec<Range<usize>>) {
    let mut after_dot = false;
    for token in tokens {
        let is_dot = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
        match token {
            TokenTree::Group(group) => search(name, group.stream(), found),
            TokenTree::Ident(ident) if ident == name && !after_dot => found.push(ident.span().byte_range()),
            _ => {}
        }
        after_dot = is_dot;
    }
}
