//! What an AI system can be made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kind of a component, in the vocabulary of AI bills of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// A company or project whose AI service is used, by its short vendor name.
    Provider,
    /// A client library or helper, by its registry's full name.
    Package,
    /// A machine-learning or orchestration framework, by its registry's full name.
    Framework,
    /// A framework that builds agents, by its registry's full name.
    AgentFramework,
    /// A vector store or a database used as one.
    VectorDb,
    /// A managed AI resource of a cloud platform.
    CloudService,
    /// An AI model, by its id as written.
    Model,
    /// A file that holds model weights.
    ModelFile,
    /// A Model Context Protocol server, configured or implemented.
    McpServer,
    /// A container image that serves or runs AI, without its tag.
    InfraImage,
    /// Something an agent or model may call, by its name in code or configuration.
    Tool,
    /// A prompt that instructs a model, as a place.
    Prompt,
    /// Configuration of an AI coding assistant.
    AssistantConfig,
    /// A data set that trains, tunes or grounds a model.
    Dataset,
    /// A host that an AI service answers on.
    Endpoint,
    /// The name of a variable that holds an AI credential, or a recognised credential; never its value.
    SecretRef,
}

impl ComponentKind {
    /// The name used in every machine format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Package => "package",
            Self::Framework => "framework",
            Self::AgentFramework => "agent_framework",
            Self::VectorDb => "vector_db",
            Self::CloudService => "cloud_service",
            Self::Model => "model",
            Self::ModelFile => "model_file",
            Self::McpServer => "mcp_server",
            Self::InfraImage => "infra_image",
            Self::Tool => "tool",
            Self::Prompt => "prompt",
            Self::AssistantConfig => "assistant_config",
            Self::Dataset => "dataset",
            Self::Endpoint => "endpoint",
            Self::SecretRef => "secret_ref",
        }
    }

    /// The words a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Package => "package",
            Self::Framework => "framework",
            Self::AgentFramework => "agent framework",
            Self::VectorDb => "vector database",
            Self::CloudService => "cloud service",
            Self::Model => "model",
            Self::ModelFile => "model file",
            Self::McpServer => "MCP server",
            Self::InfraImage => "container image",
            Self::Tool => "agent tool",
            Self::Prompt => "prompt",
            Self::AssistantConfig => "coding assistant",
            Self::Dataset => "data set",
            Self::Endpoint => "endpoint",
            Self::SecretRef => "credential",
        }
    }

    /// Every kind, in the order reports show them.
    pub const ALL: [Self; 16] = [
        Self::Provider,
        Self::Model,
        Self::AgentFramework,
        Self::Framework,
        Self::Package,
        Self::VectorDb,
        Self::CloudService,
        Self::McpServer,
        Self::Tool,
        Self::Prompt,
        Self::ModelFile,
        Self::InfraImage,
        Self::Dataset,
        Self::Endpoint,
        Self::SecretRef,
        Self::AssistantConfig,
    ];
}

impl std::fmt::Display for ComponentKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
