//! Runs connectors: what they fetch goes through the same dispatch as files.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use detectors::connectors::{Client, Credentials, Options, Record, Records};
use detectors::{CONNECTORS, Connector, Detector, Gate, Info};
use evidence::{Coverage, Gap};
use inventory::Source;
use inventory::correlate::Scanned;
use tokio::sync::mpsc::Receiver;

use crate::accounts::Accounts;
use crate::dispatch::{Dispatch, Prefilters};
use crate::progress::Progress;
use crate::scan::Scanner;

/// Records that may wait for their reader.
const WAITING: usize = 256;

/// Reads every account named on the command line. A service that refuses or breaks off leaves a gap; what it told
/// before counts.
pub(crate) fn fetch(scanner: &Scanner, accounts: &Accounts, progress: &Progress) -> Result<Vec<(Scanned, Coverage)>> {
    if accounts.named.is_empty() {
        return Ok(Vec::new());
    }
    let runtime = runtime()?;
    let mut results = Vec::new();
    for (option, address) in &accounts.named {
        let Some(connector) = CONNECTORS.iter().copied().find(|connector| connector.option() == *option) else {
            bail!("no connector `{option}`");
        };
        let client = client(connector, accounts, address).with_context(|| format!("--{option} {}", evidence::redact(address)))?;
        progress.begin(&client.origin(), 0);
        results.push(runtime.block_on(read(scanner, connector, &client, progress)));
    }
    Ok(results)
}

/// What waits for answers.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the network")
}

/// A way to a service.
pub(crate) struct Door {
    pub(crate) client: Client,
    /// The token, where it is one, for a program that has to present it itself.
    pub(crate) token: Option<Arc<str>>,
    /// Whether the answers come from a folder.
    pub(crate) is_replay: bool,
}

/// Opens the way to a service at an address, with the credentials of the environment.
pub(crate) fn door(info: &Info, accounts: &Accounts, address: &str) -> Result<Door> {
    let options = Options {
        allow_plain_http: accounts.allow_plain_http,
    };
    if let Some(folder) = &accounts.replay {
        return Ok(Door {
            client: Client::replaying(address, folder)?,
            token: None,
            is_replay: true,
        });
    }
    let credentials = Credentials::from_environment(info)?;
    let token = credentials.token().map(Arc::from);
    let client = match &accounts.record {
        Some(folder) => Client::recording(address, credentials, options, folder)?,
        None => Client::live(address, credentials, options)?,
    };
    Ok(Door {
        client,
        token,
        is_replay: false,
    })
}

fn client(connector: &'static dyn Connector, accounts: &Accounts, address: &str) -> Result<Client> {
    Ok(door(connector.info(), accounts, address)?.client)
}

async fn read(scanner: &Scanner, connector: &'static dyn Connector, client: &Client, progress: &Progress) -> (Scanned, Coverage) {
    let (records, receiver) = Records::bounded(WAITING);
    let fetch = async {
        let result = connector.fetch(client, &records).await;
        // The reader ends when the last sender is gone.
        drop(records);
        result
    };
    let origin = client.origin();
    let source = Source {
        kind: connector.option().to_owned(),
        location: origin.clone(),
        identity: origin.clone(),
    };
    let (result, (scanned, mut coverage)) = tokio::join!(fetch, gather(scanner, connector, source, receiver, progress));
    if let Err(error) = result {
        coverage.gaps.push(Gap {
            kind: error.gap(),
            what: origin,
            reason: evidence::redact(&error.to_string()),
        });
    }
    (scanned, coverage)
}

async fn gather(
    scanner: &Scanner,
    connector: &'static dyn Connector,
    source: Source,
    mut records: Receiver<Record>,
    progress: &Progress,
) -> (Scanned, Coverage) {
    let mut scanned = Scanned {
        source,
        evidence: Vec::new(),
        projects: Vec::new(),
        statements: Vec::new(),
        manifests: Vec::new(),
        past: inventory::past::Past::default(),
    };
    let mut coverage = Coverage::default();
    let detectors: [&dyn Detector; 1] = [connector];
    let no_filters = Prefilters::of(detectors.len());
    let dispatch = Dispatch {
        detectors: &detectors,
        prefilters: &no_filters,
        ..scanner.dispatch()
    };
    while let Some(record) = records.recv().await {
        let examined = dispatch.examine(&record.path, &record.bytes, &[(0, Gate::Always)]);
        *coverage.records.entry(connector.info().id.to_owned()).or_default() += 1;
        progress.advance();
        scanned.evidence.extend(examined.evidence);
        scanned.projects.extend(examined.projects);
        coverage.gaps.extend(examined.gaps);
    }
    (scanned, coverage)
}
