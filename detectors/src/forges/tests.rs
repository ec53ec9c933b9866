//! By replay of what the APIs say, as their documentation shows it, and of what a broken one might say.

use std::path::PathBuf;

use serde_json::json;

use super::*;

/// A recording of these answers: query, status, headers, body.
struct Told(PathBuf);

impl Told {
    fn new(name: &str, path: &str, answers: &[(&str, u16, Value, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("aimscan-forges-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        for (number, (query, status, headers, body)) in answers.iter().enumerate() {
            let exchange = json!({
                "request": {"method": "GET", "path": path, "query": query},
                "response": {"status": status, "headers": headers, "body": body},
            });
            std::fs::write(folder.join(format!("{number:03}.json")), exchange.to_string()).expect("a file");
        }
        Self(folder)
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn listed(forge: &dyn Forge, address: &str, told: &Told, owner: &str) -> (Vec<Repository>, Result<(), FetchError>) {
    let client = Client::replaying(address, &told.0).expect("a recording");
    let mut found = Vec::new();
    let outcome = forge.list(&client, owner, &mut found).await;
    (found, outcome)
}

const FIRST: &str = "per_page=100&sort=full_name&type=all";
const REPOSITORY: &str =
    r#"[{"full_name": "acme/shop", "clone_url": "https://github.example/acme/shop.git", "archived": false, "fork": false, "size": 0}]"#;

async fn github(name: &str, answers: &[(&str, u16, Value, &str)]) -> (Vec<Repository>, Result<(), FetchError>) {
    let told = Told::new(name, "/orgs/acme/repos", answers);
    listed(&github::GITHUB, "https://api.github.example", &told, "acme").await
}

#[tokio::test]
async fn an_organisation_is_read_page_by_page() {
    let more = r#"[{"full_name": "acme/old", "clone_url": "https://github.example/acme/old.git", "archived": true, "fork": true}, {"full_name": "acme/closed", "disabled": true}]"#;
    let link = json!({"link": "<https://api.github.example/orgs/acme/repos?per_page=100&page=2>; rel=\"next\", <https://api.github.example/orgs/acme/repos?page=2>; rel=\"last\""});
    let (found, outcome) = github(
        "pages",
        &[(FIRST, 200, link, REPOSITORY), ("page=2&per_page=100", 200, json!({}), more)],
    )
    .await;
    assert_eq!(outcome, Ok(()));
    let told: Vec<_> = found
        .iter()
        .map(|found| (found.name.as_str(), found.archived, found.fork))
        .collect();
    assert_eq!(
        told,
        [("acme/shop", false, false), ("acme/old", true, true), ("acme/closed", true, false)]
    );
    assert_eq!(found[0].address.as_deref(), Some("https://github.example/acme/shop.git"));
    assert_eq!(found[2].address, None);
}

#[tokio::test]
async fn a_group_is_read_with_the_groups_in_it() {
    let told = Told::new(
        "group",
        "/groups/acme%2Fdata/projects",
        &[(
            "include_subgroups=true&order_by=id&per_page=100&sort=asc&with_shared=false",
            200,
            json!({}),
            r#"[{"path_with_namespace": "acme/data/etl", "http_url_to_repo": "https://git.example/acme/data/etl.git", "archived": false},
                {"path_with_namespace": "acme/data/old", "http_url_to_repo": "", "archived": true, "forked_from_project": {"id": 1}}]"#,
        )],
    );
    let (found, outcome) = listed(&gitlab::GITLAB, "https://git.example/api/v4", &told, "acme/data").await;
    assert_eq!(outcome, Ok(()));
    let told: Vec<_> = found
        .iter()
        .map(|found| (found.name.as_str(), found.address.is_some(), found.archived, found.fork))
        .collect();
    assert_eq!(told, [("acme/data/etl", true, false, false), ("acme/data/old", false, true, true)]);
}

#[tokio::test]
async fn an_organisation_without_repositories_is_none_to_complain_about() {
    assert_eq!(github("empty", &[(FIRST, 200, json!({}), "[]")]).await, (Vec::new(), Ok(())));
}

#[tokio::test]
async fn what_was_listed_before_a_failure_counts() {
    let link = |page: u32| json!({"link": format!("<https://api.github.example/orgs/acme/repos?page={page}>; rel=\"next\"")});
    let (found, outcome) = github("broken", &[(FIRST, 200, link(2), REPOSITORY), ("page=2", 500, json!({}), "oops")]).await;
    assert_eq!(found.len(), 1);
    assert!(matches!(outcome, Err(FetchError::Status { status: 500, .. })), "{outcome:?}");
    let (found, outcome) = github(
        "repeated",
        &[
            (FIRST, 200, link(2), REPOSITORY),
            ("page=2", 200, link(2), REPOSITORY),
            ("page=2", 200, link(2), REPOSITORY),
        ],
    )
    .await;
    assert_eq!((found.len(), outcome), (2, Err(FetchError::Repeated { what: "repositories" })));
    let away = json!({"link": "<https://elsewhere.example/orgs/acme/repos?page=2>; rel=\"next\""});
    let (found, outcome) = github("away", &[(FIRST, 200, away, REPOSITORY)]).await;
    assert_eq!(found.len(), 1);
    assert!(matches!(outcome, Err(FetchError::OtherHost { .. })), "{outcome:?}");
}

#[tokio::test]
async fn refusals_say_what_would_help() {
    for (name, status, headers, body, said) in [
        ("unknown", 401, json!({}), r#"{"message": "Bad credentials"}"#, "GITHUB_TOKEN"),
        (
            "forbidden",
            403,
            json!({}),
            r#"{"message": "Resource protected by organization SAML enforcement."}"#,
            "SAML",
        ),
        ("absent", 404, json!({}), r#"{"message": "Not Found"}"#, "there is no `acme`"),
        (
            "limit",
            403,
            json!({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "4102444800"}),
            r#"{"message": "API rate limit exceeded"}"#,
            "limits requests",
        ),
        (
            "secondary",
            403,
            json!({"retry-after": "3600"}),
            r#"{"message": "secondary rate limit"}"#,
            "3600 seconds",
        ),
        ("page", 200, json!({}), "<html>Sign in</html>", "a web page"),
        ("other", 200, json!({}), r#"{"hello": 1}"#, "no list of repositories"),
        ("nameless", 200, json!({}), r#"[{"name": 1}]"#, "no list of repositories"),
    ] {
        let (_, outcome) = github(name, &[(FIRST, status, headers, body)]).await;
        let error = outcome.expect_err(name).to_string();
        assert!(error.contains(said), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_limit_that_soon_passes_is_waited_for() {
    let (found, outcome) = github(
        "soon",
        &[
            (FIRST, 403, json!({"retry-after": "1"}), r#"{"message": "secondary rate limit"}"#),
            (FIRST, 429, json!({"retry-after": "1"}), "{}"),
            (FIRST, 200, json!({}), REPOSITORY),
        ],
    )
    .await;
    assert_eq!((found.len(), outcome), (1, Ok(())));
}

#[test]
fn names_cannot_leave_their_place_in_a_path() {
    assert_eq!(encoded("acme/../x?y#z%"), "acme%2F..%2Fx%3Fy%23z%25");
}
