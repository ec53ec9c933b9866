//! Servers of the Model Context Protocol, as the settings of any client name them: one observation a server, with what
//! starts it or where it answers. Values of variables and headers are not looked at.

use evidence::attribute;

use super::{front_matter, host_of, is_tree, joined, launch, map_of, name_of, text_of};
use crate::config::reference;
use crate::tree::{Node, Shape, Tree};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

const SCOPE: &str = "mcp";
/// The type of a server of which no package is known.
const SERVER: &str = "server";

static INFO: Info = Info {
    id: "ai/mcp",
    title: "MCP servers in the settings of clients",
    reads: &["*.json", "*.jsonc", "*.yaml", "*.yml", "*.toml", ".github/**/*.md"],
    emits: &[(Kind::Resource, SCOPE)],
    needs: &[],
    docs: "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
};

/// Reads the servers that clients are told of.
pub(super) struct Servers;

/// Keys whose maps (or lists) hold servers in every file.
const TELLING: [&str; 4] = ["mcpServers", "mcp_servers", "context_servers", "mcp-servers"];

/// Whether a file is the settings of a client by its name.
pub(super) fn is_settings(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(
        name,
        "mcp.json"
            | ".mcp.json"
            | "mcp_config.json"
            | "mcp-config.json"
            | "mcp_settings.json"
            | "cline_mcp_settings.json"
            | "claude_desktop_config.json"
    )
}

/// Whether a file tells an agent of a forge what to do: a workflow or a profile in prose, whose head names its servers.
fn is_told_to_an_agent(path: &str) -> bool {
    let is_below = |folder: &str| path.starts_with(folder) || path.contains(&format!("/{folder}"));
    path.ends_with(".md") && [".github/workflows/", ".github/agents/"].iter().any(|folder| is_below(folder))
}

impl Detector for Servers {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        if is_settings(file.plain_name()) {
            return Some(Gate::Always);
        }
        (is_tree(file) || is_told_to_an_agent(file.as_str())).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let text = artifact.text()?;
        let name = artifact.file().plain_name();
        let own;
        let tree = if is_told_to_an_agent(artifact.path()) {
            let Some(head) = front_matter(text) else { return Ok(()) };
            own = crate::tree::yaml(head);
            &own
        } else if name == artifact.file().lower_name() {
            artifact.tree()?
        } else {
            own = crate::tree::read(name, text)?;
            &own
        };
        for node in tree.walk() {
            if holds_servers(node, name) {
                for server in node.children() {
                    observe_server(server, out);
                }
            } else if let Some(text) = node.text().filter(|text| is_told_in_a_text(node.key(), text)) {
                observe_told(text, node.line(), out);
            }
        }
        offered(tree, name, out);
        if out.as_slice().is_empty() && !is_settings(name) {
            return Ok(());
        }
        tree.complete()
    }
}

/// Whether the elements of a map or list are servers.
fn holds_servers(node: Node<'_>, file_name: &str) -> bool {
    if !matches!(node.shape(), Shape::Map | Shape::List) {
        return false;
    }
    let key = node.key();
    let parent = node.parent();
    let at_top = parent.is_some_and(|parent| parent.parent().is_none());
    if TELLING.contains(&key) || key.ends_with(".mcpServers") {
        return true;
    }
    match key {
        // `mcp.json` of editors, and the same inside their settings.
        "servers" => {
            (at_top && is_settings(file_name)) || parent.is_some_and(|parent| parent.key() == "mcp" || parent.key().ends_with(".mcp"))
        }
        "mcp.servers" => true,
        "mcp" => {
            at_top
                && node
                    .children()
                    .any(|child| has_transport(child, &["local", "remote", "stdio", "http", "sse"]))
        }
        "extensions" => {
            at_top
                && node
                    .children()
                    .any(|child| has_transport(child, &["stdio", "sse", "streamable_http"]))
        }
        _ => false,
    }
}

/// Whether a value is a text that lists servers, as variables of an environment have them: `MCP_SERVERS: '[{"name": …, "url": …}]'`.
fn is_told_in_a_text(key: &str, text: &str) -> bool {
    let plain = |c: &u8| c.is_ascii_alphanumeric();
    let ends = |word: &str| {
        let (mut key, mut word) = (key.bytes().filter(plain).rev(), word.bytes().rev());
        word.all(|byte| key.next().is_some_and(|own| own.eq_ignore_ascii_case(&byte)))
    };
    ends("mcpservers") && text.trim_start().starts_with(['[', '{'])
}

/// Adds the servers of a text, at the line where the text begins; what would be shown of that line could be values of theirs.
fn observe_told(text: &str, line: u32, out: &mut Observations) {
    let tree = crate::tree::json(text);
    let root = tree.root();
    let list = TELLING.iter().find_map(|key| root.get(key)).unwrap_or(root);
    let mut told = Observations::default();
    for server in list.children() {
        observe_server(server, &mut told);
    }
    out.extend(told.into_vec().into_iter().map(|mut server| {
        server.line = line;
        server.with(attribute::UNSHOWN, "values")
    }));
}

/// Whether a map names its way of talking, and what it talks to.
fn has_transport(node: Node<'_>, known: &[&str]) -> bool {
    text_of(node, "type").is_some_and(|kind| known.contains(&kind))
        && ["command", "cmd", "url", "uri"].iter().any(|key| node.get(key).is_some())
}

/// Adds one server; whatever names neither a program nor an address is none.
fn observe_server(node: Node<'_>, out: &mut Observations) {
    if node.shape() != Shape::Map {
        return;
    }
    let name = if node.key().is_empty() {
        text_of(node, "name").unwrap_or_default()
    } else {
        node.key()
    };
    let words = command_of(node);
    let address = ["url", "httpUrl", "serverUrl", "uri"].iter().find_map(|key| text_of(node, key));
    if name.is_empty() || (words.is_empty() && address.is_none()) {
        return;
    }
    observe(name, node, &words, address, out);
}

fn observe(name: &str, node: Node<'_>, words: &[&str], address: Option<&str>, out: &mut Observations) {
    let package = launch::package(words);
    let behind = &words[package.as_ref().map_or(0, |package| package.words).min(words.len())..];
    // A bridge is given the address as an argument.
    let bridged = behind
        .iter()
        .copied()
        .find(|word| word.starts_with("https://") || word.starts_with("http://"));
    let key = package.as_ref().map_or(SERVER, |package| package.name.as_str());
    let mut observation = Observation::new(Kind::Resource, SCOPE, key, node.line())
        .with(attribute::ID, name_of(name))
        .with("fact.transport", transport(node, address, words))
        .with("fact.variables", joined(variables(node, words)))
        .with(
            "fact.headers",
            joined(names_in(node, &["headers", "http_headers", "requestHeaders"])),
        );
    if let Some(program) = words.first() {
        observation = observation.with("fact.command", name_of(&launch::program(program)));
    }
    if let Some(host) = address.or(bridged).and_then(host_of) {
        observation = observation.with("fact.host", host);
    }
    if let Some(package) = &package {
        observation = observation
            .with("fact.package", format!("{}:{}", package.registry, package.name))
            .with("fact.pinned", if package.pinned { "yes" } else { "no" })
            .with(attribute::VERSION, package.version.as_str());
    }
    if is_off(node) {
        observation = observation.with(attribute::STATUS, "disabled");
    }
    if is_let_do(node) {
        observation = observation.with("fact.approval", "not asked");
    }
    // On one line with values of variables and headers, the line is not to be shown.
    if node.children().any(|child| child.line() == node.line()) {
        observation = observation.with(attribute::UNSHOWN, "values");
    }
    out.push(observation);
}

/// The program and its arguments, whether they are written in one text, a list, or apart.
fn command_of(node: Node<'_>) -> Vec<&str> {
    let command = ["command", "cmd"].iter().find_map(|key| node.get(key));
    let mut words: Vec<&str> = Vec::new();
    let mut arguments = node;
    match command {
        Some(command) if command.shape() == Shape::Map => {
            words.extend(text_of(command, "path"));
            arguments = command;
        }
        Some(command) if command.shape() == Shape::List => words.extend(command.children().filter_map(Node::scalar)),
        Some(command) => {
            let text = command.text().unwrap_or_default().trim();
            // A path may hold blanks; a command line in one text has no arguments beside it.
            if node.get("args").is_none() {
                words.extend(text.split_whitespace());
            } else if !text.is_empty() {
                words.push(text);
            }
        }
        None => {}
    }
    if !words.is_empty()
        && let Some(more) = arguments.get("args")
    {
        words.extend(more.children().filter_map(Node::scalar));
    }
    // `sh -c "…"`
    if let [shell, "-c" | "-lc", script, ..] = words.as_slice()
        && matches!(launch::program(shell).as_str(), "sh" | "bash" | "zsh")
    {
        return script.split_whitespace().collect();
    }
    words.truncate(200);
    words
}

fn transport(node: Node<'_>, address: Option<&str>, words: &[&str]) -> &'static str {
    let written = ["type", "transport", "transportType"].iter().find_map(|key| text_of(node, key));
    let written = written.unwrap_or_default().to_ascii_lowercase().replace(['-', '_'], "");
    match written.as_str() {
        "stdio" | "local" => "stdio",
        "sse" => "sse",
        "http" | "streamablehttp" => "http",
        "ws" | "websocket" => "websocket",
        _ if !words.is_empty() => "stdio",
        _ if address.is_some_and(|address| address.trim_end_matches('/').ends_with("/sse")) => "sse",
        _ => "http",
    }
}

/// Names of the variables that a server is given; their values are not looked at.
fn variables<'t>(node: Node<'t>, words: &[&'t str]) -> Vec<&'t str> {
    let mut names = names_in(node, &["env", "environment", "envs", "env_vars", "env_keys"]);
    names.extend(map_of(node, "command").into_iter().flat_map(|command| names_in(command, &["env"])));
    names.extend(text_of(node, "bearer_token_env_var"));
    for pair in words.windows(2) {
        if matches!(pair[0], "-e" | "--env") {
            names.push(pair[1].split('=').next().unwrap_or(pair[1]));
        }
    }
    names.extend(words.iter().filter_map(|word| word.strip_prefix("--env=")?.split('=').next()));
    names.retain(|name| is_variable_name(name));
    names
}

fn is_variable_name(name: &str) -> bool {
    reference::is_variable(name) || (name.len() <= 64 && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// The names of a map's entries, or of a list's `NAME=value` and `{name: …}`.
fn names_in<'t>(node: Node<'t>, keys: &[&str]) -> Vec<&'t str> {
    let Some(found) = keys.iter().find_map(|key| node.get(key)) else {
        return Vec::new();
    };
    found
        .children()
        .filter_map(|child| match (found.shape(), child.shape()) {
            (Shape::Map, _) => Some(child.key()),
            (_, Shape::Map) => text_of(child, "name").or_else(|| text_of(child, "key")),
            _ => child.text().and_then(|text| text.split(['=', ':']).next()),
        })
        .map(str::trim)
        .filter(|name| name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')))
        .collect()
}

fn is_off(node: Node<'_>) -> bool {
    let says = |key: &str, word: &str| node.get(key).and_then(Node::scalar).is_some_and(|value| value == word);
    says("disabled", "true") || says("enabled", "false")
}

/// Whether the server's tools may be called without anybody being asked.
fn is_let_do(node: Node<'_>) -> bool {
    let is_true = node.get("trust").and_then(Node::scalar) == Some("true");
    is_true
        || ["alwaysAllow", "autoApprove"]
            .iter()
            .any(|key| node.get(key).is_some_and(|list| list.children().next().is_some()))
}

/// A server that the project itself offers to clients: the registry's description, or the manifest of a bundle.
fn offered(tree: &Tree, file_name: &str, out: &mut Observations) {
    let root = tree.root();
    let Some(name) = text_of(root, "name") else { return };
    let schema = text_of(root, "$schema").unwrap_or_default();
    let is_described = file_name == "server.json" && schema.contains("modelcontextprotocol.io/schemas/");
    let is_bundle = file_name == "manifest.json"
        && (root.get("mcpb_version").is_some() || root.get("dxt_version").is_some() || root.get("manifest_version").is_some())
        && map_of(root, "server").is_some_and(|server| server.get("mcp_config").is_some());
    if !is_described && !is_bundle {
        return;
    }
    let line = root.get("name").map_or(1, Node::line);
    let observation = Observation::new(Kind::Resource, SCOPE, SERVER, line)
        .with(attribute::ID, name_of(name))
        .with(attribute::DESCRIPTION, name_of(text_of(root, "description").unwrap_or_default()))
        .with(attribute::VERSION, name_of(text_of(root, "version").unwrap_or_default()))
        .with("fact.role", "offered");
    out.push(observation);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(path: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        let _ = Servers.observe(&Artifact::new(path, text.as_bytes()), &mut out);
        crate::config::tests::lines_of(&out)
    }

    #[test]
    fn a_server_is_told_by_what_starts_it_and_what_it_is_given() {
        let text = r#"{
  "mcpServers": {
    "files": {
      "command": "npx",
      "args": ["-y", "@acme/server-files@1.2.3", "/data"],
      "env": {"ACME_TOKEN": "s3cr3t-value", "DEBUG": "1"}
    },
    "search": {"type": "sse", "url": "https://user:pw@search.example/sse?key=s3cr3t-value", "headers": {"Authorization": "Bearer s3cr3t-value"}},
    "own": {"command": "node", "args": ["dist/index.js"], "disabled": true}
  }
}"#;
        let found = servers(".mcp.json", text);
        assert_eq!(
            found,
            [
                "3 Resource @acme/server-files fact.command=npx fact.package=npm:@acme/server-files fact.pinned=yes fact.transport=stdio fact.variables=ACME_TOKEN DEBUG id=files version=1.2.3",
                "8 Resource server fact.headers=Authorization fact.host=search.example fact.transport=sse id=search unshown=values",
                "9 Resource server fact.command=node fact.transport=stdio id=own status=disabled unshown=values",
            ]
        );
        assert!(!found.concat().contains("s3cr3t"));
    }

    #[test]
    fn servers_are_read_in_the_head_of_a_workflow_in_prose() {
        let text = "---\non: issues\nmcp-servers:\n  handbook:\n    url: https://handbook.example/mcp\n---\n# Sort issues\n";
        assert_eq!(
            servers(".github/workflows/sort.md", text),
            ["4 Resource server fact.host=handbook.example fact.transport=http id=handbook"]
        );
        assert_eq!(Servers.wants(&FilePath::of("docs/sort.md")), None);
        assert!(
            servers(
                ".github/agents/a.agent.md",
                "---\nname: a\n---\nmcp-servers:\n  b: {url: https://b.example}\n"
            )
            .is_empty()
        );
    }

    #[test]
    fn servers_are_read_in_the_text_of_a_variable() {
        let text = "envVars:\n  MCP_SERVERS: >\n    [{\"name\": \"Search\", \"url\": \"https://mcp.search.example/mcp?key=s3cr3t\"}]\n  NOTES: '[{\"name\": \"a\", \"url\": \"https://a.example\"}]'\n";
        let found = servers("chart/env/prod.yaml", text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("3 Resource server fact.host=mcp.search.example"), "{found:?}");
        assert!(!found[0].contains("s3cr3t"));
        let text = "{\"env\": {\"ACME_MCP_SERVERS\": \"{\\\"mcpServers\\\": {\\\"files\\\": {\\\"command\\\": \\\"npx\\\"}}}\"}}";
        assert_eq!(servers("deploy.json", text).len(), 1);
        assert!(servers("deploy.json", "{\"mcp_servers\": \"all of them\"}").is_empty());
    }

    #[test]
    fn every_client_has_its_own_form() {
        for (path, text, found) in [
            (
                ".vscode/mcp.json",
                "{\"servers\": {\n\"a\": {\"url\": \"https://a.example/mcp\"}}}",
                "a",
            ),
            ("x/settings.json", "{\"mcp\": {\"servers\": {\n\"a\": {\"command\": \"b\"}}}}", "a"),
            (
                ".zed/settings.json",
                "{\"context_servers\": {\n\"a\": {\"command\": {\"path\": \"b\", \"args\": [\"c\"]}}}}",
                "a",
            ),
            ("settings.json", "{\"amp.mcpServers\": {\"a\": {\"command\": \"b\"}}}", "a"),
            (".codex/config.toml", "[mcp_servers.a]\ncommand = \"uvx\"\nargs = [\"b\"]\n", "a"),
            (
                ".continue/c.yaml",
                "mcpServers:\n  - name: a\n    command: npx\n    args: [b]\n",
                "a",
            ),
            (
                "goose.yaml",
                "extensions:\n  a:\n    type: stdio\n    cmd: uvx\n    args: [b]\n    envs: {}\n",
                "a",
            ),
            (
                "opencode.json",
                "{\"mcp\": {\"a\": {\"type\": \"local\", \"command\": [\"npx\", \"b\"]}}}",
                "a",
            ),
            (
                "gemini-extension.json",
                "{\"name\": \"x\", \"mcpServers\": {\"a\": {\"httpUrl\": \"https://a.example\"}}}",
                "a",
            ),
        ] {
            let found_here = servers(path, text);
            assert_eq!(found_here.len(), 1, "{path}: {found_here:?}");
            assert!(found_here[0].contains(&format!("id={found}")), "{path}: {found_here:?}");
        }
    }

    #[test]
    fn other_servers_and_descriptions_of_the_form_are_none() {
        for (path, text) in [
            ("mcp.json", "{\"mcpServers\": {}}"),
            ("openapi.json", "{\"servers\": {\"a\": {\"url\": \"https://a.example\"}}}"),
            ("openapi.yaml", "servers:\n  - url: https://a.example\n    name: a\n"),
            (
                "schema.json",
                "{\"properties\": {\"mcpServers\": {\"type\": \"object\", \"description\": \"d\", \"additionalProperties\": {\"properties\": {\"command\": {\"type\": \"string\"}}}}}}",
            ),
            ("docker.yaml", "extensions:\n  a:\n    type: plugin\n    url: https://a.example\n"),
            ("app.yaml", "mcp:\n  port: 1\n  servers: 3\n"),
            ("package.json", "{\"mcp\": {\"command\": \"x\"}}"),
            ("server.json", "{\"name\": \"x\", \"version\": \"1\"}"),
            ("manifest.json", "{\"manifest_version\": 3, \"name\": \"a browser extension\"}"),
        ] {
            assert_eq!(servers(path, text), [""; 0], "{path}");
        }
    }

    #[test]
    fn a_bridge_tells_where_it_leads() {
        let found = servers(
            "mcp.json",
            "{\"mcpServers\": {\n\"a\": {\n\"command\": \"npx mcp-bridge https://t.example/sse\"}}}",
        );
        assert_eq!(
            found,
            [
                "2 Resource mcp-bridge fact.command=npx fact.host=t.example fact.package=npm:mcp-bridge fact.pinned=no fact.transport=stdio id=a"
            ]
        );
    }

    #[test]
    fn a_server_that_is_offered_is_told_apart() {
        let text = "{\"$schema\": \"https://static.modelcontextprotocol.io/schemas/2025-09-29/server.schema.json\",\n\"name\": \"io.example/a\", \"version\": \"1.0.0\"}";
        assert_eq!(
            servers("server.json", text),
            ["2 Resource server fact.role=offered id=io.example/a version=1.0.0"]
        );
    }

    #[test]
    fn a_broken_file_gives_what_can_be_read_and_says_so() {
        let mut out = Observations::default();
        let text = "{\"mcpServers\": {\"a\": {\"command\": \"b\"}, \"c\": {\"command\": ,}}}";
        assert!(Servers.observe(&Artifact::new(".mcp.json", text.as_bytes()), &mut out).is_err());
        assert_eq!(out.as_slice().len(), 1);
    }
}
