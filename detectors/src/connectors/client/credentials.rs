//! Credentials, taken from the environment or from files it names, and shown to nobody.

use std::fmt;

use evidence::Info;

use crate::connectors::FetchError;

/// A file with a longer credential is not meant.
const LONGEST: u64 = 64 * 1024;

/// What a service is told so that it answers. Never printed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Credentials(pub(super) Secret);

/// How the credentials are sent.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) enum Secret {
    #[default]
    None,
    Bearer(String),
    Basic {
        user: String,
        password: String,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 == Secret::None { "no credentials" } else { "[redacted]" })
    }
}

impl Credentials {
    /// For services that ask for nothing, and for replays.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads the variables a connector says it needs. A name that ends in `_USERNAME` and one that ends in `_PASSWORD` make
    /// basic credentials, any other a bearer token; basic ones win.
    ///
    /// # Errors
    /// If a variable that is needed is missing, is given twice, or names a file that cannot be read.
    pub fn from_environment(info: &Info) -> Result<Self, FetchError> {
        Self::from_lookup(info, &|name| std::env::var(name).ok())
    }

    /// The bearer token, for a program that has to present it to the same service itself.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        match &self.0 {
            Secret::Bearer(token) => Some(token),
            Secret::None | Secret::Basic { .. } => None,
        }
    }

    fn from_lookup(info: &Info, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, FetchError> {
        let (mut user, mut password, mut token) = (None, None, None);
        for need in info.needs {
            let value = value_of(need.variable, variable)?;
            if value.is_none() && !need.optional {
                return Err(FetchError::Setup(format!("set {} (or {0}_FILE): {}", need.variable, need.purpose)));
            }
            let place = match need.variable {
                name if name.ends_with("_USERNAME") => &mut user,
                name if name.ends_with("_PASSWORD") => &mut password,
                _ => &mut token,
            };
            *place = place.take().or(value);
        }
        Ok(Self(match (user, password, token) {
            (Some(user), Some(password), _) => Secret::Basic { user, password },
            (None, None, Some(token)) => Secret::Bearer(token),
            (None, None, None) => Secret::None,
            _ => {
                return Err(FetchError::Setup(format!(
                    "{} needs both a user name and a password; only one of them is set",
                    info.title
                )));
            }
        }))
    }
}

/// The value of a variable, or of the file that the same name with `_FILE` names.
fn value_of(name: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>, FetchError> {
    let filled = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let file_variable = format!("{name}_FILE");
    let value = match (filled(name), filled(&file_variable)) {
        (Some(_), Some(_)) => return Err(FetchError::Setup(format!("both {name} and {file_variable} are set; unset one"))),
        (Some(value), None) => value,
        (None, Some(path)) => file(&path).map_err(|reason| FetchError::Setup(format!("the file that {file_variable} names {reason}")))?,
        (None, None) => return Ok(None),
    };
    let value = value.trim().to_owned();
    if value.is_empty() || value.contains(char::is_control) {
        return Err(FetchError::Setup(format!(
            "{name} is empty, or holds a line break or another character that no credential has"
        )));
    }
    Ok(Some(value))
}

fn file(path: &str) -> Result<String, String> {
    use std::io::Read;
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let length = file
        .take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(|error| format!("cannot be read: {error}"))?;
    if length as u64 > LONGEST {
        Err("is too large for a credential".to_owned())
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use evidence::Need;

    use super::*;

    static INFO: Info = Info {
        id: "connectors/example",
        title: "Example",
        reads: &[],
        emits: &[],
        needs: &[
            Need {
                variable: "X_TOKEN",
                purpose: "a token",
                optional: true,
            },
            Need {
                variable: "X_USERNAME",
                purpose: "a name",
                optional: true,
            },
            Need {
                variable: "X_PASSWORD",
                purpose: "a password",
                optional: true,
            },
        ],
        docs: "",
    };

    fn from(variables: &[(&str, &str)]) -> Result<Credentials, FetchError> {
        Credentials::from_lookup(&INFO, &|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn tokens_and_passwords_are_read() {
        assert_eq!(from(&[]), Ok(Credentials::none()));
        assert_eq!(
            from(&[("X_TOKEN", " t0ken\n")]),
            Ok(Credentials(Secret::Bearer("t0ken".to_owned())))
        );
        let basic = Credentials(Secret::Basic {
            user: "me".to_owned(),
            password: "pa55".to_owned(),
        });
        assert_eq!(from(&[("X_TOKEN", "t"), ("X_USERNAME", "me"), ("X_PASSWORD", "pa55")]), Ok(basic));
    }

    #[test]
    fn a_file_may_hold_the_value() {
        let path = std::env::temp_dir().join(format!("aimscan-credential-{}", std::process::id()));
        std::fs::write(&path, "t0ken\n").expect("a file in the temporary folder");
        let found = from(&[("X_TOKEN_FILE", &path.to_string_lossy())]);
        std::fs::remove_file(&path).expect("the file just written");
        assert_eq!(found, Ok(Credentials(Secret::Bearer("t0ken".to_owned()))));
    }

    #[test]
    fn what_cannot_be_used_is_said_without_the_value() {
        for variables in [
            &[("X_TOKEN", "s3cret"), ("X_TOKEN_FILE", "/x")][..],
            &[("X_USERNAME", "s3cret")],
            &[("X_TOKEN", "s3cret\nmore")],
            &[("X_TOKEN_FILE", "/nowhere/at/all")],
        ] {
            let error = from(variables).expect_err("unusable").to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
        let needed = Info {
            needs: &[Need {
                variable: "X_TOKEN",
                purpose: "a token",
                optional: false,
            }],
            ..INFO
        };
        let error = Credentials::from_lookup(&needed, &|_| None).expect_err("missing").to_string();
        assert!(error.contains("X_TOKEN_FILE") && error.contains("a token"), "{error}");
    }

    #[test]
    fn credentials_are_never_printed() {
        let credentials = from(&[("X_TOKEN", "s3cret")]).expect("usable");
        assert_eq!(format!("{credentials:?}"), "[redacted]");
    }
}
