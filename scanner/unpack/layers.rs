//! The layers of a container image, laid one over the other: later files replace earlier ones, and white-outs take them away.

use std::collections::BTreeMap;
use std::io::Read;

use tar::EntryType;

use super::sink::{Full, Sink, inside};
use super::tarball;

/// In front of the name of what a layer takes away.
const WHITE_OUT: &str = ".wh.";
/// Takes away all that earlier layers have in its folder.
const OPAQUE: &str = ".wh..wh..opq";

/// The files of an image so far, by path, with the layer that each comes from.
pub(super) struct Layers<'a> {
    files: BTreeMap<String, usize>,
    /// The layer that is being laid.
    now: usize,
    /// Which files are worth writing.
    wants: &'a dyn Fn(&str) -> bool,
}

impl<'a> Layers<'a> {
    pub(super) fn new(wants: &'a dyn Fn(&str) -> bool) -> Self {
        Self {
            files: BTreeMap::new(),
            now: 0,
            wants,
        }
    }

    /// Lays the next layer over the others.
    pub(super) fn lay(&mut self, layer: Box<dyn Read>, sink: &mut Sink<'_>) {
        self.now += 1;
        tarball::each(layer, sink, |sink, header, content| self.entry(sink, header, content));
    }

    fn entry(&mut self, sink: &mut Sink<'_>, header: &tarball::Header, content: &mut dyn Read) -> Result<(), Full> {
        // The root itself has no name, and is in every layer.
        if header.kind == EntryType::Directory && inside(&header.name).is_err_and(|reason| reason == "it has no name") {
            return Ok(());
        }
        // Images are laid over the root, and some tools write their names so.
        let name = header.name.strip_prefix(b"/").unwrap_or(&header.name);
        let Some(path) = sink.path(name) else { return Ok(()) };
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
        if file == OPAQUE {
            self.take_away(sink, folder, false);
            return Ok(());
        }
        if let Some(gone) = file.strip_prefix(WHITE_OUT) {
            if !gone.is_empty() && !gone.starts_with(WHITE_OUT) {
                let gone = if folder.is_empty() {
                    gone.to_owned()
                } else {
                    format!("{folder}/{gone}")
                };
                self.take_away(sink, &gone, true);
            }
            return Ok(());
        }
        match header.kind {
            EntryType::Directory => {
                self.forget(sink, &path);
                Ok(())
            }
            EntryType::Regular | EntryType::Continuous => self.put(sink, &path, header.size, content),
            // What is no file takes the place of what was there.
            _ => {
                self.take_away(sink, &path, true);
                Ok(())
            }
        }
    }

    fn put(&mut self, sink: &mut Sink<'_>, path: &str, size: u64, content: &mut dyn Read) -> Result<(), Full> {
        self.take_away(sink, path, true);
        if !(self.wants)(path) {
            return Ok(());
        }
        // A file where a folder is needed now.
        for (at, _) in path.match_indices('/') {
            self.forget(sink, &path[..at]);
        }
        let written = sink.write(path, content)?;
        self.files.insert(path.to_owned(), self.now);
        if written.whole && written.length < size {
            sink.miss(evidence::GapKind::Malformed, path, "the layer ends before it does");
        }
        Ok(())
    }

    /// Takes one file away, if there is one.
    fn forget(&mut self, sink: &Sink<'_>, path: &str) {
        if self.files.remove(path).is_some() {
            drop(std::fs::remove_file(sink.file(path)));
        }
    }

    /// Takes away what earlier layers have below a folder, and at the place itself if asked.
    fn take_away(&mut self, sink: &Sink<'_>, path: &str, itself: bool) {
        let below = if path.is_empty() { String::new() } else { format!("{path}/") };
        let inside = self.files.range(below.clone()..).take_while(|(file, _)| file.starts_with(&below));
        let mut gone: Vec<String> = inside
            .filter(|(_, layer)| **layer < self.now)
            .map(|(file, _)| file.clone())
            .collect();
        if itself && self.files.get(path).is_some_and(|layer| *layer < self.now) {
            gone.push(path.to_owned());
        }
        for file in gone {
            self.forget(sink, &file);
        }
        // An empty folder would stand in the way of a file of its name.
        if itself {
            drop(remove_empty(&sink.file(path)));
        }
    }
}

/// Removes a folder that holds nothing but empty folders.
fn remove_empty(folder: &std::path::Path) -> std::io::Result<()> {
    let mut stack = vec![folder.to_owned()];
    let mut folders = Vec::new();
    while let Some(folder) = stack.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                stack.push(entry.path());
            }
        }
        folders.push(folder);
    }
    folders.iter().rev().try_for_each(std::fs::remove_dir)
}
