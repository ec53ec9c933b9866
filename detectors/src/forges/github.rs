//! Organisations of GitHub, in the cloud and on a server of one's own.

use async_trait::async_trait;
use evidence::{Info, Need};

use super::{Forge, Repository, encoded, flag, known, pages, text};
use crate::connectors::{Client, FetchError};

static INFO: Info = Info {
    id: "forges/github",
    title: "the repositories of a GitHub organisation",
    reads: &["GET /orgs/{org}/repos"],
    emits: &[],
    needs: &[Need {
        variable: "GITHUB_TOKEN",
        purpose: "a fine-grained token of the organisation with the repository permissions Metadata: read and Contents: read; without one, only public repositories",
        optional: true,
    }],
    docs: "https://docs.github.com/en/rest/repos/repos#list-organization-repositories",
};

#[derive(Debug)]
pub(super) struct GitHub;

pub(super) static GITHUB: GitHub = GitHub;

#[async_trait]
impl Forge for GitHub {
    fn info(&self) -> &Info {
        &INFO
    }

    fn option(&self) -> &'static str {
        "github-org"
    }

    fn address(&self) -> &'static str {
        "https://api.github.com"
    }

    fn address_variable(&self) -> &'static str {
        "GITHUB_API_URL"
    }

    fn user(&self) -> &'static str {
        "x-access-token"
    }

    async fn list(&self, client: &Client, owner: &str, found: &mut Vec<Repository>) -> Result<(), FetchError> {
        let path = format!("orgs/{}/repos", encoded(owner));
        // In the order of names, so that what is created meanwhile moves no page.
        let query = [("per_page", "100"), ("type", "all"), ("sort", "full_name")];
        let first = known(client.get(&path, &query).await?, owner)?;
        pages(client, &INFO, first, found, |repository| {
            Some(Repository {
                name: text(repository, "full_name")?,
                address: text(repository, "clone_url"),
                archived: flag(repository, "archived") || flag(repository, "disabled"),
                fork: flag(repository, "fork"),
            })
        })
        .await
    }
}
