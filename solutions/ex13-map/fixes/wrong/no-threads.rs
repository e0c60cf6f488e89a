// Wrong: the order is right and nothing can go wrong, since nothing happens at once.
pub fn map<T: Send, R: Send>(items: Vec<T>, _workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    items.into_iter().map(f).collect()
}
