//! Checks that a machine has what the workshop needs, and says what to do if it doesn't.

use crate::cargo;
use crate::exercises::Workshop;
use crate::process::{self, End, Listener};
use std::ffi::OsStr;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// One thing that was examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was examined.
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
    /// As needed.
    Fine,
    /// The workshop works without it.
    Note,
    /// The workshop doesn't work without it.
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

/// Examines everything; `building` hears what cargo does meanwhile.
pub fn examine(workshop: &Workshop, building: Option<&Listener>) -> Vec<Finding> {
    let root = &workshop.root;
    // In this order: a build fetches what it needs.
    let (toolchain, build) = (toolchain(root), build(root, building));
    vec![toolchain, cores(), build, crates(root), port(), folder(root), terminal(), git(root)]
}

/// Returns all findings as one line, which a learner can send to an instructor: whether the machine is
/// ready, and if not, what's wrong; then the system, and what was found of Rust and cores.
#[must_use]
pub fn line(findings: &[Finding]) -> String {
    let problems: Vec<&str> =
        findings.iter().filter(|one| one.health == Health::Needed).map(|one| one.what).collect();
    let verdict = match &problems[..] {
        [] => "ready".to_string(),
        some => format!("PROBLEM with {}", some.join(", ")),
    };
    let found = |what: &str| findings.iter().find(|one| one.what == what).map_or("", |one| &one.found);
    let rust: Vec<&str> = found("Rust").split_whitespace().take(2).collect();
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    format!("threads doctor: {verdict} | {system} | {} | {} cores", rust.join(" "), found("cores"))
}

fn fine(what: &'static str, found: impl Into<String>) -> Finding {
    Finding { what, health: Health::Fine, found: found.into(), todo: String::new() }
}

fn finding(what: &'static str, health: Health, found: impl Into<String>, todo: impl Into<String>) -> Finding {
    Finding { what, health, found: found.into(), todo: todo.into() }
}

/// What a command prints, if it succeeds.
fn ask(command: &mut Command, limit: u64, listener: Option<&Listener>) -> Result<String, String> {
    let ran = process::run_and_tell(command, Duration::from_secs(limit), listener)
        .map_err(|why| why.to_string())?;
    match ran.end {
        End::Code(0) => Ok(ran.stdout.trim().to_string()),
        End::OutOfTime => Err(format!("it hasn't finished after {limit} seconds")),
        _ => Err(cargo::reason(&ran.stderr)),
    }
}

fn toolchain(root: &Path) -> Finding {
    let wanted = env!("CARGO_PKG_RUST_VERSION");
    let mut rustc = cargo::command("rustc");
    match ask(rustc.arg("--version").current_dir(root), 60, None) {
        Ok(found) if version(&found) >= version(wanted) => fine("Rust", found),
        Ok(found) => {
            let todo = format!("run `rustup update stable`: the workshop needs {wanted} or later");
            finding("Rust", Health::Needed, found, todo)
        }
        Err(why) => finding(
            "Rust",
            Health::Needed,
            why,
            "install Rust as described on https://rustup.rs, and open a new terminal",
        ),
    }
}

/// The (1, 95) of `rustc 1.95.0 (…)` and of `1.95`.
fn version(text: &str) -> Option<(u32, u32)> {
    let number = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut parts = number.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next().flatten().unwrap_or(0)))
}

fn cores() -> Finding {
    match std::thread::available_parallelism() {
        Ok(n) if n.get() > 1 => fine("cores", n.to_string()),
        Ok(_) => {
            let todo = "all checks work, but threads that compute can't get faster here";
            finding("cores", Health::Note, "1", todo)
        }
        Err(why) => finding("cores", Health::Note, why.to_string(), "nothing: the workshop assumes one core"),
    }
}

fn build(root: &Path, building: Option<&Listener>) -> Finding {
    let mut build = cargo::cargo(root);
    match ask(build.args(["build", "--package", "interleave"]), 300, building) {
        Ok(_) => fine("build", "what the checks need is built"),
        Err(why) => {
            let todo = "`cargo build -p interleave` shows the whole message: for a failed download, check \
                        your connection; for a missing linker, install a C compiler";
            finding("build", Health::Needed, why, todo)
        }
    }
}

/// Whether the demos can be built without a connection, too. The exercises need less: see [`build`].
fn crates(root: &Path) -> Finding {
    let mut tree = cargo::cargo(root);
    match ask(tree.args(["tree", "--offline", "--workspace", "--edges", "all"]), 60, None) {
        Ok(_) => fine("crates", "all downloaded: the workshop works offline"),
        Err(_) => finding(
            "crates",
            Health::Note,
            "some aren't downloaded yet; cargo does that when it needs them",
            "to work offline later, run `cargo fetch` once",
        ),
    }
}

fn port() -> Finding {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()) {
        Ok(address) => fine("network", format!("a server can listen on {address}")),
        Err(why) => {
            let todo = "the network demos need a server on 127.0.0.1: does a firewall block it?";
            finding("network", Health::Needed, why.to_string(), todo)
        }
    }
}

fn folder(root: &Path) -> Finding {
    let probe = root.join(format!(".workshop.{}.probe", std::process::id()));
    let written = std::fs::write(&probe, "");
    let _ = std::fs::remove_file(&probe);
    match written {
        Ok(()) => fine("folder", format!("{} is writable", root.display())),
        Err(why) => finding(
            "folder",
            Health::Needed,
            why.to_string(),
            "copy the workshop to a folder that you can write to",
        ),
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
        false => format!("not a terminal; assuming {wide} columns"),
    };
    match (is_one && wide < 80, is_one && !utf8) {
        (_, true) => {
            let todo = "if lines such as │ and ─ look broken, set a locale such as LANG=C.UTF-8";
            finding("terminal", Health::Note, found, todo)
        }
        (true, false) => {
            finding("terminal", Health::Note, found, "tables are easier to read with 80 columns or more")
        }
        _ => fine("terminal", found),
    }
}

fn git(root: &Path) -> Finding {
    let mut git = cargo::command("git");
    match ask(git.arg("--version").current_dir(root), 20, None) {
        Ok(found) => fine("git", found),
        Err(_) => {
            let todo =
                "nothing: the workshop doesn't need it, and `cargo workshop reset` keeps your versions";
            finding("git", Health::Note, "not installed", todo)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Health, finding, fine, line, version};

    #[test]
    fn one_line_says_whether_the_machine_is_ready_and_what_is_wrong() {
        let well = [fine("Rust", "rustc 1.95.0 (abc 2026-04-14)"), fine("cores", "2")];
        let ready = line(&well);
        assert!(ready.starts_with("threads doctor: ready | "), "{ready}");
        assert!(ready.ends_with(" | rustc 1.95.0 | 2 cores"), "{ready}");
        let ill = [well[0].clone(), finding("build", Health::Needed, "no linker", "install one")];
        assert!(line(&ill).contains("PROBLEM with build"), "{}", line(&ill));
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("rustc 1.95.0 (59807616e 2026-04-14)"), Some((1, 95)));
        assert_eq!(version("1.95"), Some((1, 95)));
        assert!(version("rustc 1.100.0") > version("1.95"));
        assert!(version("rustc 1.94.1-nightly") < version("1.95"));
        assert!(version("no version") < version("1.95"));
    }
}
