//! Places in the source.

use std::panic::Location;

/// A place in the source: where the code under check calls what is explored.
#[derive(Clone, Copy, Debug)]
pub struct Loc {
    called: &'static Location<'static>,
    /// The place that a report tells instead, where the caller is std's own code.
    told: Option<&'static Told>,
}

/// A place that no `Location` is to be had for.
#[derive(Debug)]
pub struct Told {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl Loc {
    /// As [`Location::caller`].
    #[track_caller]
    pub const fn caller() -> Self {
        Loc { called: Location::caller(), told: None }
    }

    /// The same place in every respect, but that reports tell another one.
    #[must_use]
    pub fn told_as(self, told: &'static Told) -> Self {
        Loc { told: Some(told), ..self }
    }

    /// The file, as the compiler names it.
    pub fn file(self) -> &'static str {
        self.told.map_or(self.called.file(), |told| &told.file)
    }

    /// The line, from 1.
    pub fn line(self) -> u32 {
        self.told.map_or(self.called.line(), |told| told.line)
    }

    /// The column, from 1.
    pub fn column(self) -> u32 {
        self.called.column()
    }

    /// Where the call is.
    pub fn called(self) -> &'static Location<'static> {
        self.called
    }
}

impl From<&'static Location<'static>> for Loc {
    fn from(called: &'static Location<'static>) -> Self {
        Loc { called, told: None }
    }
}

impl PartialEq for Loc {
    fn eq(&self, other: &Self) -> bool {
        self.called == other.called
    }
}

impl Eq for Loc {}
