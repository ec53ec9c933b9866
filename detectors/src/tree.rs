//! JSON, YAML, TOML and XML as one tree whose every value knows its line.
//!
//! The tree is an arena, so that hostile nesting costs memory and no stack. Aliases of YAML are not expanded.
//! A syntax error keeps what was read before it.

mod json;
mod toml;
mod xml;
mod yaml;

pub use json::read as json;
pub use toml::read as toml;
pub use xml::read as xml;
pub use yaml::read as yaml;

use crate::artifact::Unreadable;

/// Deeper values are dropped and the tree is marked faulty.
pub(crate) const DEEPEST: usize = 128;
/// More values than this are dropped and the tree is marked faulty.
pub(crate) const MOST: usize = 2_000_000;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A mapping, object or table.
    Map,
    /// A sequence or array.
    List,
    /// A string.
    Text,
    /// A number, boolean, date or null, as written.
    Plain,
}

#[derive(Debug, Clone)]
struct Entry {
    key: String,
    text: String,
    shape: Shape,
    line: u32,
    parent: u32,
    first_child: u32,
    last_child: u32,
    next: u32,
}

const NONE: u32 = u32::MAX;

/// A parsed document; several YAML documents in one file are elements of a list.
#[derive(Debug)]
pub struct Tree {
    entries: Vec<Entry>,
    root: u32,
    fault: Option<Unreadable>,
}

/// One value of a [`Tree`].
#[derive(Debug, Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    at: u32,
}

impl Tree {
    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, at: self.root }
    }

    /// Why the tree is incomplete, if it is.
    #[must_use]
    pub fn fault(&self) -> Option<&Unreadable> {
        self.fault.as_ref()
    }

    /// The fault as a result, for detectors that have used what there is.
    ///
    /// # Errors
    /// If the tree is incomplete.
    pub fn complete(&self) -> Result<(), Unreadable> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    /// The same tree with some texts replaced, as references are by what they refer to; `None` leaves a text as it is.
    pub(crate) fn with_texts(&self, replace: impl Fn(&str) -> Option<String>) -> Self {
        let mut entries = self.entries.clone();
        for entry in entries.iter_mut().filter(|entry| entry.shape == Shape::Text) {
            if let Some(text) = replace(&entry.text) {
                entry.text = text;
            }
        }
        Self {
            entries,
            root: self.root,
            fault: self.fault.clone(),
        }
    }

    /// Every value below the root, parents before children, in the order of the file.
    pub fn walk(&self) -> impl Iterator<Item = Node<'_>> {
        (self.root as usize + 1..self.entries.len()).map(move |at| Node {
            tree: self,
            at: u32::try_from(at).unwrap_or(NONE),
        })
    }
}

impl<'t> Node<'t> {
    fn entry(self) -> &'t Entry {
        &self.tree.entries[self.at as usize]
    }

    /// The key it stands under; empty in a list and at the root.
    #[must_use]
    pub fn key(self) -> &'t str {
        &self.entry().key
    }

    /// What it is.
    #[must_use]
    pub fn shape(self) -> Shape {
        self.entry().shape
    }

    /// Its line, counted from 1: where its value starts, or its key where it is a map or list.
    #[must_use]
    pub fn line(self) -> u32 {
        self.entry().line
    }

    /// The text of a string.
    #[must_use]
    pub fn text(self) -> Option<&'t str> {
        (self.shape() == Shape::Text).then_some(self.entry().text.as_str())
    }

    /// The text of any value that is no map or list.
    #[must_use]
    pub fn scalar(self) -> Option<&'t str> {
        matches!(self.shape(), Shape::Text | Shape::Plain).then_some(self.entry().text.as_str())
    }

    /// What it is part of.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        let at = self.entry().parent;
        (at != NONE).then_some(Self { tree: self.tree, at })
    }

    /// Its elements, in the order of the file.
    pub fn children(self) -> impl Iterator<Item = Self> + use<'t> {
        let tree = self.tree;
        let mut at = self.entry().first_child;
        std::iter::from_fn(move || {
            (at != NONE).then(|| {
                let child = Self { tree, at };
                at = child.entry().next;
                child
            })
        })
    }

    /// The element with this key.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        self.children().find(|child| child.key() == key)
    }

    /// The element behind several keys.
    #[must_use]
    pub fn at(self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The keys from the root to it, joined by dots; list elements add nothing.
    #[must_use]
    pub fn path(self) -> String {
        let mut keys: Vec<&str> = std::iter::successors(Some(self), |node| node.parent())
            .map(Self::key)
            .filter(|key| !key.is_empty())
            .collect();
        keys.reverse();
        keys.join(".")
    }
}

/// Builds a tree from events in document order.
#[derive(Debug)]
pub(crate) struct Builder {
    entries: Vec<Entry>,
    open: Vec<u32>,
    /// How many containers were opened below the depth limit and are being ignored.
    skipping: usize,
    fault: Option<Unreadable>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            entries: Vec::new(),
            open: Vec::new(),
            skipping: 0,
            fault: None,
        }
    }

    pub(crate) fn fail(&mut self, reason: String) {
        self.fault.get_or_insert(Unreadable(reason));
    }

    fn add(&mut self, key: String, text: String, shape: Shape, line: u32) -> Option<u32> {
        if self.entries.len() >= MOST {
            self.fail(format!("more than {MOST} values; the rest was not read"));
            return None;
        }
        let at = u32::try_from(self.entries.len()).ok()?;
        let parent = self.open.last().copied().unwrap_or(NONE);
        if parent == NONE && at != 0 {
            return None;
        }
        self.entries.push(Entry {
            key,
            text,
            shape,
            line,
            parent,
            first_child: NONE,
            last_child: NONE,
            next: NONE,
        });
        if parent != NONE {
            let last = self.entries[parent as usize].last_child;
            if last == NONE {
                self.entries[parent as usize].first_child = at;
            } else {
                self.entries[last as usize].next = at;
            }
            self.entries[parent as usize].last_child = at;
        }
        Some(at)
    }

    pub(crate) fn open(&mut self, key: String, shape: Shape, line: u32) {
        if self.skipping > 0 || self.open.len() >= DEEPEST {
            self.fail(format!("nested more than {DEEPEST} deep; deeper values were not read"));
            self.skipping += 1;
            return;
        }
        match self.add(key, String::new(), shape, line) {
            Some(at) => self.open.push(at),
            None => self.skipping += 1,
        }
    }

    pub(crate) fn close(&mut self) {
        if self.skipping > 0 {
            self.skipping -= 1;
        } else {
            self.open.pop();
        }
    }

    pub(crate) fn scalar(&mut self, key: String, text: String, shape: Shape, line: u32) {
        if self.skipping == 0 {
            self.add(key, text, shape, line);
        }
    }

    pub(crate) fn depth(&self) -> usize {
        self.open.len() + self.skipping
    }

    pub(crate) fn finish(mut self) -> Tree {
        if self.entries.is_empty() {
            self.add(String::new(), String::new(), Shape::Map, 1);
        }
        Tree {
            entries: self.entries,
            root: 0,
            fault: self.fault,
        }
    }

    /// Like `finish`, for documents that were put into one list: a single one stands for itself.
    pub(crate) fn finish_documents(self) -> Tree {
        let mut tree = self.finish();
        let first = tree.entries[0].first_child;
        if first != NONE && first == tree.entries[0].last_child {
            tree.root = first;
            tree.entries[first as usize].parent = NONE;
        }
        tree
    }
}

/// Reads text as the format its file name says.
pub(crate) fn read(file_name: &str, text: &str) -> Result<Tree, Unreadable> {
    let name = file_name.to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Ok(match extension {
        "yaml" | "yml" => yaml::read(text),
        "toml" => toml::read(text),
        "lock" if is_toml_lock(&name) => toml::read(text),
        "lock" if is_yaml_lock(&name) => yaml::read(text),
        _ if is_xml(extension) => xml::read(text),
        _ if name == "pipfile" => toml::read(text),
        _ => json::read(text),
    })
}

/// Endings of files that are XML.
fn is_xml(extension: &str) -> bool {
    matches!(
        extension,
        "xml" | "csproj" | "fsproj" | "vbproj" | "props" | "targets" | "nuspec" | "config"
    )
}

/// Lockfiles whose names say nothing about their format and that are YAML.
fn is_yaml_lock(name: &str) -> bool {
    matches!(name, "pubspec.lock" | "podfile.lock" | "pixi.lock")
}

/// Lockfiles whose names say nothing about their format and that are TOML.
fn is_toml_lock(name: &str) -> bool {
    matches!(name, "cargo.lock" | "poetry.lock" | "uv.lock" | "pdm.lock" | "pylock.toml")
}
