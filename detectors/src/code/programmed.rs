//! Infrastructure that a program describes: constructs of the Cloud Development Kit and of Pulumi, by the type that the same thing has in a
//! template. What a program makes of loops and conditions is not followed.

use evidence::{Kind, Observation, attribute};

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
