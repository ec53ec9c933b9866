//! The systems an organisation's platform repository might hold, and what they need attention for.

use evidence::{ComponentKind as Kind, Confidence, Stage};
use inventory::{Finding, Level, Moment, Owner, OwnerSource, People, System, Tier};

use super::parts::{declared, one, question, reason, seen, system};

pub(super) fn support_bot() -> System {
    let s = "support-bot";
    let chat = "services/support/app/chat.py";
    let manifest = "services/support/pyproject.toml";
    let mut gpt = one(
        s,
        Kind::Model,
        "gpt-4o-2024-08-06",
        Some("openai"),
        chat,
        41,
        Stage::Invoked,
        "client.chat.completions.create(model=MODEL, messages=history)",
    );
    gpt.evidence.push(seen(
        Kind::Model,
        "gpt-4o-2024-08-06",
        Some("openai"),
        "services/support/tests/test_chat.py",
        17,
        Stage::Invoked,
        "assert reply(model=\"gpt-4o-2024-08-06\").text",
    ));
    gpt.places = 17;
    gpt.facts.insert("purposes".into(), "text-generation".into());
    let commit = |date: &str, at_or_before| Moment {
        commit: "3f2a9c0d7e1b4a5f8c6d2e9b0a1c3d4e5f607182".to_owned(),
        date: date.to_owned(),
        at_or_before,
    };
    gpt.introduced = Some(commit("2024-09-03T10:12:44Z", true));
    gpt.last_touched = Some(commit("2026-05-18T16:01:09Z", false));
    let mut system = system(
        s,
        "services/support",
        [Tier::Limited, Tier::Limited, Tier::High],
        vec![
            reason(
                "g5-generative-runtime",
                "A generative model (gpt-4o-2024-08-06) is called at run time, so people may read what it writes.",
                "floor limited",
                &["EU AI Act, Article 50(1)"],
                &[(chat, 41)],
            ),
            reason(
                "g6-agent-with-tools",
                "An agent framework (langgraph) and an MCP server give the model tools; no approval step was seen.",
                "ceiling high",
                &["ISO/IEC 42001, A.9.2"],
                &[("services/support/app/agent.py", 12), ("services/support/.mcp.json", 4)],
            ),
        ],
        vec![
            question(
                "Do customers talk to it directly?",
                "product owner",
                "transparency duties apply (limited)",
            ),
            question(
                "May the agent act (refund, cancel, change data) without a person approving?",
                "engineering lead",
                "raises the tier to high",
            ),
            question(
                "Is personal data sent to OpenAI or Anthropic?",
                "data protection officer",
                "processor agreement needed",
            ),
        ],
        vec![
            one(
                s,
                Kind::Provider,
                "openai",
                Some("openai"),
                chat,
                9,
                Stage::Configured,
                "client = OpenAI(base_url=settings.openai_url)",
            ),
            one(
                s,
                Kind::Provider,
                "anthropic",
                Some("anthropic"),
                "services/support/app/fallback.py",
                6,
                Stage::Invoked,
                "anthropic.Anthropic().messages.create(",
            ),
            gpt,
            one(
                s,
                Kind::Model,
                "claude-sonnet-4-5",
                Some("anthropic"),
                "services/support/app/fallback.py",
                7,
                Stage::Invoked,
                "model=\"claude-sonnet-4-5\",",
            ),
            one(
                s,
                Kind::AgentFramework,
                "langgraph",
                Some("langchain"),
                "services/support/app/agent.py",
                12,
                Stage::Invoked,
                "graph = StateGraph(SupportState)",
            ),
            declared(s, Kind::Framework, "langchain", Some("langchain"), ">=0.3,<0.4", manifest, 14),
            declared(s, Kind::Package, "openai", Some("openai"), "^1.54", manifest, 12),
            declared(s, Kind::Package, "anthropic", Some("anthropic"), "^0.40", manifest, 13),
            one(
                s,
                Kind::VectorDb,
                "qdrant-client",
                Some("qdrant"),
                "services/support/app/search.py",
                22,
                Stage::Invoked,
                "QdrantClient(url=os.environ[\"QDRANT_URL\"])",
            ),
            one(
                s,
                Kind::McpServer,
                "@acme/orders-mcp",
                None,
                "services/support/.mcp.json",
                4,
                Stage::Configured,
                "\"orders\": { \"command\": \"npx\", \"args\": [\"@acme/orders-mcp\"] }",
            ),
            one(
                s,
                Kind::Endpoint,
                "api.openai.com",
                Some("openai"),
                "services/support/app/settings.py",
                18,
                Stage::Configured,
                "openai_url = \"https://api.openai.com/v1\"",
            ),
            one(
                s,
                Kind::SecretRef,
                "openai_api_key",
                Some("openai"),
                "services/support/.env.example",
                2,
                Stage::Configured,
                "OPENAI_API_KEY=",
            ),
        ],
    );
    system.owners = vec![Owner {
        name: "@acme/support-engineering".to_owned(),
        source: OwnerSource::Codeowners,
        confidence: Confidence::High,
        places: 14,
    }];
    system.people = People {
        authors: 3,
        maintainers: 1,
        catalogued: 0,
        tagged: 0,
        code_owners: 0,
    };
    system.description = Some("Answers customers' questions about orders and deliveries.".into());
    system
}

pub(super) fn hr_screening() -> System {
    let s = "hr-screening";
    let rank = "services/hr/screening/rank.py";
    system(
        s,
        "services/hr",
        [Tier::Limited, Tier::High, Tier::High],
        vec![
            reason(
                "g3-annex-iii-domain",
                "Words of recruitment (applicant, shortlist, CV) stand around a model that ranks, which Annex III lists as employment.",
                "indicated high, ceiling high",
                &["EU AI Act, Annex III, 4(a)"],
                &[(rank, 31), ("services/hr/README.md", 1)],
            ),
            reason(
                "g4-personal-data",
                "Fields such as date_of_birth and nationality are read beside the model.",
                "floor limited",
                &["GDPR, Article 22"],
                &[("services/hr/screening/schema.py", 8)],
            ),
        ],
        vec![question(
            "Does the ranking decide who is invited, or does a person decide without seeing it?",
            "head of recruiting",
            "high: the full set of documents is needed",
        )],
        vec![
            one(
                s,
                Kind::Provider,
                "huggingface",
                Some("huggingface"),
                rank,
                5,
                Stage::Referenced,
                "from sentence_transformers import SentenceTransformer",
            ),
            one(
                s,
                Kind::Model,
                "sentence-transformers/all-mpnet-base-v2",
                Some("huggingface"),
                rank,
                11,
                Stage::Invoked,
                "SentenceTransformer(\"sentence-transformers/all-mpnet-base-v2\")",
            ),
            declared(
                s,
                Kind::Framework,
                "scikit-learn",
                Some("scikit-learn"),
                "1.5.2",
                "services/hr/requirements.txt",
                4,
            ),
            one(
                s,
                Kind::ModelFile,
                "shortlist.onnx",
                None,
                "services/hr/models/shortlist.onnx",
                0,
                Stage::Deployed,
                "",
            ),
            one(
                s,
                Kind::Dataset,
                "applicants_2019_2024.parquet",
                None,
                "services/hr/training/train.py",
                19,
                Stage::Referenced,
                "pd.read_parquet(\"applicants_2019_2024.parquet\")",
            ),
        ],
    )
}

pub(super) fn classroom() -> System {
    let s = "classroom-insight";
    let mut system = system(
        s,
        "prototypes/classroom",
        [Tier::High, Tier::Stop, Tier::Stop],
        vec![reason(
            "g1-emotion-education",
            "An emotion-recognition library is used in a project whose words are those of education.",
            "floor high, ceiling stop",
            &["EU AI Act, Article 5(1)(f)"],
            &[("prototypes/classroom/attention.py", 14)],
        )],
        vec![question(
            "Is it used on pupils or staff, other than for medical or safety reasons?",
            "legal",
            "stop: a legal review comes before anything else",
        )],
        vec![
            one(
                s,
                Kind::Framework,
                "deepface",
                None,
                "prototypes/classroom/attention.py",
                14,
                Stage::Invoked,
                "DeepFace.analyze(frame, actions=[\"emotion\"])",
            ),
            declared(
                s,
                Kind::Framework,
                "opencv-python",
                None,
                "4.10.0.84",
                "prototypes/classroom/requirements.txt",
                2,
            ),
        ],
    );
    system.first_seen = Some("2026-11-20T09:41:07Z".into());
    system
}

pub(super) fn smaller_systems() -> Vec<System> {
    let web = system(
        "@acme/web",
        "apps/web",
        [Tier::Limited; 3],
        vec![reason(
            "g5-generative-runtime",
            "A generative model (gemini-2.5-flash) is called at run time.",
            "floor limited",
            &["EU AI Act, Article 50(1)"],
            &[("apps/web/app/api/chat/route.ts", 23)],
        )],
        vec![],
        vec![
            one(
                "web",
                Kind::Provider,
                "google-gemini",
                Some("google-gemini"),
                "apps/web/app/api/chat/route.ts",
                3,
                Stage::Invoked,
                "import { google } from '@ai-sdk/google'",
            ),
            one(
                "web",
                Kind::Model,
                "gemini-2.5-flash",
                Some("google-gemini"),
                "apps/web/app/api/chat/route.ts",
                23,
                Stage::Invoked,
                "model: google('gemini-2.5-flash'),",
            ),
            declared("web", Kind::Framework, "ai", Some("vercel"), "^5.0.0", "apps/web/package.json", 21),
            declared(
                "web",
                Kind::Package,
                "@ai-sdk/google",
                Some("google-gemini"),
                "^2.0.0",
                "apps/web/package.json",
                22,
            ),
        ],
    );
    let batch = system(
        "batch-reports",
        "jobs/reports",
        [Tier::Unknown, Tier::Unknown, Tier::Limited],
        vec![reason(
            "g8-library-present",
            "A library (transformers) is declared; no call, model, host or credential was seen.",
            "ceiling limited",
            &[],
            &[("jobs/reports/uv.lock", 812)],
        )],
        vec![question(
            "Is the library used at all?",
            "engineering lead",
            "the tier follows from the use",
        )],
        vec![declared(
            "batch",
            Kind::Framework,
            "transformers",
            Some("huggingface"),
            "4.46.0",
            "jobs/reports/uv.lock",
            812,
        )],
    );
    let root = system(
        "platform",
        "",
        [Tier::Minimal; 3],
        vec![reason(
            "g7-developer-tools",
            "Only coding assistants are configured; nothing that is built or run uses AI.",
            "cap minimal",
            &["EU AI Act, Article 4"],
            &[("CLAUDE.md", 1)],
        )],
        vec![],
        vec![one(
            "root",
            Kind::AssistantConfig,
            "claude-code",
            Some("anthropic"),
            "CLAUDE.md",
            0,
            Stage::Configured,
            "# Working in this repository",
        )],
    );
    let record = "mlflow:registered-models/churn-forecast";
    let mut churn = system(
        "churn-forecast",
        "",
        [Tier::Minimal, Tier::Limited, Tier::Limited],
        vec![reason(
            "classical-training",
            "A registered model forecasts which customers leave.",
            "floor minimal, ceiling limited",
            &[],
            &[(record, 0)],
        )],
        vec![question(
            "Do customers get another price or treatment because of the forecast?",
            "product owner",
            "raises the tier to high",
        )],
        vec![one("churn", Kind::Model, "churn-forecast", None, record, 0, Stage::Deployed, "")],
    );
    (churn.boundary, churn.source) = ("record".into(), "mlflow:https://mlflow.example.com".into());
    vec![web, batch, root, churn]
}

pub(super) fn findings(support: &System) -> Vec<Finding> {
    let key = seen(
        Kind::SecretRef,
        "openai",
        Some("openai"),
        "services/support/scripts/replay.py",
        8,
        Stage::Configured,
        "OPENAI_API_KEY = \"sk-proj-4f9a8b7c6d5e4f3a2b1c\"",
    );
    let import = seen(
        Kind::Package,
        "tiktoken",
        Some("openai"),
        "services/support/app/tokens.py",
        2,
        Stage::Referenced,
        "import tiktoken",
    );
    vec![
        Finding {
            rule: "hard-coded-credential".into(),
            level: Level::Error,
            message: "A credential of OpenAI stands in the code.".into(),
            remedy: "Revoke it, and read a new one from the environment or a secret store.".into(),
            system: support.id.clone(),
            evidence: vec![key],
            accepted: None,
        },
        Finding {
            rule: "imported-undeclared".into(),
            level: Level::Warning,
            message: "tiktoken is imported, but no manifest of this unit declares it.".into(),
            remedy: "Add tiktoken to services/support/pyproject.toml.".into(),
            system: support.id.clone(),
            evidence: vec![import],
            accepted: Some(inventory::findings::accept::Accepted {
                reason: "the unit is to be deleted".into(),
                until: Some("2027-01-31".into()),
                source: "settings".into(),
            }),
        },
    ]
}
