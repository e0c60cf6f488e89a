//! Small changes to a file.

use crate::guards::{self, Locks, lock_call};
use crate::source::{Edit, Source, uses_of};
use std::collections::{BTreeMap, HashSet};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, Fields, File, Item, Lit, Stmt, Token};

/// A file with one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// Where the change is and what it is, in one line; no two mutants of a file have the
    /// same name.
    pub name: String,
    /// The whole file.
    pub text: String,
}

/// The mutants of a file, in the order of their places.
///
/// # Errors
/// When the text is not Rust.
pub fn mutants(text: &str) -> syn::Result<Vec<Mutant>> {
    let file = syn::parse_file(text)?;
    let mut to = Collector { source: Source(text), place: vec![], found: vec![] };
    to.visit_file(&file);
    of_instances(&mut to, &file);
    of_channels(&mut to, &file);
    of_timeouts(&mut to, &file);
    let mut seen = HashSet::from([text.to_string()]);
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut mutants = vec![];
    for Draft { name, edits } in to.found {
        // A change that leaves no Rust behind is no mutant.
        let is_new_rust = |text: &String| syn::parse_file(text).is_ok() && seen.insert(text.clone());
        let Some(text) = Source(text).with(edits).filter(is_new_rust) else { continue };
        let times = names.entry(name.clone()).and_modify(|times| *times += 1).or_insert(1);
        let name = if *times == 1 { name } else { format!("{name} ({times})") };
        mutants.push(Mutant { name, text });
    }
    Ok(mutants)
}

struct Draft {
    name: String,
    edits: Vec<Edit>,
}

/// Walks through a file, and collects the changes.
pub struct Collector<'a> {
    pub(crate) source: Source<'a>,
    /// The type and the function that it is in.
    place: Vec<String>,
    found: Vec<Draft>,
}

impl Collector<'_> {
    pub(crate) fn add(&mut self, what: impl AsRef<str>, edits: Vec<Edit>) {
        let mut name = self.place.join("::");
        if !name.is_empty() {
            name += ": ";
        }
        self.found.push(Draft { name: name + what.as_ref(), edits });
    }

    /// Puts one text in the place of a part of the tree.
    fn replace(&mut self, node: &impl Spanned, with: &str, around: &impl Spanned) {
        let (old, around) = (self.source.short(node), self.source.short(around));
        let what = if old == around {
            format!("`{old}` becomes `{with}`")
        } else {
            format!("`{old}` becomes `{with}` in `{around}`")
        };
        self.add(what, vec![self.source.replace(node, with)]);
    }

    fn within(&mut self, name: String, f: impl FnOnce(&mut Self)) {
        self.place.push(name);
        f(self);
        self.place.pop();
    }

    fn negate(&mut self, condition: &Expr) {
        if !matches!(condition, Expr::Let(_)) {
            let text = self.source.text(condition);
            let what = format!("negate `{}`", self.source.short(condition));
            self.add(what, vec![self.source.replace(condition, format!("!({text})"))]);
        }
    }

    fn statements(&mut self, block: &Block) {
        let source = self.source;
        for stmt in &block.stmts {
            if matches!(stmt, Stmt::Item(_)) {
                continue;
            }
            self.add(format!("delete `{}`", source.short(stmt)), vec![source.replace(stmt, "")]);
            if is_join(stmt) {
                let nap = "std::thread::sleep(std::time::Duration::from_millis(50));";
                let what = format!("sleep in place of `{}`", source.short(stmt));
                self.add(what, vec![source.replace(stmt, nap)]);
            }
        }
        for pair in block.stmts.windows(2) {
            let [first, second] = pair else { unreachable!() };
            let is_tail = matches!(second, Stmt::Expr(second, None) if !is_block(second));
            if !is_tail && does_something(first) && does_something(second) {
                let what = format!("swap `{}` and `{}`", source.short(first), source.short(second));
                let edits = vec![
                    source.replace(first, source.text(second)),
                    source.replace(second, source.text(first)),
                ];
                self.add(what, edits);
            }
        }
        // Each lock in the place of the other.
        let mut locks = Locks::default();
        for stmt in &block.stmts {
            locks.visit_stmt(stmt);
        }
        let locks: Vec<&Expr> = locks.0.iter().filter_map(|lock| Some(&*lock_call(lock)?.receiver)).collect();
        for (at, first) in locks.iter().enumerate() {
            for second in &locks[at + 1..] {
                let (one, other) = (source.text(*first), source.text(*second));
                if one != other {
                    let what = format!("swap the locks `{one}` and `{other}`");
                    self.add(what, vec![source.replace(*first, other), source.replace(*second, one)]);
                }
            }
        }
    }

    fn method_call(&mut self, call: &syn::ExprMethodCall) {
        let source = self.source;
        let receiver = source.text(&call.receiver);
        let args: Vec<String> = call.args.iter().map(|arg| source.text(arg)).collect();
        let name = call.method.to_string();
        let mut becomes = |other: &str| {
            let what = format!("`{name}` becomes `{other}` in `{}`", source.short(call));
            self.add(what, vec![source.replace(&call.method, other)]);
        };
        match (&*name, args.len()) {
            ("notify_one", 0) => becomes("notify_all"),
            ("notify_all", 0) => becomes("notify_one"),
            ("read", 0) => becomes("write"),
            ("write", 0) => becomes("read"),
            ("pop_front", 0) => becomes("pop_back"),
            ("pop_back", 0) => becomes("pop_front"),
            ("push_front", 1) => becomes("push_back"),
            ("push_back", 1) => becomes("push_front"),
            ("recv", 0) => becomes("try_recv"),
            ("send", 1) => becomes("try_send"),
            ("min", 1) => becomes("max"),
            ("max", 1) => becomes("min"),
            ("is_some", 0) => becomes("is_none"),
            ("is_none", 0) => becomes("is_some"),
            ("is_ok", 0) => becomes("is_err"),
            ("is_err", 0) => becomes("is_ok"),
            ("all", 1) => becomes("any"),
            ("any", 1) => becomes("all"),
            ("saturating_sub" | "checked_sub", 1) => becomes("wrapping_sub"),
            _ => {}
        }
        let seq = "std::sync::atomic::Ordering::SeqCst";
        let torn = |new: &str| {
            format!("{{ let now = {receiver}.load({seq}); {receiver}.store({new}, {seq}); now }}")
        };
        let with = match (&*name, &args[..]) {
            ("fetch_add", [by, _]) => Some(torn(&format!("now.wrapping_add({by})"))),
            ("fetch_sub", [by, _]) => Some(torn(&format!("now.wrapping_sub({by})"))),
            ("fetch_or", [by, _]) => Some(torn(&format!("now | {by}"))),
            ("fetch_and", [by, _]) => Some(torn(&format!("now & {by}"))),
            ("fetch_max", [by, _]) => Some(torn(&format!("now.max({by})"))),
            ("fetch_min", [by, _]) => Some(torn(&format!("now.min({by})"))),
            ("swap", [new, _]) => Some(torn(new)),
            ("compare_exchange" | "compare_exchange_weak", [old, new, _, _]) => Some(format!(
                "{{ let now = {receiver}.load({seq}); \
                 if now == {old} {{ {receiver}.store({new}, {seq}); Ok(now) }} else {{ Err(now) }} }}"
            )),
            _ => None,
        };
        if let Some(with) = with {
            let what = format!("a load and a store in place of `{}`", source.short(call));
            self.add(what, vec![source.replace(call, with)]);
        }
        match (&*name, call.args.first()) {
            ("wait_while" | "wait_timeout_while", Some(guard)) => {
                let condition = call.args.last().filter(|_| call.args.len() > 1);
                if let Some(Expr::Closure(condition)) = condition {
                    self.negate(&condition.body);
                    let body = &condition.body;
                    let once = format!("std::mem::take(&mut once) && ({})", source.text(body));
                    let what = format!("wait at most once in `{}`", source.short(call));
                    let edits = vec![
                        source.insert(source.range(call).start, "{ let mut once = true; "),
                        source.replace(body, once),
                        source.insert(source.range(call).end, " }"),
                    ];
                    self.add(what, edits);
                }
                let what = format!("don't wait in `{}`", source.short(call));
                self.add(what, vec![source.replace(call, no_wait(&source.text(guard)))]);
            }
            ("wait", Some(guard)) => {
                let what = format!("don't wait in `{}`", source.short(call));
                self.add(what, vec![source.replace(call, no_wait(&source.text(guard)))]);
            }
            ("min" | "max", Some(_)) => {
                let what = format!("`{}` becomes `{}`", source.short(call), source.short(&call.receiver));
                self.add(what, vec![source.replace(call, receiver.clone())]);
            }
            _ => {}
        }
    }
}

/// What `wait` returns, without waiting.
fn no_wait(guard: &str) -> String {
    format!("Ok::<_, std::sync::PoisonError<()>>({guard})")
}

fn is_block(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::If(_) | Expr::While(_) | Expr::Loop(_) | Expr::ForLoop(_) | Expr::Block(_) | Expr::Match(_)
    )
}

/// Whether what comes after this block is not reached from it.
fn leaves(block: &Block) -> bool {
    let last = block.stmts.last();
    matches!(last, Some(Stmt::Expr(Expr::Return(_) | Expr::Break(_) | Expr::Continue(_), _)))
}

/// Whether the order of this statement among others can matter.
pub fn does_something(stmt: &Stmt) -> bool {
    struct Calls(bool);
    impl Visit<'_> for Calls {
        fn visit_expr(&mut self, expr: &Expr) {
            self.0 |= matches!(
                expr,
                Expr::MethodCall(_)
                    | Expr::Call(_)
                    | Expr::Assign(_)
                    | Expr::Return(_)
                    | Expr::Break(_)
                    | Expr::Macro(_)
            ) || matches!(expr, Expr::Binary(binary) if assigned(&binary.op).is_some());
            visit::visit_expr(self, expr);
        }
        fn visit_expr_closure(&mut self, _: &syn::ExprClosure) {}
    }
    let mut calls = Calls(matches!(stmt, Stmt::Macro(_)));
    calls.visit_stmt(stmt);
    calls.0
}

fn is_join(stmt: &Stmt) -> bool {
    struct Joins(bool);
    impl Visit<'_> for Joins {
        fn visit_expr_method_call(&mut self, call: &syn::ExprMethodCall) {
            self.0 |= call.method == "join" && call.args.is_empty();
            visit::visit_expr_method_call(self, call);
        }
    }
    let mut joins = Joins(false);
    joins.visit_stmt(stmt);
    joins.0
}

/// The operator that an assignment such as `+=` applies.
fn assigned(op: &BinOp) -> Option<&'static str> {
    Some(match op {
        BinOp::AddAssign(_) => "+=",
        BinOp::SubAssign(_) => "-=",
        BinOp::MulAssign(_) => "*=",
        BinOp::DivAssign(_) => "/=",
        BinOp::RemAssign(_) => "%=",
        BinOp::BitAndAssign(_) => "&=",
        BinOp::BitOrAssign(_) => "|=",
        BinOp::BitXorAssign(_) => "^=",
        _ => return None,
    })
}

impl<'a> Visit<'a> for Collector<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        let is_test = |attribute: &syn::Attribute| {
            attribute.path().is_ident("cfg") && self.source.text(attribute).contains("test")
        };
        match item {
            Item::Mod(module) if module.attrs.iter().any(is_test) => {}
            Item::Impl(block) => {
                let name = self.source.short(&block.self_ty);
                let name = name.split('<').next().unwrap_or_default().to_string();
                if block.trait_.as_ref().is_some_and(|(path, _)| path.is_ident("Drop")) {
                    self.add(format!("delete `impl Drop for {name}`"), vec![self.source.replace(item, "")]);
                }
                self.within(name, |to| visit::visit_item(to, item));
            }
            Item::Fn(function) => {
                self.within(function.sig.ident.to_string(), |to| visit::visit_item(to, item));
            }
            Item::Static(one) => self.within(one.ident.to_string(), |to| visit::visit_item(to, item)),
            Item::Macro(one)
                if one.mac.path.segments.last().is_some_and(|last| last.ident == "thread_local") =>
            {
                if let Ok(inside) = syn::parse2::<File>(one.mac.tokens.clone()) {
                    for item in &inside.items {
                        self.visit_item(item);
                    }
                }
            }
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        self.within(function.sig.ident.to_string(), |to| visit::visit_impl_item_fn(to, function));
    }

    fn visit_block(&mut self, block: &'a Block) {
        self.statements(block);
        guards::collect(self, block);
        visit::visit_block(self, block);
    }

    fn visit_macro(&mut self, one: &'a syn::Macro) {
        if let Ok(arguments) = one.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            for argument in &arguments {
                Visit::visit_expr(self, argument);
            }
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        let source = self.source;
        match expr {
            Expr::If(one) => {
                self.negate(&one.cond);
                match &one.else_branch {
                    // A loop whose body always leaves is an `if`.
                    None if leaves(&one.then_branch) => {}
                    None => {
                        let what = format!("`if` becomes `while` in `{}`", source.short(expr));
                        self.add(what, vec![source.replace(&one.if_token, "while")]);
                    }
                    Some((token, branch)) => {
                        let range = source.range(token).start..source.range(branch).end;
                        let what = format!("delete `else` of `if {}`", source.short(&one.cond));
                        self.add(what, vec![Edit { range, with: String::new() }]);
                    }
                }
            }
            Expr::While(one) => {
                self.negate(&one.cond);
                let what = format!("`while` becomes `if` in `{}`", source.short(expr));
                self.add(what, vec![source.replace(&one.while_token, "if")]);
            }
            Expr::Loop(one) => {
                let end = source.range(&one.body).end - 1;
                let what = format!("run the loop once: `{}`", source.short(expr));
                self.add(what, vec![source.insert(end, " break; ")]);
            }
            Expr::ForLoop(one) => {
                if let Expr::Path(_) = &*one.expr {
                    let what = format!("don't wait in `{}`", source.short(expr));
                    self.add(what, vec![source.insert(source.range(&one.expr).end, ".try_iter()")]);
                }
            }
            Expr::Binary(one) => binary(self, one),
            Expr::Unary(one) if matches!(one.op, syn::UnOp::Not(_)) => {
                let operand = source.text(&one.expr);
                self.replace(expr, &operand, expr);
            }
            Expr::Lit(one) => match &one.lit {
                Lit::Int(number) => {
                    if let Ok(value) = number.base10_parse::<i128>() {
                        for other in [value + 1, value - 1] {
                            self.add(
                                format!("`{number}` becomes `{other}`"),
                                vec![source.replace(number, format!("{other}{}", number.suffix()))],
                            );
                        }
                    }
                }
                Lit::Bool(value) => {
                    let other = !value.value;
                    self.add(
                        format!("`{}` becomes `{other}`", value.value),
                        vec![source.replace(value, other.to_string())],
                    );
                }
                _ => {}
            },
            Expr::Range(one) => {
                let (old, new) = match one.limits {
                    syn::RangeLimits::HalfOpen(_) => ("..", "..="),
                    syn::RangeLimits::Closed(_) => ("..=", ".."),
                };
                let what = format!("`{old}` becomes `{new}` in `{}`", source.short(expr));
                self.add(what, vec![source.replace(&one.limits, new)]);
            }
            Expr::Path(one) => ordering(self, one),
            Expr::MethodCall(one) => self.method_call(one),
            Expr::Call(one) => {
                let name = source.text(&one.func);
                if let ("catch_unwind", [work]) =
                    (name.rsplit("::").next().unwrap_or_default(), &*one.args.iter().collect::<Vec<_>>())
                {
                    let with = format!("Ok::<_, Box<dyn std::any::Any + Send>>(({})())", source.text(*work));
                    self.add("don't catch the panic", vec![source.replace(expr, with)]);
                }
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    // Numbers in types and lengths are not what a program does.
    fn visit_type(&mut self, _: &'a syn::Type) {}

    fn visit_expr_repeat(&mut self, one: &'a syn::ExprRepeat) {
        self.visit_expr(&one.expr);
    }

    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}
}

fn binary(to: &mut Collector<'_>, one: &syn::ExprBinary) {
    let others: &[&str] = match one.op {
        BinOp::Lt(_) => &["<=", ">="],
        BinOp::Le(_) => &["<", ">"],
        BinOp::Gt(_) => &[">=", "<="],
        BinOp::Ge(_) => &[">", "<"],
        BinOp::Eq(_) => &["!=", "<=", ">="],
        BinOp::Ne(_) => &["==", "<", ">"],
        BinOp::Add(_) => &["-"],
        BinOp::Sub(_) => &["+"],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::AddAssign(_) => &["-=", "="],
        BinOp::SubAssign(_) => &["+=", "="],
        _ => &[],
    };
    for other in others {
        to.replace(&one.op, other, one);
    }
}

/// A weaker ordering, and the two halves of one that is both.
fn ordering(to: &mut Collector<'_>, path: &syn::ExprPath) {
    let Some(last) = path.path.segments.last() else { return };
    let weaker: &[&str] = match &*last.ident.to_string() {
        "SeqCst" | "AcqRel" => &["Relaxed", "Acquire", "Release"],
        "Acquire" | "Release" => &["Relaxed"],
        _ => &[],
    };
    for weaker in weaker {
        let what = format!("`{}` becomes `{weaker}`", last.ident);
        to.add(what, vec![to.source.replace(path, format!("std::sync::atomic::Ordering::{weaker}"))]);
    }
}

/// One field that all instances have in common, as if it were a `static`.
fn of_instances(to: &mut Collector<'_>, file: &File) {
    struct Values<'a>(String, Vec<&'a syn::FieldValue>);
    impl<'a> Visit<'a> for Values<'a> {
        fn visit_expr_struct(&mut self, made: &'a syn::ExprStruct) {
            let last = made.path.segments.last().map(|last| last.ident.to_string());
            if last.is_some_and(|name| name == self.0 || name == "Self") {
                self.1.extend(&made.fields);
            }
            visit::visit_expr_struct(self, made);
        }
    }
    let source = to.source;
    for item in &file.items {
        let Item::Struct(syn::ItemStruct { ident, fields: Fields::Named(fields), .. }) = item else {
            continue;
        };
        let mut values = Values(ident.to_string(), vec![]);
        values.visit_file(file);
        for field in &fields.named {
            let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
            let is_its =
                |value: &&&syn::FieldValue| matches!(&value.member, syn::Member::Named(n) if *n == name);
            let made: Vec<_> = values.1.iter().filter(is_its).collect();
            let [value] = made[..] else { continue };
            let kind = source.text(&field.ty);
            let shared = format!(
                "{name}: {{ static SHARED: std::sync::OnceLock<{kind}> = std::sync::OnceLock::new(); \
                 SHARED.get_or_init(|| {}) }}",
                source.text(&value.expr)
            );
            let edits =
                vec![source.replace(&field.ty, format!("&'static {kind}")), source.replace(*value, shared)];
            to.add(format!("all instances of `{ident}` share one `{name}`"), edits);
        }
    }
}

/// A channel with a bound in the place of one without, and the other way round.
fn of_channels(to: &mut Collector<'_>, file: &File) {
    let source = to.source;
    let rename = |from: &str, into: &str| -> Vec<Edit> {
        uses_of(from, file).into_iter().map(|range| Edit { range, with: into.into() }).collect()
    };
    struct Channels<'a>(Vec<&'a syn::ExprCall>);
    impl<'a> Visit<'a> for Channels<'a> {
        fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
            if let Expr::Path(path) = &*call.func
                && path
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| last.ident == "channel" || last.ident == "sync_channel")
            {
                self.0.push(call);
            }
            visit::visit_expr_call(self, call);
        }
    }
    let mut calls = Channels(vec![]);
    calls.visit_file(file);
    let is_bounded = |call: &&syn::ExprCall| !call.args.is_empty();
    let last = |call: &&syn::ExprCall| source.range(*call).end - 1;
    if !calls.0.is_empty() && !calls.0.iter().any(is_bounded) {
        for bound in [0, 1, 2, 100] {
            let mut edits = rename("channel", "sync_channel");
            edits.extend(rename("Sender", "SyncSender"));
            edits.extend(calls.0.iter().map(|call| source.insert(last(call), bound.to_string())));
            to.add(format!("the channel has a bound of {bound}"), edits);
        }
    }
    if !calls.0.is_empty() && calls.0.iter().all(is_bounded) {
        let mut edits = rename("sync_channel", "channel");
        edits.extend(rename("SyncSender", "Sender"));
        edits.extend(calls.0.iter().map(|call| source.replace(&call.args, "")));
        to.add("the channel has no bound", edits);
    }
}

/// A wakeup that is lost and does not show, since those who wait look again after a
/// while.
fn of_timeouts(to: &mut Collector<'_>, file: &File) {
    struct Calls<'a>(Vec<&'a syn::ExprMethodCall>);
    impl<'a> Visit<'a> for Calls<'a> {
        fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
            self.0.push(call);
            visit::visit_expr_method_call(self, call);
        }
    }
    let mut calls = Calls(vec![]);
    calls.visit_file(file);
    let source = to.source;
    let limit = "std::time::Duration::from_millis(100)";
    let mut timed = vec![];
    for call in &calls.0 {
        let name = call.method.to_string();
        let tail = if name == "park" {
            ""
        } else {
            ".map(|(guard, _)| guard).map_err(|_| std::sync::PoisonError::new(()))"
        };
        let end = source.range(*call).end;
        match (&*name, call.args.len()) {
            ("wait", 1) => {
                timed.push(source.replace(&call.method, "wait_timeout"));
                timed.push(source.insert(end - 1, format!(", {limit}")));
                timed.push(source.insert(end, tail));
            }
            ("wait_while", 2) => {
                // Each time-out looks at the condition again, as a loop round
                // `wait_timeout` does.
                let guard = source.text(&call.args[0]);
                let condition = source.text(&call.args[1]);
                let with = format!(
                    "{{ let mut guard = {guard}; let mut condition = {condition}; loop {{ let (again, result) = \
                     {}.wait_timeout_while(guard, {limit}, &mut condition).unwrap(); guard = again; \
                     if !result.timed_out() {{ break Ok::<_, std::sync::PoisonError<()>>(guard); }} }} }}",
                    source.text(&call.receiver)
                );
                timed.push(source.replace(*call, with));
            }
            _ => {}
        }
    }
    if timed.is_empty() {
        return;
    }
    for call in calls.0.iter().filter(|call| call.method == "notify_one" || call.method == "notify_all") {
        let mut edits = timed.clone();
        edits.push(source.replace(*call, "()"));
        to.add(format!("waits time out after 100 ms, and delete `{}`", source.short(*call)), edits);
        if call.method == "notify_all" {
            let mut edits = timed.clone();
            edits.push(source.replace(&call.method, "notify_one"));
            to.add(
                format!(
                    "waits time out after 100 ms, and `notify_all` becomes `notify_one` in `{}`",
                    source.short(*call)
                ),
                edits,
            );
        }
    }
}
