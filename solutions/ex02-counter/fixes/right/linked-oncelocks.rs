// Each visitor is a node at the end of a list, and only one door can set a node's successor.
use std::sync::OnceLock;

#[derive(Default)]
struct Link(OnceLock<Box<Link>>);

/// Counts visitors.
#[derive(Default)]
pub struct Counter {
    first: Link,
}

impl Counter {
    /// Creates a counter that says 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one more visitor.
    pub fn add(&self) {
        let mut link = &self.first;
        let mut visitor = Box::new(Link::default());
        loop {
            match link.0.set(visitor) {
                Ok(()) => return,
                Err(back) => visitor = back,
            }
            link = link.0.get().expect("`set` has just failed");
        }
    }

    /// Returns the number of visitors.
    pub fn get(&self) -> usize {
        std::iter::successors(self.first.0.get(), |link| link.0.get()).count()
    }
}
