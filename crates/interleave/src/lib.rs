//! A drop-in `std` whose threads are tried in every interleaving.
