//! Accounts of services that connectors read. Their flags and help come from what each connector says of itself.

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use std::path::PathBuf;

/// The accounts named on the command line.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    /// Connector ids with the address to read.
    pub(crate) named: Vec<(&'static str, String)>,
    /// Folder into which exchanges are recorded.
    pub(crate) record: Option<PathBuf>,
    /// Folder from which exchanges are replayed.
    pub(crate) replay: Option<PathBuf>,
    /// Whether plain HTTP to other machines is allowed.
    pub(crate) allow_plain_http: bool,
}

impl Accounts {
    /// The flags that name an account.
    pub(crate) fn flags() -> Vec<&'static str> {
        detectors::CONNECTORS.iter().map(|connector| connector.option()).collect()
    }
}

impl FromArgMatches for Accounts {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut accounts = Self {
            named: Vec::new(),
            record: matches.get_one::<PathBuf>("record").cloned(),
            replay: matches.get_one::<PathBuf>("replay").cloned(),
            allow_plain_http: matches.get_flag("allow-plain-http"),
        };
        for flag in Self::flags() {
            accounts.named.extend(
                matches
                    .get_many::<String>(flag)
                    .into_iter()
                    .flatten()
                    .map(|address| (flag, address.clone())),
            );
        }
        Ok(accounts)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Accounts {
    fn augment_args(mut command: Command) -> Command {
        const HEADING: &str = "Accounts";
        for connector in detectors::CONNECTORS {
            let name = connector.option();
            command = command.arg(
                Arg::new(name)
                    .long(name)
                    .value_name("URL")
                    .action(clap::ArgAction::Append)
                    .help_heading(HEADING)
                    .help(connector.endpoint_help()),
            );
        }
        command
            .arg(folder("record").help("Record the services' answers into a folder, without credentials"))
            .arg(
                folder("replay")
                    .conflicts_with("record")
                    .help("Answer from a folder of recorded answers instead of the network"),
            )
            .arg(
                Arg::new("allow-plain-http")
                    .long("allow-plain-http")
                    .action(clap::ArgAction::SetTrue)
                    .help_heading(HEADING)
                    .help("Allow http:// to other machines; credentials then travel in the clear"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn folder(name: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("DIR")
        .value_parser(clap::value_parser!(PathBuf))
        .help_heading("Accounts")
}
