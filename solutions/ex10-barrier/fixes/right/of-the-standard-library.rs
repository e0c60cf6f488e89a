// Right: std has one.
pub struct Barrier {
    barrier: std::sync::Barrier,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { barrier: std::sync::Barrier::new(size) }
    }

    pub fn wait(&self) {
        self.barrier.wait();
    }
}
