//! A folder and the program, run in an environment without the user's own settings.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A temporary folder to scan, and one beside it for databases.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("tree")).expect("a folder");
        Self { folder }
    }

    pub(crate) fn tree(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let file = self.tree().join(path);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("folders");
        std::fs::write(&file, content).expect("written");
        file
    }

    /// Runs the program beside the tree, without colour and without the user's folders.
    pub(crate) fn run<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(&self, arguments: I) -> Ran {
        Ran(self.command(arguments).output().expect("the program runs"))
    }

    /// Starts the program and does not wait for it.
    pub(crate) fn start<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(&self, arguments: I) -> std::process::Child {
        let mut command = self.command(arguments);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// The same as if a scan began at a time, in seconds since 1970: what retires does so by the calendar.
    pub(crate) fn run_at<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(&self, seconds: u64, arguments: I) -> Ran {
        let mut command = self.command(arguments);
        command.env("SOURCE_DATE_EPOCH", seconds.to_string());
        Ran(command.output().expect("the program runs"))
    }

    fn command<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(&self, arguments: I) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aimscan"));
        command.args(arguments).current_dir(self.folder.path());
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if [
                "AIMSCAN",
                "SOURCE_DATE_EPOCH",
                "MLFLOW",
                "GITHUB",
                "GITLAB",
                "CI_",
                "XDG",
                "CLICOLOR",
                "NO_COLOR",
            ]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", self.folder.path())
            .env("XDG_DATA_HOME", self.folder.path().join("data"));
        command
    }

    /// Scans the tree without a database and gives the inventory.
    pub(crate) fn scan(&self) -> serde_json::Value {
        let ran = self.run(["scan", "tree", "--no-db", "--format", "json"]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        ran.json()
    }
}

/// What a run gave.
pub(crate) struct Ran(pub(crate) Output);

impl Ran {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.0.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout()))
    }
}

/// The names of all components of one kind.
pub(crate) fn names(inventory: &serde_json::Value, kind: &str) -> Vec<String> {
    let systems = inventory["systems"].as_array().expect("systems");
    let components = systems
        .iter()
        .flat_map(|system| system["components"].as_array().expect("components"));
    components
        .filter(|component| component["kind"] == kind)
        .map(|component| component["name"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The gaps as `kind what`.
pub(crate) fn gaps(inventory: &serde_json::Value) -> Vec<String> {
    let gaps = inventory["coverage"]["gaps"].as_array().expect("gaps");
    gaps.iter()
        .map(|gap| {
            format!(
                "{} {}",
                gap["kind"].as_str().unwrap_or_default(),
                gap["what"].as_str().unwrap_or_default()
            )
        })
        .collect()
}

/// A small program that uses AI.
pub(crate) const CHAT: &str = "from openai import OpenAI\n\nOpenAI().chat.completions.create(model=\"gpt-4o\", messages=[])\n";

pub(crate) fn is_root() -> bool {
    // Root reads everything; what cannot be read cannot be tested as root.
    Path::new("/root").metadata().is_ok() && std::fs::read_dir("/root").is_ok()
}
