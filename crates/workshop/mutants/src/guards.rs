//! Critical sections: where a lock's guard begins to live, and changes to how long it
//! does.

use crate::mutants::{Collector, does_something};
use crate::source::{self, Source};
use std::collections::HashMap;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprMethodCall, Local, Pat, Stmt};

/// The call of `lock`, `read` or `write` below an `unwrap` or the like.
pub fn lock_call(expr: &Expr) -> Option<&ExprMethodCall> {
    let Expr::MethodCall(call) = expr else { return None };
    let name = call.method.to_string();
    match &*name {
        "lock" | "read" | "write" if call.args.is_empty() => Some(call),
        "unwrap" | "expect" | "unwrap_or_else" => lock_call(&call.receiver),
        _ => None,
    }
}

/// The expressions in a part of the tree that make a guard.
#[derive(Default)]
pub struct Locks<'a>(pub Vec<&'a Expr>);

impl<'a> Visit<'a> for Locks<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if lock_call(expr).is_some() {
            self.0.push(expr);
        } else {
            visit::visit_expr(self, expr);
        }
    }

    // What a closure does, it does at another time.
    fn visit_expr_closure(&mut self, _: &'a syn::ExprClosure) {}

    fn visit_block(&mut self, _: &'a Block) {}
}

/// A guard that a statement of a block gives a name.
struct Guard {
    name: String,
    /// How it is made.
    lock: String,
    /// Which statement makes it.
    at: usize,
}

/// The guards of a block, in the order in which they are made.
fn guards(source: Source<'_>, block: &Block) -> Vec<Guard> {
    let mut locks: HashMap<String, String> = HashMap::new();
    let mut found = vec![];
    for (at, stmt) in block.stmts.iter().enumerate() {
        let Stmt::Local(Local { pat, init: Some(init), .. }) = stmt else { continue };
        let Some(name) = name_of(pat) else { continue };
        let lock = if lock_call(&init.expr).is_some() {
            Some(source.text(&init.expr))
        } else {
            waited_with(&init.expr).and_then(|guard| locks.get(&guard).cloned())
        };
        if let Some(lock) = lock {
            locks.insert(name.clone(), lock.clone());
            found.push(Guard { name, lock, at });
        }
    }
    found
}

fn name_of(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(pat) if pat.subpat.is_none() => Some(pat.ident.to_string()),
        Pat::Type(pat) => name_of(&pat.pat),
        _ => None,
    }
}

/// The name of the guard that `condvar.wait…(guard, …)` takes and gives back.
fn waited_with(expr: &Expr) -> Option<String> {
    let Expr::MethodCall(call) = expr else { return None };
    let name = call.method.to_string();
    match (&*name, call.args.first()) {
        ("unwrap" | "expect", _) => waited_with(&call.receiver),
        ("wait" | "wait_while", Some(Expr::Path(path))) => Some(path.path.get_ident()?.to_string()),
        _ => None,
    }
}

/// Shrinks, splits and extends the critical sections of a block.
pub fn collect(to: &mut Collector<'_>, block: &Block) {
    let source = to.source;
    for Guard { name, lock, at } in guards(source, block) {
        let later = &block.stmts[at + 1..];
        // Where the same name is bound anew, this guard is gone.
        let end = later.iter().position(|stmt| binds(stmt, &name)).map_or(later.len(), |again| again + 1);
        let later = &later[..end];
        let uses: Vec<Vec<Range<usize>>> = later.iter().map(|stmt| source::uses_of(&name, stmt)).collect();
        let Some(last) = uses.iter().rposition(|uses| !uses.is_empty()) else { continue };
        for (stmt, next) in later.iter().zip(&later[1.min(later.len())..]).take(last) {
            let again = format!(" drop({name}); let mut {name} = {lock};");
            let what = format!("split the critical section of `{name}` before `{}`", source.short(next));
            to.add(what, vec![source.insert(source.range(stmt).end, again)]);
        }
        let rest = &later[last + 1..];
        if rest.iter().any(does_something) && !matches!(later[last], Stmt::Expr(_, None)) {
            let what = format!("end the critical section of `{name}` before `{}`", source.short(&rest[0]));
            let release = format!(" drop({name});");
            to.add(what, vec![source.insert(source.range(&later[last]).end, release)]);
        }
        let all: Vec<Range<usize>> = uses.into_iter().flatten().collect();
        let Stmt::Local(Local { init: Some(init), .. }) = &block.stmts[at] else { continue };
        if all.len() > 1 && lock_call(&init.expr).is_some() {
            let mut edits = vec![source.replace(&block.stmts[at], "")];
            edits.extend(all.into_iter().map(|range| source::Edit { range, with: lock.clone() }));
            to.add(format!("acquire `{lock}` for each use of `{name}`"), edits);
        }
    }
    // A guard without a name lives until the end of its statement.
    let but_the_last = block.stmts.len().saturating_sub(1);
    for stmt in &block.stmts[..but_the_last] {
        let mut locks = Locks::default();
        locks.visit_stmt(stmt);
        let is_named =
            matches!(stmt, Stmt::Local(Local { init: Some(init), .. }) if lock_call(&init.expr).is_some());
        if let ([lock], false) = (&locks.0[..], is_named) {
            let guard = format!("let mut held = {}; ", source.text(*lock));
            let what = format!("extend the critical section of `{}`", source.short(stmt));
            to.add(
                what,
                vec![source.insert(stmt.span().byte_range().start, guard), source.replace(*lock, "held")],
            );
        }
    }
}

fn binds(stmt: &Stmt, name: &str) -> bool {
    matches!(stmt, Stmt::Local(local) if name_of(&local.pat).is_some_and(|bound| bound == name))
}
