//! Continuous integration: the steps of pipelines with the actions they use, the images they run in, their variables and
//! the programs that their scripts start.

use std::borrow::Cow;

use evidence::attribute;

use super::{Format, image, resource, shell, workload};
use crate::config::value;
use crate::tree::{self, Node};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observations, Unreadable};

/// The scope of actions.
const ACTIONS: &str = "github-actions";
/// The scope of everything else in pipelines.
const SCOPE: &str = "pipeline";

static INFO: Info = Info {
    id: "infra/pipeline",
    title: "CI pipelines",
    reads: &[
        ".github/workflows/*.yml",
        "action.yml",
        "*.gitlab-ci.yml",
        "azure-pipelines*.yml",
        ".circleci/*.yml",
        "bitbucket-pipelines.yml",
        ".woodpecker*, .drone.yml, buildkite pipelines",
    ],
    emits: &[
        (Kind::Resource, ACTIONS),
        (Kind::Image, image::SCOPE),
        (Kind::Package, "pypi"),
        (Kind::Package, "npm"),
        (Kind::Package, "git"),
        (Kind::Command, SCOPE),
        (Kind::Env, SCOPE),
        (Kind::Model, SCOPE),
        (Kind::Host, SCOPE),
        (Kind::Literal, SCOPE),
    ],
    needs: &[],
    docs: "https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax",
};

/// Keys whose texts a shell runs.
const SCRIPTS: [&str; 13] = [
    "run",
    "script",
    "before_script",
    "after_script",
    "after-script",
    "command",
    "commands",
    "bash",
    "sh",
    "pwsh",
    "powershell",
    "inlineScript",
    "cmd",
];

/// Reads pipelines.
pub(super) struct Pipeline;

impl Detector for Pipeline {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        is_pipeline(file).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        if super::format(artifact.file(), artifact.text()?) != Some(Format::Pipeline) {
            return Ok(());
        }
        let own;
        let tree = if matches!(artifact.extension(), "yml" | "yaml") {
            artifact.tree()?
        } else {
            own = tree::yaml(artifact.text()?);
            &own
        };
        let from = out.as_slice().len();
        workload::observe_beside(SCOPE, tree, out, own_keys);
        // What a pipeline uses, developers use; an action of one's own is a product like any other.
        if !is_action(artifact.file()) {
            out.mark_from(from, |_| true);
        }
        tree.complete()
    }
}

/// Whether a path names a pipeline or an action.
pub(crate) fn is_pipeline(file: &FilePath<'_>) -> bool {
    let (name, path) = (file.plain_name(), file.as_str());
    if !name.ends_with(".yml") && !name.ends_with(".yaml") {
        return false;
    }
    let within = |folder: &str| path.starts_with(folder) || path.contains(&format!("/{folder}"));
    is_action(file)
        || [
            ".github/workflows/",
            ".gitea/workflows/",
            ".forgejo/workflows/",
            ".circleci/",
            ".woodpecker/",
            ".buildkite/",
            ".gitlab/ci/",
        ]
        .iter()
        .any(|folder| within(folder))
        || name.ends_with(".gitlab-ci.yml")
        || name.ends_with(".gitlab-ci.yaml")
        || [
            "azure-pipelines",
            "azure-pipeline",
            "bitbucket-pipelines",
            ".woodpecker",
            ".drone",
            ".travis",
            "cloudbuild",
            "buildspec",
        ]
        .iter()
        .any(|start| name.starts_with(start))
}

fn is_action(file: &FilePath<'_>) -> bool {
    matches!(file.plain_name(), "action.yml" | "action.yaml")
}

fn own_keys(container: Node<'_>, child: Node<'_>, out: &mut Observations) -> bool {
    let within_inputs = container.key() == "with" || container.key() == "inputs" || container.key() == "parameters";
    match child.key() {
        "uses" | "pipe" => child.text().is_some_and(|text| observe_use(text, container, child, out)),
        // What a person reads.
        "description" | "name" | "displayName" => {
            let text = child.text();
            value::observe_variable(SCOPE, text.unwrap_or_default(), child.line(), out);
            text.is_some()
        }
        // `from_secret: name`, as Woodpecker and Drone take a secret, whose name is written in any case.
        "from_secret" => {
            let name = child.text().map(|name| name.to_ascii_uppercase().replace('-', "_"));
            value::observe_variable(SCOPE, name.as_deref().unwrap_or_default(), child.line(), out);
            name.is_some()
        }
        // The scripts of an action that runs them are in the language of its host.
        key if within_inputs => key.ends_with("args") && observe_options(child, out),
        key if SCRIPTS.contains(&key) => runs_in_a_shell(container) && observe_scripts(child, out),
        "" if SCRIPTS.contains(&container.key()) => observe_scripts(child, out),
        _ => false,
    }
}

/// `owner/action/path@ref`, with what it is given.
fn observe_use(text: &str, step: Node<'_>, child: Node<'_>, out: &mut Observations) -> bool {
    if text.starts_with("docker://") {
        image::observe(text, child.line(), out);
    } else if !text.starts_with(['.', '$', '{']) {
        let (name, version) = text.split_once('@').unwrap_or((text, ""));
        let id = step.get("name").or_else(|| step.get("id")).and_then(Node::text).unwrap_or_default();
        let id = if id.len() <= 120 { id } else { "" };
        let used = resource::of(ACTIONS, name, id, step.get("with"), child.line());
        out.extend(used.map(|used| used.with(attribute::VERSION, version)));
    }
    true
}

/// Whether a step's script is a shell's: it may say that another program runs it.
fn runs_in_a_shell(step: Node<'_>) -> bool {
    let shell = step.get("shell").and_then(Node::text).unwrap_or_default();
    !["python", "node", "ruby", "perl", "deno", "bun"]
        .iter()
        .any(|other| shell.starts_with(other))
}

fn observe_scripts(node: Node<'_>, out: &mut Observations) -> bool {
    let Some(text) = node.text() else { return false };
    let text = without_expressions(text);
    shell::observe_commands(SCOPE, &shell::commands(&text, node.line()), out);
    true
}

/// Options for a program in one text.
fn observe_options(node: Node<'_>, out: &mut Observations) -> bool {
    let Some(text) = node.text() else { return false };
    let mut words = shell::words(text, node.line()).into_iter().peekable();
    while let Some(word) = words.next() {
        match word.text.split_once('=') {
            Some((name, set)) if name.starts_with('-') => shell::observe_setting(SCOPE, name, set, word.line, out),
            _ if word.text.starts_with('-') => {
                if let Some(next) = words.next_if(|next| !next.text.starts_with('-')) {
                    shell::observe_setting(SCOPE, &word.text, &next.text, next.line, out);
                }
            }
            _ => value::observe(SCOPE, "", &word.text, word.line, out),
        }
    }
    true
}

/// Expressions (`${{ secrets.X }}`) as one word each, so that blanks and operators in them part nothing.
fn without_expressions(text: &str) -> Cow<'_, str> {
    if !text.contains("${{") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${{") {
        let Some(end) = rest[at..].find("}}").map(|end| at + end + 2) else {
            break;
        };
        out.push_str(&rest[..at]);
        out.extend(
            rest[at..end]
                .chars()
                .filter(|c| !c.is_whitespace() && !matches!(c, '|' | '&' | '(' | ')' | ';' | '\'' | '"')),
        );
        rest = &rest[end..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    fn lines(path: &str, text: &str) -> Vec<String> {
        seen(&Pipeline, path, text)
            .into_iter()
            .map(|line| line.replace(" usage=test", ""))
            .collect()
    }

    #[test]
    fn secrets_of_pipelines_are_variables() {
        let text = "steps:\n- name: post\n  settings:\n    token:\n      from_secret: acme-api_key\n";
        let all = lines(".woodpecker/post.yaml", text);
        assert!(all.contains(&"5 Env ACME_API_KEY".to_owned()), "{all:?}");
        assert!(!all.iter().any(|line| line.contains("acme-api_key")), "{all:?}");
    }

    const WORKFLOW: &str = "name: Review with gpt-x
on: push
env:
  LLM_MODEL: gpt-x
jobs:
  review:
    container: {image: 'org/llm:1'}
    steps:
      - uses: actions/checkout@v4
      - name: Review
        uses: acme/review-action@v1.2
        with:
          api_key: ${{ secrets.LLM_KEY }}
          model: gpt-y
          llm_args: |
            --max 3
            --model gpt-z
      - uses: ./.github/actions/own
      - uses: docker://org/other:2
      - run: |
          npm install -g @acme/cli
          acme run \"${{ inputs.x || 'y' }}\"
      - shell: python
        run: |
          acme run x
      - uses: actions/github-script@v7
        with:
          script: acme run x
";

    #[test]
    fn steps_give_actions_images_packages_and_programs() {
        let found = lines(".github/workflows/ci.yml", WORKFLOW);
        for line in [
            "4 Env LLM_MODEL",
            "4 Model gpt-x name=LLM_MODEL",
            "7 Image org/llm tag=1",
            "9 Resource actions/checkout version=v4",
            "11 Resource acme/review-action arg.api_key={} arg.llm_args=--max 3\n--model gpt-z\n arg.model=gpt-y id=Review version=v1.2",
            "13 Env LLM_KEY name=jobs.review.steps.with.api_key",
            "14 Model gpt-y name=jobs.review.steps.with.model",
            "19 Image org/other tag=2",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:#?}");
        }
        assert!(
            found
                .iter()
                .any(|line| line.contains("Model gpt-z name=--model") || line.contains("Model gpt-z name=model")),
            "{found:#?}"
        );
        assert!(found.iter().any(|line| line.contains("Package @acme/cli")), "{found:#?}");
        assert_eq!(
            found.iter().filter(|line| line.contains("Command acme run")).count(),
            1,
            "{found:#?}"
        );
        assert!(!found.iter().any(|line| line.contains("Review with")), "{found:#?}");
    }

    #[test]
    fn other_systems_are_read() {
        for (path, text) in [
            (
                ".gitlab-ci.yml",
                "a:\n  image: org/llm\n  variables: {LLM_MODEL: gpt-x}\n  script:\n    - acme run x\n",
            ),
            (
                "azure-pipelines.yml",
                "variables:\n- {name: LLM_MODEL, value: gpt-x}\nresources: {containers: [{image: org/llm}]}\nsteps:\n- bash: acme run x\n",
            ),
            (
                ".circleci/config.yml",
                "jobs:\n  a:\n    docker: [{image: org/llm}]\n    environment: {LLM_MODEL: gpt-x}\n    steps: [{run: {name: x, command: acme run x}}]\n",
            ),
            (
                "bitbucket-pipelines.yml",
                "image: org/llm\nLLM_MODEL: gpt-x\npipelines: {default: [{step: {script: [acme run x]}}]}\n",
            ),
        ] {
            let found = lines(path, text);
            for part in [" Image org/llm", " Env LLM_MODEL", " Command acme run arg.0=x"] {
                assert!(found.iter().any(|line| line.contains(part)), "{path} {part}: {found:#?}");
            }
        }
    }

    #[test]
    fn a_pipeline_is_no_product_but_an_action_is() {
        assert!(seen(&Pipeline, ".gitlab-ci.yml", "LLM_MODEL: gpt-x\n")[0].contains("usage=test"));
        assert!(!seen(&Pipeline, "action.yml", "LLM_MODEL: gpt-x\n")[0].contains("usage"));
    }

    #[test]
    fn files_are_known_by_their_paths() {
        for path in [
            ".github/workflows/a.yaml",
            "x/action.yml",
            ".gitlab-ci.yml",
            "ci/build.gitlab-ci.yml",
            "azure-pipelines-ci.yml",
        ] {
            assert!(Pipeline.wants(&FilePath::of(path)).is_some(), "{path}");
        }
        for path in [
            ".github/dependabot.yml",
            "workflows/a.yml",
            "actions.yml",
            ".github/workflows/readme.md",
            "gitlab-ci.yml.md",
        ] {
            assert!(Pipeline.wants(&FilePath::of(path)).is_none(), "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(cut in 0_usize..WORKFLOW.len(), insert in "[\\[\\]{}'$:a-z\\n -]{0,8}") {
            lines(".github/workflows/a.yml", &format!("{}{insert}{}", &WORKFLOW[..cut], &WORKFLOW[cut..]));
        }
    }
}
