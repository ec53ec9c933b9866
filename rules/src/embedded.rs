//! The data files, put into the binary by `build.rs`.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
