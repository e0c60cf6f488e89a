//! What the workshop needs of a machine, whether it is there, and what to do if not.

use crate::cargo;
use crate::exercises::Workshop;
use crate::process::{self, End};
use std::ffi::OsStr;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: &'static str,
    /// How it is.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do about it; empty when it is fine.
    pub todo: String,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// As wanted.
    Fine,
    /// The workshop goes on without it.
    Note,
    /// Nothing goes on without it.
    Needed,
}

impl Health {
    /// As it stands in the table.
    pub fn words(self) -> &'static str {
        match self {
            Health::Fine => "ok",
            Health::Note => "note",
            Health::Needed => "PROBLEM",
        }
    }
}

/// Looks at everything.
pub fn examine(workshop: &Workshop) -> Vec<Finding> {
    let root = &workshop.root;
    vec![toolchain(root), cores(), crates(root), build(root), port(), folder(root), terminal(), git(root)]
}

fn fine(what: &'static str, found: impl Into<String>) -> Finding {
    Finding { what, health: Health::Fine, found: found.into(), todo: String::new() }
}

fn finding(what: &'static str, health: Health, found: impl Into<String>, todo: impl Into<String>) -> Finding {
    Finding { what, health, found: found.into(), todo: todo.into() }
}

/// What a command prints, if it comes to a good end.
fn ask(command: &mut Command, limit: u64) -> Result<String, String> {
    let ran = process::run(command, Duration::from_secs(limit)).map_err(|why| why.to_string())?;
    match ran.end {
        End::Code(0) => Ok(ran.stdout.trim().to_string()),
        End::OutOfTime => Err(format!("it has not finished after {limit} seconds")),
        _ => Err(cargo::reason(&ran.stderr)),
    }
}

fn toolchain(root: &Path) -> Finding {
    let wanted = env!("CARGO_PKG_RUST_VERSION");
    let mut rustc = cargo::command("rustc");
    match ask(rustc.arg("--version").current_dir(root), 60) {
        Ok(found) if version(&found) >= version(wanted) => fine("Rust", found),
        Ok(found) => {
            let todo = format!("`rustup update stable`: the workshop needs {wanted} or later");
            finding("Rust", Health::Needed, found, todo)
        }
        Err(why) => finding(
            "Rust",
            Health::Needed,
            why,
            "install Rust as https://rustup.rs says, and open a new terminal",
        ),
    }
}

/// The (1, 95) of «rustc 1.95.0 (…)» and of «1.95».
fn version(text: &str) -> Option<(u32, u32)> {
    let number = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut parts = number.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next().flatten().unwrap_or(0)))
}

fn cores() -> Finding {
    match std::thread::available_parallelism() {
        Ok(n) if n.get() > 1 => fine("cores", n.to_string()),
        Ok(_) => {
            let todo = "every check works; a demo that measures threads that compute shows no gain";
            finding("cores", Health::Note, "1", todo)
        }
        Err(why) => finding("cores", Health::Note, why.to_string(), "one is assumed"),
    }
}

fn crates(root: &Path) -> Finding {
    let mut tree = cargo::cargo(root);
    match ask(tree.args(["tree", "--offline", "--workspace", "--edges", "all"]), 60) {
        Ok(_) => fine("crates", "everything that the workshop uses is on this machine"),
        Err(why) => finding(
            "crates",
            Health::Needed,
            why,
            "`cargo fetch`, once, with a connection; none is needed afterwards",
        ),
    }
}

fn build(root: &Path) -> Finding {
    let mut build = cargo::cargo(root);
    match ask(build.args(["build", "--quiet", "--offline", "--package", "interleave"]), 300) {
        Ok(_) => fine("build", "the explorer of the checks builds without a connection"),
        Err(why) => {
            let todo =
                "`cargo build -p interleave` says more; a missing linker comes with your system's C compiler";
            finding("build", Health::Needed, why, todo)
        }
    }
}

fn port() -> Finding {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()) {
        Ok(address) => fine("network", format!("a server can listen on {address}")),
        Err(why) => {
            let todo =
                "the chapters on HTTP and echo serve themselves on 127.0.0.1: does a firewall forbid it?";
            finding("network", Health::Needed, why.to_string(), todo)
        }
    }
}

fn folder(root: &Path) -> Finding {
    let probe = root.join(format!(".workshop.{}.probe", std::process::id()));
    let written = std::fs::write(&probe, "");
    let _ = std::fs::remove_file(&probe);
    match written {
        Ok(()) => fine("folder", format!("{} can be written", root.display())),
        Err(why) => {
            finding("folder", Health::Needed, why.to_string(), "copy the workshop to a folder of your own")
        }
    }
}

fn terminal() -> Finding {
    use std::io::IsTerminal;
    let wide = crate::width();
    let set = |name: &&str| std::env::var_os(name).is_some_and(|value| value != *OsStr::new(""));
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find(|name| set(name))
        .and_then(|name| std::env::var(name).ok());
    let utf8 = locale.map_or(cfg!(any(windows, target_os = "macos")), |locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    let is_one = std::io::stdout().is_terminal();
    let found = match is_one {
        true => format!("{wide} columns, {}", if utf8 { "UTF-8" } else { "not UTF-8" }),
        false => format!("this is not one; {wide} columns are assumed"),
    };
    match (is_one && wide < 100, is_one && !utf8) {
        (_, true) => {
            let todo =
                "tables are drawn with │ and ─: if they look broken, set a locale such as LANG=C.UTF-8";
            finding("terminal", Health::Note, found, todo)
        }
        (true, false) => {
            finding("terminal", Health::Note, found, "tables are easier to read at 100 columns and more")
        }
        _ => fine("terminal", found),
    }
}

fn git(root: &Path) -> Finding {
    let mut git = cargo::command("git");
    match ask(git.arg("--version").current_dir(root), 20) {
        Ok(found) => fine("git", found),
        Err(_) => {
            let todo = "nothing: the workshop does not use it; `cargo workshop reset` keeps your versions";
            finding("git", Health::Note, "it is not there", todo)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("rustc 1.95.0 (59807616e 2026-04-14)"), Some((1, 95)));
        assert_eq!(version("1.95"), Some((1, 95)));
        assert!(version("rustc 1.100.0") > version("1.95"));
        assert!(version("rustc 1.94.1-nightly") < version("1.95"));
        assert!(version("no version") < version("1.95"));
    }
}
