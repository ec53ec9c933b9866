//! Terraform and OpenTofu, and what else is written in HCL: resources, data sources and modules with their arguments.
//! References to variables and locals of the same file are replaced by their values; nothing is planned or looked up.

mod hcl;

use std::collections::BTreeMap;

use super::{image, resource, tags, workload};
use crate::tree::{Node, Shape, Tree};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observations, Unreadable};

const SCOPE: &str = "terraform";
/// A text does not grow beyond this by what is put in for references.
const LONGEST_TEXT: usize = 16 << 10;
/// Values that refer to values that refer to values are followed this often.
const DEEPEST: usize = 4;

static INFO: Info = Info {
    id: "infra/terraform",
    title: "Terraform, OpenTofu and other HCL",
    reads: &[
        "*.tf",
        "*.tofu",
        "*.tf.json",
        "*.tofu.json",
        "*.tfvars",
        "*.tfvars.json",
        "*.hcl",
        "*.nomad",
    ],
    emits: &[
        (Kind::Resource, SCOPE),
        (Kind::Resource, super::arm::SCOPE),
        (Kind::Resource, resource::PERMISSION),
        (Kind::Resource, workload::CHART),
        (Kind::Image, image::SCOPE),
        (Kind::Package, "pypi"),
        (Kind::Package, "npm"),
        (Kind::Package, "git"),
        (Kind::Command, SCOPE),
        (Kind::Env, SCOPE),
        (Kind::Model, SCOPE),
        (Kind::Host, SCOPE),
        (Kind::Literal, SCOPE),
        tags::EMITS,
    ],
    needs: &[],
    docs: "https://developer.hashicorp.com/terraform/language",
};

/// Reads Terraform.
pub(super) struct Terraform;

impl Detector for Terraform {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let gate = if keeps_tags(file) { Gate::Always } else { Gate::Anchored };
        is_terraform(file).then_some(gate)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let own;
        let tree = if artifact.path().to_ascii_lowercase().ends_with(".json") {
            artifact.tree()?
        } else {
            own = hcl::read(artifact.text()?)?;
            &own
        };
        let known = known(tree);
        let tree = resolved(tree, &known);
        observe_blocks(&tree, out);
        tags::observe(&tree, out);
        workload::observe_beside(SCOPE, &tree, out, |container, child, out| {
            if let Some(text) = child.text() {
                let key = if child.key().is_empty() { container.key() } else { child.key() };
                resource::observe_permission(key, text, child.line(), out);
            }
            is_prose(child) || workload::names_an_object(container, child) || observe_default_image(container, child, out)
        });
        tree.complete()
    }
}

/// Whether a path names such a file. The lock file names nothing but plugins.
pub(crate) fn is_terraform(file: &FilePath<'_>) -> bool {
    let name = file.plain_name();
    let plain = name.strip_suffix(".json").unwrap_or(name);
    let ends = [".tf", ".tofu", ".tfvars"].iter().any(|end| plain.ends_with(end));
    (ends || name.ends_with(".hcl") || name.ends_with(".nomad")) && name != ".terraform.lock.hcl"
}

/// Whether a path names one of the few small files in which modules keep the tags of all their resources.
fn keeps_tags(file: &FilePath<'_>) -> bool {
    matches!(
        file.plain_name(),
        "locals.tf" | "local.tf" | "provider.tf" | "providers.tf" | "tags.tf" | "labels.tf" | "terraform.tfvars"
    )
}

/// `variable "server_image" { default = "registry/org/name:tag" }`
fn observe_default_image(container: Node<'_>, child: Node<'_>, out: &mut Observations) -> bool {
    child.key() == "default" && workload::observe_image(container.key(), child, out)
}

/// Descriptions for people, and expressions of types.
fn is_prose(child: Node<'_>) -> bool {
    matches!(child.key(), "description" | "error_message") && child.shape() == Shape::Text
}

/// What variables and locals hold, by the name under which expressions refer to them.
fn known(tree: &Tree) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    for block in tree.root().children() {
        match block.key() {
            "variable" => {
                for variable in block.children() {
                    if let Some(text) = variable.get("default").and_then(Node::scalar) {
                        known.insert(format!("var.{}", variable.key()), text.to_owned());
                    }
                }
            }
            "locals" => {
                for local in block.children() {
                    if let Some(text) = local.scalar() {
                        known.insert(format!("local.{}", local.key()), text.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    known
}

fn resolved(tree: &Tree, known: &BTreeMap<String, String>) -> Tree {
    tree.with_texts(|text| {
        let mut changed = None;
        for _ in 0..DEEPEST {
            let Some(next) = replaced(changed.as_deref().unwrap_or(text), known) else {
                break;
            };
            changed = Some(next);
        }
        changed
    })
}

/// The text with each `${name}` that is known replaced; nothing if there is none.
fn replaced(text: &str, known: &BTreeMap<String, String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut changed = false;
    while let Some(at) = rest.find("${") {
        let inner = &rest[at + 2..];
        let value = inner.find('}').and_then(|end| Some((end, known.get(inner[..end].trim())?)));
        match value {
            Some((end, value)) if out.len() + value.len() <= LONGEST_TEXT => {
                out.push_str(&rest[..at]);
                out.push_str(value);
                rest = &inner[end + 1..];
                changed = true;
            }
            _ => {
                out.push_str(&rest[..at + 2]);
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    changed.then_some(out)
}

fn observe_blocks(tree: &Tree, out: &mut Observations) {
    for block in tree.root().children() {
        match block.key() {
            "resource" | "data" | "ephemeral" => {
                for kind in block.children() {
                    for named in kind.children().filter(|named| named.shape() == Shape::Map) {
                        observe_resource(kind.key(), named, out);
                    }
                }
            }
            "module" => {
                for module in block.children() {
                    if let Some(source) = module.get("source").and_then(Node::text).and_then(module_source) {
                        out.extend(resource::of(SCOPE, &source, module.key(), Some(module), module.line()));
                    }
                }
            }
            _ => {}
        }
    }
}

fn observe_resource(kind: &str, named: Node<'_>, out: &mut Observations) {
    out.extend(resource::of(SCOPE, kind, named.key(), Some(named), named.line()));
    // A resource of another platform's own type, passed on as it is.
    if let Some((kind, _)) = named
        .get("type")
        .and_then(Node::text)
        .and_then(|kind| kind.split_once('@'))
        .filter(|(kind, _)| kind.contains('/'))
    {
        let settings = named.get("body").unwrap_or(named);
        out.extend(resource::of(super::arm::SCOPE, kind, named.key(), Some(settings), named.line()));
    }
}

/// Where a module comes from, without transport and version; nothing for folders of the same tree.
fn module_source(source: &str) -> Option<String> {
    if source.starts_with(['.', '/', '$']) {
        return None;
    }
    let bare = source.strip_prefix("git::").unwrap_or(source);
    let bare = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    let bare = bare.split(['?', '#']).next().unwrap_or(bare);
    let bare = bare
        .strip_prefix("git@")
        .unwrap_or(bare)
        .replace(".git", "")
        .replace("github.com:", "github.com/");
    Some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    fn lines(path: &str, text: &str) -> Vec<String> {
        seen(&Terraform, path, text)
    }

    #[test]
    fn defaults_of_variables_are_images() {
        let found = |name: &str, value: &str| {
            let text = format!("variable \"{name}\" {{\n  default = \"{value}\"\n}}\n");
            lines("variables.tf", &text).iter().any(|line| line.contains(" Image "))
        };
        for (name, value) in [("server_image", "nvcr.io/nvidia/tritonserver:23.10"), ("image_path", "org/name:1")] {
            assert!(found(name, value), "{name} {value}");
        }
        for (name, value) in [
            ("server_image", "ubuntu"),
            ("image_path", "./images/logo.png"),
            ("logo_image", "static/logo.svg"),
            ("imagery", "org/name:1"),
            ("model_id", "org/name"),
        ] {
            assert!(!found(name, value), "{name} {value}");
        }
    }

    const MAIN: &str = r#"
variable "model" {
  description = "Which of gpt-x"
  default     = "gpt-x"
}
locals {
  name = "${var.model}-v1"
  kind = "Acme"
}
resource "cloud_ai_deployment" "chat" {
  kind = local.kind
  model {
    name    = var.model
    version = "1"
  }
  dynamic "scale" {
    for_each = var.scales
    content {
      type = scale.value.type
    }
  }
  fallback_model = coalesce(var.other, "gpt-y")
  url            = "https://${var.region}.api.example.com/v1"
  tags           = { for k, v in var.tags : k => v }
}
data "cloud_model" "m" { model_id = local.name }
module "llm" {
  source = "git::https://github.com/acme/llm.git//modules/x?ref=v1"
  kind   = "A"
}
module "local" { source = "./x" }
"#;

    #[test]
    fn resources_data_and_modules_are_seen_with_arguments() {
        let found = lines("main.tf", MAIN);
        let resources: Vec<&String> = found.iter().filter(|line| line.contains(" Resource ")).collect();
        assert_eq!(
            resources,
            [
                "10 Resource cloud_ai_deployment arg.fallback_model=gpt-y arg.kind=Acme arg.model.name=gpt-x arg.model.version=1 \
                 arg.scale.for_each={} arg.scale.type={} arg.tags={} arg.url=https://{}.api.example.com/v1 id=chat",
                "26 Resource cloud_model arg.model_id=gpt-x-v1 id=m",
                "27 Resource github.com/acme/llm//modules/x arg.kind=A arg.source=git::https://github.com/acme/llm.git//modules/x?ref=v1 id=llm",
            ]
        );
    }

    #[test]
    fn values_are_read_as_everywhere() {
        let found = lines("main.tf", MAIN);
        for line in [
            "4 Model gpt-x name=variable.model.default",
            "13 Model gpt-x name=resource.cloud_ai_deployment.chat.model.name",
            "22 Model gpt-y name=resource.cloud_ai_deployment.chat.fallback_model",
            "23 Host *.api.example.com name=resource.cloud_ai_deployment.chat.url path=/v1",
            "26 Model gpt-x-v1 name=data.cloud_model.m.model_id",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:#?}");
        }
        assert!(!found.iter().any(|line| line.contains("Which of")), "{found:?}");
    }

    #[test]
    fn json_says_the_same() {
        let text = r#"{"variable": {"m": {"default": "gpt-x"}}, "resource": {"cloud_ai": {"a": {"model": "${var.m}"}}}}"#;
        assert_eq!(
            lines("main.tf.json", text),
            [
                "1 Resource cloud_ai arg.model=gpt-x id=a",
                "1 Literal gpt-x name=variable.m.default",
                "1 Model gpt-x name=resource.cloud_ai.a.model"
            ]
        );
    }

    #[test]
    fn values_of_variables_are_read() {
        assert_eq!(
            lines("prod.tfvars", "deployments = {\n  \"a\" = { model_name = \"gpt-x\" }\n}\n"),
            ["2 Model gpt-x name=deployments.a.model_name"]
        );
    }

    #[test]
    fn containers_scripts_and_permissions_inside_are_seen() {
        let found = lines(
            "ecs.tf",
            "resource \"x_task\" \"t\" {\n  container_definitions = jsonencode([{\n    image = \"org/llm:1\"\n    environment = [{ name = \"LLM_MODEL\", value = \"gpt-x\" }]\n  }])\n  user_data = <<-EOT\n    #!/bin/bash\n    acme pull m1\n  EOT\n  actions = [\"acme:InvokeModel\"]\n}\nresource \"azapi_resource\" \"a\" {\n  type = \"Acme.Ai/accounts@2024\"\n  body = { kind = \"A\" }\n}\nresource \"helm_release\" \"h\" {\n  repository = \"https://charts.example\"\n  chart = \"llm\"\n}\n",
        );
        for line in [
            "3 Image org/llm tag=1",
            "4 Model gpt-x name=LLM_MODEL",
            "8 Command acme pull arg.0=m1",
            "10 Resource acme:InvokeModel",
            "12 Resource Acme.Ai/accounts arg.kind=A id=a",
            "18 Resource llm arg.repository=https://charts.example",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:#?}");
        }
    }

    #[test]
    fn comments_and_broken_files_do_no_harm() {
        assert_eq!(lines("a.tf", "# model = \"gpt-x\"\n/* resource \"a\" \"b\" {} */\n// x\n"), [""; 0]);
        let mut out = Observations::default();
        let text = "resource \"a_b\" \"c\" {\n  model = \"gpt-x\"\n}\nresource \"a_b\" {{{\n";
        assert!(Terraform.observe(&Artifact::new("a.tf", text.as_bytes()), &mut out).is_err());
        assert!(out.as_slice().iter().any(|seen| seen.key == "a_b"));
    }

    #[test]
    fn hostile_files_end() {
        for text in [
            format!("a = {}", "[".repeat(50_000)),
            format!("a = {}1{}", "(".repeat(20_000), ")".repeat(20_000)),
            "a {\n".repeat(20_000),
            "a = \"${".repeat(5_000),
            format!("locals {{ a = \"{}\" }}", "${local.a}".repeat(500)),
        ] {
            lines("a.tf", &text);
        }
    }

    #[test]
    fn files_are_known_by_their_names() {
        for path in [
            "main.tf",
            "a/b.tofu",
            "x.tf.json",
            "prod.auto.tfvars",
            "terraform.tfvars.example",
            "terragrunt.hcl",
            "llm.nomad",
        ] {
            assert!(Terraform.wants(&FilePath::of(path)).is_some(), "{path}");
        }
        for path in [".terraform.lock.hcl", "terraform.tfstate", "main.tf.bak", "tf", "x.json"] {
            assert!(Terraform.wants(&FilePath::of(path)).is_none(), "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(cut in 0_usize..MAIN.len(), insert in "[\\[\\](){}\"$<=:a-z\\n]{0,12}", path in "a\\.(tf|tf\\.json)") {
            let cut = MAIN.floor_char_boundary(cut);
            lines(&path, &format!("{}{insert}{}", &MAIN[..cut], &MAIN[cut..]));
            lines(&path, &MAIN[..cut]);
        }
    }
}
