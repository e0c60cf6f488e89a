//! The names of std_names/names.rs, as the real std has them.

#![allow(missing_docs, unsafe_code)]

#[path = "std_names/names.rs"]
mod names;

fn both(f: fn()) {
    f();
}
