//! Entries of a software catalogue that a project keeps beside its code: who owns a unit, where it stands in its life, what it is. What
//! is generated from templates is not read, and owners are not looked up.

use std::collections::BTreeSet;

use evidence::{Voice, attribute};

use crate::tree::{Node, Shape, Tree};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

static INFO: Info = Info {
    id: "said/entries",
    title: "Entries of software catalogues",
    reads: &["catalog-info.yaml"],
    emits: &[
        (Kind::Statement, Voice::Entry.as_str()),
        (Kind::Statement, Voice::Introduction.as_str()),
        (Kind::Statement, Voice::Readme.as_str()),
    ],
    needs: &[],
    docs: "https://backstage.io/docs/features/software-catalog/descriptor-format/",
};

/// What the version of such an entry begins with.
const VERSION: &str = "backstage.io/";
/// Kinds of entries that speak of what runs, the one that speaks first; a file is about the first of them that it holds.
const KINDS: [&str; 4] = ["Component", "System", "API", "Resource"];
/// Owners, and tags, of one file.
const MOST: usize = 50;
/// What the name of the unit is called among the fields: tags of resources have names too, and those are theirs.
const NAME: &str = "catalogue name";
/// Longest value that is a name.
const LONGEST: usize = 200;

/// Reads such entries.
pub(super) struct Entries;

impl Detector for Entries {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        is_entry(file).then_some(Gate::Always)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        // A template's values are filled in elsewhere, and it need not be YAML.
        let text = artifact.text()?;
        if ["{{", "{%"].iter().any(|mark| text.contains(mark)) {
            return Ok(());
        }
        let tree = artifact.tree()?;
        observe(tree, out);
        tree.complete()
    }
}

/// Whether a file holds entries of a catalogue, by its name.
pub(crate) fn is_entry(file: &FilePath<'_>) -> bool {
    matches!(file.lower_name(), "catalog-info.yaml" | "catalog-info.yml")
}

fn observe(tree: &Tree, out: &mut Observations) {
    let root = tree.root();
    let documents: Vec<Node<'_>> = match root.shape() {
        Shape::List => root.children().collect(),
        _ => vec![root],
    };
    let is_entry = |node: &Node<'_>, kind: &str| {
        let text = |key: &str| node.get(key).and_then(Node::scalar).unwrap_or_default();
        text("apiVersion").starts_with(VERSION) && text("kind").eq_ignore_ascii_case(kind)
    };
    let of_kind = |kind: &&str| documents.iter().copied().filter(|node| is_entry(node, kind)).collect::<Vec<_>>();
    let Some(entries) = KINDS.iter().map(of_kind).find(|entries| !entries.is_empty()) else {
        return;
    };
    describe(&entries, out);
    owners(&entries, out);
    for key in ["lifecycle", "type"] {
        // Of several units in one file only what all of them say holds for the folder.
        let values: Vec<Node<'_>> = entries.iter().filter_map(|entry| entry.at(&["spec", key])).collect();
        if values.len() == entries.len() && values.iter().all(|value| value.scalar() == values[0].scalar()) {
            field(key, values[0].scalar().unwrap_or_default(), values[0].line(), out);
        }
    }
    if let [only] = entries[..] {
        let called = ["title", "name"].iter().find_map(|key| only.at(&["metadata", key]));
        if let Some(called) = called {
            field(NAME, called.scalar().unwrap_or_default(), called.line(), out);
        }
        let tags = only.at(&["metadata", "tags"]).into_iter().flat_map(Node::children);
        for tag in tags.take(MOST) {
            field("tag", tag.scalar().unwrap_or_default(), tag.line(), out);
        }
    }
}

/// The sentence that says what a unit is; of one among others it does not introduce the folder.
fn describe(entries: &[Node<'_>], out: &mut Observations) {
    let voice = if entries.len() == 1 { Voice::Introduction } else { Voice::Readme };
    for entry in entries.iter().take(MOST) {
        let Some(described) = entry.at(&["metadata", "description"]) else {
            continue;
        };
        let text = described.text().unwrap_or_default().trim();
        if !text.is_empty() {
            out.push(Observation::new(Kind::Statement, voice.as_str(), text, described.line()));
        }
    }
}

/// Each owner once: a reference to a group, unless it says that it is a user or looks like one.
fn owners(entries: &[Node<'_>], out: &mut Observations) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for owner in entries.iter().filter_map(|entry| entry.at(&["spec", "owner"])) {
        let written = owner.scalar().unwrap_or_default().trim();
        if seen.len() >= MOST || !seen.insert(written) {
            continue;
        }
        let (kind, name) = written.split_once(':').unwrap_or(("", written));
        let name = name.strip_prefix("default/").unwrap_or(name);
        let is_team = match kind.to_ascii_lowercase().as_str() {
            "group" => true,
            // Some write a login where the format expects a group.
            "" => !name.contains(['.', '@', ' ']),
            _ => false,
        };
        field(if is_team { "owner team" } else { "owner" }, name, owner.line(), out);
    }
}

fn field(name: &str, value: &str, line: u32, out: &mut Observations) {
    let value = value.trim();
    // A field that is left open is null.
    if !matches!(value, "" | "~" | "null") && value.len() <= LONGEST && !value.contains(['{', '}', '$', '<', '>', '\n']) {
        out.push(Observation::new(Kind::Statement, Voice::Entry.as_str(), value, line).with(attribute::NAME, name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let mut out = Observations::default();
        let read = Entries.observe(&Artifact::new("catalog-info.yaml", text.as_bytes()), &mut out);
        drop(read);
        let told = out.into_vec().into_iter().map(|one| match one.attribute(attribute::NAME) {
            Some(name) => format!("{} {name}={}", one.line, one.key),
            None => format!("{} {}: {}", one.line, one.scope, one.key),
        });
        told.collect()
    }

    const HEAD: &str = "apiVersion: backstage.io/v1alpha1\n";

    #[test]
    fn an_entry_says_whose_a_unit_is_and_what_it_is_for() {
        let text = format!(
            "# ours\n---\n{HEAD}kind: Component\nmetadata:\n  name: ranker\n  description: Ranks applicants.\n  tags: [python, hiring]\n\
             spec:\n  type: service\n  lifecycle: production\n  owner: group:default/people-tech\n"
        );
        assert_eq!(
            said(&text),
            [
                "7 introduction: Ranks applicants.",
                "12 owner team=people-tech",
                "11 lifecycle=production",
                "10 type=service",
                "6 catalogue name=ranker",
                "8 tag=python",
                "8 tag=hiring"
            ]
        );
    }

    #[test]
    fn of_several_units_only_what_all_say_holds() {
        let one = |name: &str, owner: &str, lifecycle: &str| {
            format!(
                "---\n{HEAD}kind: Component\nmetadata: {{name: {name}, description: About {name}, tags: [x]}}\n\
                 spec: {{type: service, lifecycle: {lifecycle}, owner: {owner}}}\n"
            )
        };
        let group = format!("---\n{HEAD}kind: Group\nmetadata: {{name: g, description: People}}\nspec: {{type: team}}\n");
        let api =
            format!("---\n{HEAD}kind: API\nmetadata: {{name: p, description: Pets}}\nspec: {{owner: pets, lifecycle: experimental}}\n");
        let text = [
            one("a", "team-a", "production"),
            api,
            one("b", "user:default/jane", "deprecated"),
            group,
        ]
        .concat();
        assert_eq!(
            said(&text),
            [
                "4 readme: About a",
                "14 readme: About b",
                "5 owner team=team-a",
                "15 owner=jane",
                "5 type=service"
            ]
        );
    }

    #[test]
    fn owners_are_teams_unless_they_are_users_or_look_like_some() {
        for (owner, told) in [
            ("team-a", "4 owner team=team-a"),
            ("group:payments/team-a", "4 owner team=payments/team-a"),
            ("Group:default/team-a", "4 owner team=team-a"),
            ("default/team-a", "4 owner team=team-a"),
            ("user:jane", "4 owner=jane"),
            ("user:default/jane.roe", "4 owner=jane.roe"),
            ("jane.roe", "4 owner=jane.roe"),
            ("jane@example.org", "4 owner=jane@example.org"),
            ("Jane Roe", "4 owner=Jane Roe"),
        ] {
            for kind in KINDS {
                let text = format!("{HEAD}kind: {kind}\nspec:\n  owner: {owner}\n");
                assert_eq!(said(&text), [told], "{owner}");
            }
        }
    }

    #[test]
    fn other_files_templates_and_empty_fields_say_nothing() {
        for text in [
            "",
            "apiVersion: apps/v1\nkind: Component\nspec: {owner: team-a}\n",
            "kind: Component\nspec: {owner: team-a}\n",
            &format!("{HEAD}kind: Location\nspec: {{targets: [./a.yaml], owner: team-a}}\n"),
            &format!("{HEAD}kind: User\nmetadata: {{description: Jane}}\nspec: {{owner: jane}}\n"),
            &format!("{HEAD}kind: Template\nspec: {{owner: team-a, type: service}}\n"),
            &format!("{HEAD}kind: Component\nmetadata: {{description: '${{{{ values.about }}}}'}}\nspec: {{owner: team-a}}\n"),
            &format!("{HEAD}kind: Component\nmetadata:\n  description: # what it does\nspec:\n  owner: # team\n  lifecycle:\n"),
            &format!("{HEAD}kind: Component\nspec: {{owner: <team>, lifecycle: [a], type: {{a: b}}}}\n"),
            "- - -\n",
        ] {
            assert_eq!(said(text), [""; 0], "{text}");
        }
        for name in ["catalog.yaml", "my-catalog-info.yaml", "catalog-info.json", "catalog-info.yaml.tpl"] {
            assert_eq!(Entries.wants(&FilePath::of(name)), None, "{name}");
        }
        assert_eq!(Entries.wants(&FilePath::of("services/a/catalog-info.yml")), Some(Gate::Always));
    }

    #[test]
    fn so_many_are_read() {
        let one = |n: usize| format!("---\n{HEAD}kind: Component\nspec: {{owner: team-{n}}}\n");
        let many: String = (0..1_000).map(one).collect();
        assert_eq!(said(&many).len(), MOST);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(?s)((apiVersion: backstage.io/v1|kind: Component|spec:|owner|metadata:|tags|: ?|[\\[\\]{},\\n -]|---\\n|a){0,60})") {
            said(&text);
        }
    }
}
