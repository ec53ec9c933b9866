//! Infrastructure that a program describes: constructs of the Cloud Development Kit and of Pulumi, by the type that the same thing has in a
//! template; and container images that a program runs. What a program makes of loops and conditions is not followed.

use std::collections::BTreeSet;

use evidence::{Kind, Observation, attribute};

use super::facts::{Call, Facts, Value};
use crate::Observations;
use crate::config::value;
use crate::infra::observe_image;

/// The scope of types as templates of CloudFormation write them.
const TEMPLATE: &str = "cloudformation";
/// The scope of types as programs of Pulumi in YAML write them.
const PROGRAM: &str = "pulumi";

/// The typed thing that a call makes, if it is such a construct.
pub(super) fn resource(call: &Observation) -> Option<Observation> {
    let (scope, kind, name) = match (constructed(&call.key), typed(&call.key)) {
        (Some(kind), _) => (TEMPLATE, kind, "1"),
        (None, Some(kind)) => (PROGRAM, kind, "0"),
        (None, None) => return None,
    };
    let mut resource = Observation::new(Kind::Resource, scope, kind, call.line);
    for (argument, value) in &call.attributes {
        let Some(argument) = argument.strip_prefix(attribute::ARGUMENT) else {
            continue;
        };
        if argument == name {
            resource = resource.with(attribute::ID, value.clone());
        } else if argument.starts_with(|c: char| !c.is_ascii_digit()) {
            let argument = if scope == TEMPLATE {
                capital(argument)
            } else {
                argument.to_owned()
            };
            resource = resource.with(format!("{}{argument}", attribute::ARGUMENT), value.clone());
        }
    }
    Some(resource)
}

/// Arguments and setters that hold the reference of an image.
const IMAGES: [&str; 9] = [
    "image",
    "Image",
    "imageName",
    "image_name",
    "withImage",
    "WithImage",
    "fromRegistry",
    "from_registry",
    "FromRegistry",
];

/// Adds the image that a call runs in a container: `new AcmeContainer("org/acme:1")`, `DockerImageName.parse("org/acme:1")`,
/// `.WithImage("org/acme:1")`, `ContainerRequest{Image: "org/acme:1"}`.
pub(super) fn image(call: &Observation, out: &mut Observations) {
    let mut callee = call.key.rsplit('.');
    let last = callee.next().unwrap_or_default();
    let is_parsed = last == "parse" && callee.next().is_some_and(|class| class.ends_with("ImageName"));
    let takes_one = is_parsed || IMAGES.contains(&last) || last.len() > "Container".len() && last.ends_with("Container");
    let named = call.attributes.iter().filter_map(|(name, value)| {
        let argument = name.strip_prefix(attribute::ARGUMENT)?;
        (takes_one && argument == "0" || IMAGES.contains(&argument)).then_some(value)
    });
    for text in named.filter(|text| is_reference(text)) {
        observe_image(text, call.line, out);
    }
}

/// Adds the image that a variable or constant named after one holds: `ACME_IMAGE = "org/acme:1"`.
pub(super) fn assigned_image(name: &str, text: &str, line: u32, out: &mut Observations) {
    let words = value::words(name);
    let last = words.last().map(String::as_str);
    let before = words.len().checked_sub(2).and_then(|at| words.get(at)).map(String::as_str);
    let is_image = last == Some("image") || before == Some("image") && matches!(last, Some("name" | "ref" | "reference" | "uri"));
    if is_image && is_reference(text) {
        observe_image(text, line, out);
    }
}

/// Whether a text may say which image, and where it is from: a word alone, an address and a file do not.
fn is_reference(text: &str) -> bool {
    text.contains(['/', ':']) && !text.contains("://") && !text.contains([' ', '\\']) && !text.starts_with(['.', '/', '#', '@'])
}

/// The names under which a program of the Cloud Development Kit knows its constructs: `new AcmeEndpoint(this, "AcmeSmall", …)`.
pub(super) fn ids_of_constructs<'f>(facts: &'f Facts) -> BTreeSet<&'f str> {
    let is_kit = |path: &str| path.contains("cdk") || path == "constructs";
    if !facts.imports.iter().any(|import| is_kit(&import.path)) {
        return BTreeSet::new();
    }
    let is_scope = |path: &[String]| matches!(path, [one] if SCOPES.contains(&one.as_str()));
    let id = |call: &'f Call| match call.arguments.as_slice() {
        [(_, Value::Path(path)), (_, Value::Text(id)), ..] if is_scope(path) => Some(id.as_str()),
        _ => None,
    };
    facts.calls.iter().filter_map(id).collect()
}

/// What a construct is made in.
const SCOPES: [&str; 5] = ["this", "self", "scope", "stack", "app"];

/// The type behind `aws-cdk-lib/aws-acme.CfnThing`, `aws_cdk.aws_acme.CfnThing`, `awscdk.services.acme.CfnThing.Builder.create`,
/// `awscdk/v2/awsacme.NewCfnThing`.
fn constructed(callee: &str) -> Option<String> {
    if !callee.contains("cdk") {
        return None;
    }
    let parts: Vec<&str> = callee.split(['.', '/']).collect();
    parts.windows(2).find_map(|pair| {
        let thing = pair[1].strip_prefix("New").unwrap_or(pair[1]).strip_prefix("Cfn")?;
        let service = pair[0].strip_prefix("aws").unwrap_or(pair[0]).trim_start_matches(['-', '_']);
        let is_type = thing.starts_with(|c: char| c.is_ascii_uppercase()) && !service.is_empty();
        is_type.then(|| format!("AWS::{service}::{thing}"))
    })
}

/// The type behind `@pulumi/acme.module.Thing`, `pulumi_acme.module.Thing`, `pulumi-acme/sdk/v6/go/acme/module.NewThing`.
fn typed(callee: &str) -> Option<String> {
    let at = callee.find("pulumi")?;
    let mut parts = callee[at..].split(['.', '/']).filter(|part| !part.is_empty());
    let first = parts.next()?;
    let platform = match first {
        "pulumi" if callee.starts_with('@') => parts.next()?.to_owned(),
        // Its own repositories stand below its name.
        "pulumi" => parts.next()?.strip_prefix("pulumi-")?.to_owned(),
        _ => first.strip_prefix("pulumi_")?.replace('_', "-"),
    };
    let is_version = |part: &&str| {
        part.strip_prefix('v')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let mut rest: Vec<&str> = parts.filter(|part| !is_version(part) && !matches!(*part, "sdk" | "go")).collect();
    // Go says the platform twice.
    if rest.first().is_some_and(|again| platform.ends_with(again)) {
        rest.remove(0);
    }
    let [module, thing] = rest.as_slice() else { return None };
    let thing = thing.strip_prefix("New").unwrap_or(thing);
    let is_type = thing.starts_with(|c: char| c.is_ascii_uppercase()) && module.starts_with(|c: char| c.is_ascii_lowercase());
    is_type.then(|| format!("{platform}:{module}:{thing}"))
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// The forms in which programs name the module of a type.
pub(super) fn mentions(scope: &str, kind: &str) -> Vec<String> {
    match scope {
        TEMPLATE => {
            let mut parts = kind.split("::");
            let service = parts.nth(1).unwrap_or_default().to_ascii_lowercase();
            let forms = ["aws-", "aws_", "awscdk.services.", "/aws"];
            forms
                .iter()
                .filter(|_| !service.is_empty())
                .map(|form| format!("{form}{service}"))
                .collect()
        }
        PROGRAM => {
            let Some((platform, rest)) = kind.split_once(':') else {
                return Vec::new();
            };
            let module = rest.split(['/', ':']).next().unwrap_or_default();
            let family = platform.split('-').next().unwrap_or(platform);
            let forms = [
                format!("{family}.{module}"),
                format!("{}.{module}", platform.replace('-', "_")),
                format!("{platform}/{module}"),
            ];
            forms.into_iter().filter(|_| !module.is_empty()).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constructs_have_the_types_of_templates() {
        for (callee, kind) in [
            ("aws-cdk-lib/aws-acme.CfnThing", "AWS::acme::Thing"),
            ("aws-cdk-lib.aws_acme.CfnThing", "AWS::acme::Thing"),
            ("@aws-cdk/aws-acme.CfnThing", "AWS::acme::Thing"),
            ("aws_cdk.aws_acme.CfnThing", "AWS::acme::Thing"),
            ("software.amazon.awscdk.services.acme.CfnThing.Builder.create", "AWS::acme::Thing"),
            ("github.com/aws/aws-cdk-go/awscdk/v2/awsacme.NewCfnThing", "AWS::acme::Thing"),
            ("@pulumi/acme.module.Thing", "acme:module:Thing"),
            ("@pulumi/acme/module.Thing", "acme:module:Thing"),
            ("@pulumi/acme-native/module/v20230501.Thing", "acme-native:module:Thing"),
            ("pulumi_acme_native.module.Thing", "acme-native:module:Thing"),
            ("github.com/pulumi/pulumi-acme/sdk/v6/go/acme/module.NewThing", "acme:module:Thing"),
        ] {
            let call = Observation::new(Kind::Call, "javascript", callee, 3);
            assert_eq!(resource(&call).map(|made| made.key).as_deref(), Some(kind), "{callee}");
        }
        for callee in [
            "aws-cdk-lib/aws-acme.Bucket",
            "acme.module.CfnThing",
            "@pulumi/pulumi.Config",
            "@pulumi/acme.getThing",
            "@pulumi/acme.module.getThing",
            "pulumi.export",
            "pulumi_acme.Provider",
        ] {
            assert_eq!(resource(&Observation::new(Kind::Call, "python", callee, 1)), None, "{callee}");
        }
    }

    fn images(callee: &str, argument: &str, text: &str) -> Vec<String> {
        let mut out = Observations::default();
        let call = Observation::new(Kind::Call, "java", callee, 3).with(format!("arg.{argument}"), text);
        image(&call, &mut out);
        out.as_slice().iter().map(|seen| seen.key.clone()).collect()
    }

    #[test]
    fn images_that_a_program_runs_are_seen() {
        for (callee, argument) in [
            ("org.testcontainers.acme.AcmeContainer", "0"),
            ("org.testcontainers.utility.DockerImageName.parse", "0"),
            ("?.WithImage", "0"),
            ("github.com/testcontainers/testcontainers-go.ContainerRequest", "Image"),
            ("?.containers.run", "image"),
        ] {
            assert_eq!(images(callee, argument, "org/acme:v1"), ["org/acme"], "{callee}");
        }
        for (callee, argument, text) in [
            ("?.AcmeContainer", "0", "acme"),
            ("?.Container", "0", "org/acme:v1"),
            ("?.parse", "0", "org/acme:v1"),
            ("?.AcmeContainer", "1", "org/acme:v1"),
            ("?.draw", "image", "https://acme.example/a.png"),
            ("?.draw", "image", "./a.png"),
            ("?.draw", "title", "org/acme:v1"),
        ] {
            assert_eq!(images(callee, argument, text), [""; 0], "{callee} {text}");
        }
    }

    #[test]
    fn constructs_have_ids_of_their_own() {
        let call = |first: &str, id: &str| Call {
            callee: vec!["AcmeEndpoint".to_owned()],
            arguments: vec![
                ("0".to_owned(), Value::Path(vec![first.to_owned()])),
                ("1".to_owned(), Value::Text(id.to_owned())),
            ],
            line: 1,
        };
        let mut facts = Facts {
            calls: vec![call("this", "Llama7B"), call("model", "m-1")],
            ..Facts::default()
        };
        assert!(ids_of_constructs(&facts).is_empty());
        facts.imports.push(super::super::facts::Import {
            path: "aws-cdk-lib".to_owned(),
            local: "cdk".to_owned(),
            line: 1,
        });
        assert_eq!(ids_of_constructs(&facts).into_iter().collect::<Vec<_>>(), ["Llama7B"]);
    }

    #[test]
    fn images_that_constants_hold_are_seen() {
        let held = |name: &str, text: &str| {
            let mut out = Observations::default();
            assigned_image(name, text, 1, &mut out);
            out.as_slice().len()
        };
        assert_eq!((held("ACME_IMAGE", "org/acme:v1"), held("imageName", "org/acme")), (1, 1));
        for (name, text) in [
            ("image", "cover.png"),
            ("ACME_IMAGE", "acme"),
            ("background_image", "https://acme.example/a.png"),
            ("imagePath", "org/acme:v1"),
            ("images", "org/acme:v1"),
        ] {
            assert_eq!(held(name, text), 0, "{name} {text}");
        }
    }

    #[test]
    fn settings_have_the_names_of_templates() {
        let call = Observation::new(Kind::Call, "javascript", "aws-cdk-lib/aws-acme.CfnThing", 3)
            .with("arg.1", "helper")
            .with("arg.model", "m-1");
        let made = resource(&call).expect("a construct");
        assert_eq!(made.attribute(attribute::ID), Some("helper"));
        assert_eq!(made.attribute("arg.Model"), Some("m-1"));
    }
}
