//! Groups of GitLab with the groups in them, in the cloud and on a server of one's own.

use async_trait::async_trait;
use evidence::{Info, Need};

use super::{Forge, Repository, encoded, flag, known, pages, text};
use crate::connectors::{Client, FetchError};

static INFO: Info = Info {
    id: "forges/gitlab",
    title: "the repositories of a GitLab group",
    reads: &["GET /groups/{group}/projects"],
    emits: &[],
    needs: &[Need {
        variable: "GITLAB_TOKEN",
        purpose: "an access token of the group with the role Reporter and the scopes read_api and read_repository; without one, only public repositories",
        optional: true,
    }],
    docs: "https://docs.gitlab.com/api/groups/#list-projects",
};

#[derive(Debug)]
pub(super) struct GitLab;

pub(super) static GITLAB: GitLab = GitLab;

#[async_trait]
impl Forge for GitLab {
    fn info(&self) -> &Info {
        &INFO
    }

    fn option(&self) -> &'static str {
        "gitlab-group"
    }

    fn address(&self) -> &'static str {
        "https://gitlab.com/api/v4"
    }

    fn address_variable(&self) -> &'static str {
        "CI_API_V4_URL"
    }

    fn user(&self) -> &'static str {
        "oauth2"
    }

    async fn list(&self, client: &Client, owner: &str, found: &mut Vec<Repository>) -> Result<(), FetchError> {
        let path = format!("groups/{}/projects", encoded(owner));
        let query = [
            ("per_page", "100"),
            ("include_subgroups", "true"),
            // What another group shares with this one is the other group's.
            ("with_shared", "false"),
            ("order_by", "id"),
            ("sort", "asc"),
        ];
        let first = known(client.get(&path, &query).await?, owner)?;
        pages(client, &INFO, first, found, |project| {
            Some(Repository {
                name: text(project, "path_with_namespace")?,
                address: text(project, "http_url_to_repo"),
                archived: flag(project, "archived"),
                fork: project.get("forked_from_project").is_some_and(|origin| !origin.is_null()),
            })
        })
        .await
    }
}
