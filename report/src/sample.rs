//! Inventories for tests: one as an organisation would have it, one from a hostile tree, an empty and a large one.

use std::collections::BTreeMap;

use evidence::{ComponentKind as Kind, Confidence, Coverage, Evidence, Excerpt, Gap, GapKind, Location, Relation, Stage, Usage};
use inventory::{Classification, Component, Finding, Inventory, Level, OpenQuestion, Reason, SCHEMA_VERSION, Source, System, Tier};

/// A place that proves something; `stage` also picks the usage and confidence that go with it.
fn seen(kind: Kind, name: &str, provider: Option<&str>, path: &str, line: u32, stage: Stage, text: &str) -> Evidence {
    Evidence {
        location: Location::new(path, line),
        kind,
        name: name.to_owned(),
        provider: provider.map(str::to_owned),
        product: provider.map(|provider| format!("{provider}.api")),
        version: None,
        relation: None,
        stage,
        confidence: if stage == Stage::Referenced { Confidence::Medium } else { Confidence::High },
        usage: if path.contains("test") { Usage::Test } else { Usage::Runtime },
        vendored: false,
        signature: format!("{}.{}", provider.unwrap_or("generic"), kind.as_str()),
        detector: if path.ends_with(".py") { "code/python" } else { "manifests/any" }.to_owned(),
        excerpt: Excerpt::of(text),
        facts: BTreeMap::new(),
    }
}

fn id(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{:012x}", hash & 0xffff_ffff_ffff)
}

/// A component from its evidence, strongest first.
fn component(system: &str, evidence: Vec<Evidence>) -> Component {
    let first = evidence.first().expect("a component has evidence").clone();
    Component {
        id: id(&format!("{system}/{}/{}", first.kind, first.name)),
        kind: first.kind,
        name: first.name.clone(),
        provider: first.provider.clone(),
        versions: first.version.iter().cloned().collect(),
        relation: first.relation,
        stage: first.stage,
        confidence: first.confidence,
        usage: first.usage,
        facts: BTreeMap::new(),
        places: evidence.len(),
        evidence,
        first_seen: None,
        last_seen: None,
    }
}

/// A declared dependency.
fn declared(system: &str, kind: Kind, name: &str, provider: Option<&str>, version: &str, path: &str, line: u32) -> Component {
    let mut evidence = seen(kind, name, provider, path, line, Stage::Declared, &format!("{name} = \"{version}\""));
    evidence.version = Some(version.to_owned());
    evidence.relation = Some(Relation::Direct);
    component(system, vec![evidence])
}

fn one(system: &str, kind: Kind, name: &str, provider: Option<&str>, path: &str, line: u32, stage: Stage, text: &str) -> Component {
    component(system, vec![seen(kind, name, provider, path, line, stage, text)])
}

fn reason(rule: &str, because: &str, effect: &str, references: &[&str], places: &[(&str, u32)]) -> Reason {
    Reason {
        rule: rule.to_owned(),
        because: because.to_owned(),
        effect: effect.to_owned(),
        references: references.iter().map(|reference| (*reference).to_owned()).collect(),
        evidence: places.iter().map(|(path, line)| Location::new(*path, *line)).collect(),
    }
}

fn question(question: &str, who: &str, if_yes: &str) -> OpenQuestion {
    OpenQuestion { question: question.to_owned(), who: who.to_owned(), if_yes: if_yes.to_owned() }
}

fn system(name: &str, folder: &str, tiers: [Tier; 3], reasons: Vec<Reason>, questions: Vec<OpenQuestion>, components: Vec<Component>) -> System {
    let [floor, indicated, ceiling] = tiers;
    System {
        id: id(&format!("{folder}#{name}")),
        name: name.to_owned(),
        description: None,
        source: "https://git.example.com/acme/platform".to_owned(),
        folder: folder.to_owned(),
        boundary: "manifest".to_owned(),
        components,
        classification: Classification { floor, indicated, ceiling, reasons, questions },
        first_seen: Some("2026-09-02T08:00:00Z".to_owned()),
        last_seen: Some("2026-11-20T09:41:07Z".to_owned()),
    }
}

fn support_bot() -> System {
    let s = "support-bot";
    let chat = "services/support/app/chat.py";
    let manifest = "services/support/pyproject.toml";
    let mut gpt = one(s, Kind::Model, "gpt-4o-2024-08-06", Some("openai"), chat, 41, Stage::Invoked, "client.chat.completions.create(model=MODEL, messages=history)");
    gpt.evidence.push(seen(Kind::Model, "gpt-4o-2024-08-06", Some("openai"), "services/support/tests/test_chat.py", 17, Stage::Invoked, "assert reply(model=\"gpt-4o-2024-08-06\").text"));
    gpt.places = 17;
    gpt.facts.insert("purposes".into(), "text-generation".into());
    let mut system = system(
        s,
        "services/support",
        [Tier::Limited, Tier::Limited, Tier::High],
        vec![
            reason("g5-generative-runtime", "A generative model (gpt-4o-2024-08-06) is called at run time, so people may read what it writes.", "floor limited", &["EU AI Act, Article 50(1)"], &[(chat, 41)]),
            reason("g6-agent-with-tools", "An agent framework (langgraph) and an MCP server give the model tools; no approval step was seen.", "ceiling high", &["ISO/IEC 42001, A.9.2"], &[("services/support/app/agent.py", 12), ("services/support/.mcp.json", 4)]),
        ],
        vec![
            question("Do customers talk to it directly?", "product owner", "transparency duties apply (limited)"),
            question("May the agent act (refund, cancel, change data) without a person approving?", "engineering lead", "raises the tier to high"),
            question("Is personal data sent to OpenAI or Anthropic?", "data protection officer", "processor agreement needed"),
        ],
        vec![
            one(s, Kind::Provider, "openai", Some("openai"), chat, 9, Stage::Configured, "client = OpenAI(base_url=settings.openai_url)"),
            one(s, Kind::Provider, "anthropic", Some("anthropic"), "services/support/app/fallback.py", 6, Stage::Invoked, "anthropic.Anthropic().messages.create("),
            gpt,
            one(s, Kind::Model, "claude-sonnet-4-5", Some("anthropic"), "services/support/app/fallback.py", 7, Stage::Invoked, "model=\"claude-sonnet-4-5\","),
            one(s, Kind::AgentFramework, "langgraph", Some("langchain"), "services/support/app/agent.py", 12, Stage::Invoked, "graph = StateGraph(SupportState)"),
            declared(s, Kind::Framework, "langchain", Some("langchain"), ">=0.3,<0.4", manifest, 14),
            declared(s, Kind::Package, "openai", Some("openai"), "^1.54", manifest, 12),
            declared(s, Kind::Package, "anthropic", Some("anthropic"), "^0.40", manifest, 13),
            one(s, Kind::VectorDb, "qdrant-client", Some("qdrant"), "services/support/app/search.py", 22, Stage::Invoked, "QdrantClient(url=os.environ[\"QDRANT_URL\"])"),
            one(s, Kind::McpServer, "@acme/orders-mcp", None, "services/support/.mcp.json", 4, Stage::Configured, "\"orders\": { \"command\": \"npx\", \"args\": [\"@acme/orders-mcp\"] }"),
            one(s, Kind::Endpoint, "api.openai.com", Some("openai"), "services/support/app/settings.py", 18, Stage::Configured, "openai_url = \"https://api.openai.com/v1\""),
            one(s, Kind::SecretRef, "openai_api_key", Some("openai"), "services/support/.env.example", 2, Stage::Configured, "OPENAI_API_KEY="),
        ],
    );
    system.description = Some("Answers customers' questions about orders and deliveries.".into());
    system
}

fn hr_screening() -> System {
    let s = "hr-screening";
    let rank = "services/hr/screening/rank.py";
    system(
        s,
        "services/hr",
        [Tier::Limited, Tier::High, Tier::High],
        vec![
            reason("g3-annex-iii-domain", "Words of recruitment (applicant, shortlist, CV) stand around a model that ranks, which Annex III lists as employment.", "indicated high, ceiling high", &["EU AI Act, Annex III, 4(a)"], &[(rank, 31), ("services/hr/README.md", 1)]),
            reason("g4-personal-data", "Fields such as date_of_birth and nationality are read beside the model.", "floor limited", &["GDPR, Article 22"], &[("services/hr/screening/schema.py", 8)]),
        ],
        vec![question("Does the ranking decide who is invited, or does a person decide without seeing it?", "head of recruiting", "high: the full set of documents is needed")],
        vec![
            one(s, Kind::Provider, "huggingface", Some("huggingface"), rank, 5, Stage::Referenced, "from sentence_transformers import SentenceTransformer"),
            one(s, Kind::Model, "sentence-transformers/all-mpnet-base-v2", Some("huggingface"), rank, 11, Stage::Invoked, "SentenceTransformer(\"sentence-transformers/all-mpnet-base-v2\")"),
            declared(s, Kind::Framework, "scikit-learn", Some("scikit-learn"), "1.5.2", "services/hr/requirements.txt", 4),
            one(s, Kind::ModelFile, "shortlist.onnx", None, "services/hr/models/shortlist.onnx", 0, Stage::Deployed, ""),
            one(s, Kind::Dataset, "applicants_2019_2024.parquet", None, "services/hr/training/train.py", 19, Stage::Referenced, "pd.read_parquet(\"applicants_2019_2024.parquet\")"),
        ],
    )
}

fn classroom() -> System {
    let s = "classroom-insight";
    let mut system = system(
        s,
        "prototypes/classroom",
        [Tier::High, Tier::Stop, Tier::Stop],
        vec![reason("g1-emotion-education", "An emotion-recognition library is used in a project whose words are those of education.", "floor high, ceiling stop", &["EU AI Act, Article 5(1)(f)"], &[("prototypes/classroom/attention.py", 14)])],
        vec![question("Is it used on pupils or staff, other than for medical or safety reasons?", "legal", "stop: a legal review comes before anything else")],
        vec![
            one(s, Kind::Framework, "deepface", None, "prototypes/classroom/attention.py", 14, Stage::Invoked, "DeepFace.analyze(frame, actions=[\"emotion\"])"),
            declared(s, Kind::Framework, "opencv-python", None, "4.10.0.84", "prototypes/classroom/requirements.txt", 2),
        ],
    );
    system.first_seen = Some("2026-11-20T09:41:07Z".into());
    system
}

fn smaller_systems() -> Vec<System> {
    let web = system(
        "@acme/web",
        "apps/web",
        [Tier::Limited; 3],
        vec![reason("g5-generative-runtime", "A generative model (gemini-2.5-flash) is called at run time.", "floor limited", &["EU AI Act, Article 50(1)"], &[("apps/web/app/api/chat/route.ts", 23)])],
        vec![],
        vec![
            one("web", Kind::Provider, "google-gemini", Some("google-gemini"), "apps/web/app/api/chat/route.ts", 3, Stage::Invoked, "import { google } from '@ai-sdk/google'"),
            one("web", Kind::Model, "gemini-2.5-flash", Some("google-gemini"), "apps/web/app/api/chat/route.ts", 23, Stage::Invoked, "model: google('gemini-2.5-flash'),"),
            declared("web", Kind::Framework, "ai", Some("vercel"), "^5.0.0", "apps/web/package.json", 21),
            declared("web", Kind::Package, "@ai-sdk/google", Some("google-gemini"), "^2.0.0", "apps/web/package.json", 22),
        ],
    );
    let batch = system(
        "batch-reports",
        "jobs/reports",
        [Tier::Unknown, Tier::Unknown, Tier::Limited],
        vec![reason("g8-library-present", "A library (transformers) is declared; no call, model, host or credential was seen.", "ceiling limited", &[], &[("jobs/reports/uv.lock", 812)])],
        vec![question("Is the library used at all?", "engineering lead", "the tier follows from the use")],
        vec![declared("batch", Kind::Framework, "transformers", Some("huggingface"), "4.46.0", "jobs/reports/uv.lock", 812)],
    );
    let root = system(
        "platform",
        "",
        [Tier::Minimal; 3],
        vec![reason("g7-developer-tools", "Only coding assistants are configured; nothing that is built or run uses AI.", "cap minimal", &["EU AI Act, Article 4"], &[("CLAUDE.md", 1)])],
        vec![],
        vec![one("root", Kind::AssistantConfig, "claude-code", Some("anthropic"), "CLAUDE.md", 0, Stage::Configured, "# Working in this repository")],
    );
    let record = "mlflow:registered-models/churn-forecast";
    let mut churn = system(
        "churn-forecast",
        "",
        [Tier::Minimal, Tier::Limited, Tier::Limited],
        vec![reason("classical-training", "A registered model forecasts which customers leave.", "floor minimal, ceiling limited", &[], &[(record, 0)])],
        vec![question("Do customers get another price or treatment because of the forecast?", "product owner", "raises the tier to high")],
        vec![one("churn", Kind::Model, "churn-forecast", None, record, 0, Stage::Deployed, "")],
    );
    (churn.boundary, churn.source) = ("record".into(), "mlflow:https://mlflow.example.com".into());
    vec![web, batch, root, churn]
}

fn findings(support: &System) -> Vec<Finding> {
    let key = seen(Kind::SecretRef, "openai", Some("openai"), "services/support/scripts/replay.py", 8, Stage::Configured, "OPENAI_API_KEY = \"sk-proj-4f9a8b7c6d5e4f3a2b1c\"");
    let import = seen(Kind::Package, "tiktoken", Some("openai"), "services/support/app/tokens.py", 2, Stage::Referenced, "import tiktoken");
    vec![
        Finding {
            rule: "hard-coded-credential".into(),
            level: Level::Error,
            message: "A credential of OpenAI stands in the code.".into(),
            remedy: "Revoke it, and read a new one from the environment or a secret store.".into(),
            system: support.id.clone(),
            evidence: vec![key],
        },
        Finding {
            rule: "imported-undeclared".into(),
            level: Level::Warning,
            message: "tiktoken is imported, but no manifest of this unit declares it.".into(),
            remedy: "Add tiktoken to services/support/pyproject.toml.".into(),
            system: support.id.clone(),
            evidence: vec![import],
        },
    ]
}

fn gap(kind: GapKind, what: &str, reason: &str) -> Gap {
    Gap { kind, what: what.to_owned(), reason: reason.to_owned() }
}

/// What an organisation's platform repository would give.
pub(crate) fn inventory() -> Inventory {
    let mut systems = vec![support_bot(), hr_screening(), classroom()];
    let findings = findings(&systems[0]);
    systems.extend(smaller_systems());
    systems.sort_by(|a, b| a.name.cmp(&b.name));
    let gaps = vec![
        gap(GapKind::Unsupported, "Elixir: 214 files", "No detector reads this language yet; list its AI by hand."),
        gap(GapKind::Unsupported, "Perl: 3 files", "No detector reads this language yet; list its AI by hand."),
        gap(GapKind::TooLarge, "data/dump.sql", "Larger than 2 MiB; raise --max-size to read it."),
        gap(GapKind::Malformed, "apps/legacy/package.json", "Not valid JSON at line 12; what stands before it was read."),
        gap(GapKind::Refused, "mlflow:model-versions", "403 Forbidden; the token needs the permission to read model versions."),
    ];
    Inventory {
        systems,
        findings,
        coverage: Coverage {
            files_seen: 12_480,
            files_read: 3_120,
            files_unchanged: 2_004,
            bytes_read: 48_000_000,
            detectors: BTreeMap::from([("code/python".into(), 1_204), ("code/typescript".into(), 1_733), ("manifests/npm".into(), 88)]),
            records: BTreeMap::from([("mlflow".into(), 14)]),
            gaps,
        },
        ..empty()
    }
}

/// A tree without AI.
pub(crate) fn empty() -> Inventory {
    Inventory {
        schema_version: SCHEMA_VERSION.to_owned(),
        generator: "aimscan 0.1.0".to_owned(),
        ruleset: "2026.11".to_owned(),
        scanned_at: "2026-11-20T09:41:07Z".to_owned(),
        sources: vec![Source {
            kind: "directory".to_owned(),
            location: "~/src/acme/platform".to_owned(),
            identity: "https://git.example.com/acme/platform".to_owned(),
        }],
        systems: vec![],
        findings: vec![],
        coverage: Coverage { files_seen: 340, files_read: 120, ..Coverage::default() },
        notice: "Indicative – needs confirmation; not legal advice; absence of evidence is not evidence of absence.".to_owned(),
    }
}

/// A string that tries to break out of every format at once.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>\"'&\x1b[31m\u{202e}\n[x](https://evil.example){0}\u{9b}2J</style></details>-->";

/// A tree in which everything that can carry text carries [`HOSTILE`].
pub(crate) fn hostile() -> Inventory {
    let mut inventory = inventory();
    for system in &mut inventory.systems {
        system.name.push_str(HOSTILE);
        system.folder.push_str(HOSTILE);
        system.description = Some(HOSTILE.into());
        for component in &mut system.components {
            component.name.push_str(HOSTILE);
            component.provider = Some(HOSTILE.into());
            component.versions = vec![HOSTILE.into()];
            component.facts.insert(HOSTILE.into(), HOSTILE.into());
            for evidence in &mut component.evidence {
                poison(evidence);
            }
        }
        for reason in &mut system.classification.reasons {
            reason.because.push_str(HOSTILE);
            reason.effect.push_str(HOSTILE);
            reason.references.push(HOSTILE.into());
            reason.evidence.push(Location::new(HOSTILE, 1));
        }
        system.classification.questions.push(question(HOSTILE, HOSTILE, HOSTILE));
    }
    for finding in &mut inventory.findings {
        finding.message.push_str(HOSTILE);
        finding.remedy.push_str(HOSTILE);
        finding.rule.push_str(HOSTILE);
        finding.evidence.iter_mut().for_each(poison);
    }
    inventory.sources[0].location.push_str(HOSTILE);
    inventory.coverage.gaps.push(gap(GapKind::Unreadable, HOSTILE, HOSTILE));
    inventory.coverage.detectors.insert(HOSTILE.into(), 1);
    inventory
}

fn poison(evidence: &mut Evidence) {
    evidence.location.path.push_str(HOSTILE);
    evidence.name.push_str(HOSTILE);
    evidence.provider = Some(HOSTILE.into());
    evidence.version = Some(HOSTILE.into());
    evidence.signature.push_str(HOSTILE);
    evidence.detector.push_str(HOSTILE);
    evidence.excerpt = Excerpt::of("<script>alert(2)</script> \u{202e} </style>");
}

/// Many systems with ten components each.
pub(crate) fn large(systems: usize) -> Inventory {
    let kinds = [Kind::Provider, Kind::Model, Kind::Package, Kind::Framework, Kind::VectorDb];
    let make = |number: usize| {
        let name = format!("service-{number:04}");
        let folder = format!("services/team-{:02}/{name}", number % 40);
        let components = (0..10)
            .map(|part| {
                let kind = kinds[part % kinds.len()];
                let provider = format!("vendor-{:02}", (number + part) % 30);
                let label = if kind == Kind::Provider { provider.clone() } else { format!("{kind}-{:03}", (number * 7 + part) % 300) };
                let places = (1..=8)
                    .map(|line| seen(kind, &label, Some(&provider), &format!("{folder}/src/module_{part}.py"), line * 13, Stage::Invoked, "client.chat.completions.create(model=MODEL, messages=history)"))
                    .collect();
                component(&name, places)
            })
            .collect();
        let ceiling = Tier::ALL[number % 5];
        let reasons = vec![reason("g5-generative-runtime", "A generative model is called at run time.", &format!("ceiling {ceiling}"), &[], &[(&format!("{folder}/src/module_1.py"), 13)])];
        system(&name, &folder, [Tier::ALL[number % 5 / 2], ceiling, ceiling], reasons, vec![], components)
    };
    Inventory { systems: (0..systems).map(make).collect(), ..inventory() }
}
