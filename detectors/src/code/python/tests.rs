//! What is seen in Python, and what is not.

use super::*;
use crate::code::testing;

fn seen(source: &str) -> Vec<String> {
    testing::seen("python", &facts(source).expect("parses"))
}

fn has(source: &str, wanted: &str) {
    testing::has(&seen(source), wanted);
}

#[test]
fn imports_are_named_whole() {
    has("import acme.types as t", "1 Import acme.types");
    has("from google import genai", "1 Import google.genai");
    has("from acme.models import (\n  Chat as C,\n)", "2 Import acme.models.Chat");
    assert!(
        seen("from .acme import x\n# import acme\n'''import acme'''")
            .iter()
            .all(|line| !line.contains("Import"))
    );
}

#[test]
fn imports_that_may_fail_are_optional() {
    let optional = |source: &str| facts(source).expect("parses").optional_imports;
    assert_eq!(optional("try:\n  import acme\nexcept ImportError:\n  acme = None\n"), [2]);
    assert_eq!(optional("def f():\n  from acme import x\n"), [2]);
    assert!(optional("import acme\nif True:\n  import other\n").is_empty());
}

#[test]
fn calls_lead_back_to_their_import() {
    has(
        "import acme\nc = acme.Client()\nc.chat.create(model='m-1')",
        "3 Call acme.Client.chat.create arg.model=m-1",
    );
    has(
        "from acme import Client\nclass A:\n  def __init__(self):\n    self.c = Client()\n  async def f(self):\n    await self.c.chat.create(model='m-1')",
        "6 Call acme.Client.chat.create arg.model=m-1",
    );
    has(
        "from acme import Client\ndef f(c: Client):\n  c.ask(model='m-1')",
        "3 Call acme.Client.ask arg.model=m-1",
    );
    has("with acme() as c:\n  c.ask('x')\nimport acme", "2 Call acme.ask arg.0=x");
    has("def f(c):\n  c.chat.create()", "2 Call ?.chat.create");
}

#[test]
fn what_an_exception_is_told_is_no_use() {
    let told = seen("import acme\nraise acme.NotFoundError('gone', model='m-1')\nc = acme.Client(model='m-2')\n");
    assert!(told.iter().any(|line| line.contains("Call acme.Client arg.model=m-2")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("Model m-2")), "{told:?}");
    assert!(
        !told.iter().any(|line| line.contains("NotFoundError") || line.contains("Model m-1")),
        "{told:?}"
    );
}

#[test]
fn what_a_module_gives_away_is_its_own() {
    let told = seen("__all__ = ['acme-1']\nNAMES = ['acme-2']\n");
    assert!(told.iter().any(|line| line.contains("acme-2")), "{told:?}");
    assert!(!told.iter().any(|line| line.contains("acme-1")), "{told:?}");
}

#[test]
fn decorators_are_calls_on_what_they_decorate() {
    has(
        "from acme import tool\n@tool\ndef find(x):\n  pass",
        "2 Call acme.tool arg.decorated=find",
    );
    has(
        "import acme\ns = acme.Server()\n@s.tool()\nasync def find(x):\n  pass",
        "3 Call acme.Server.tool arg.decorated=find",
    );
}

#[test]
fn arguments_are_followed_to_their_constants() {
    let ending = "\nimport acme\nacme.ask(model=MODEL)";
    has(&format!("MODEL = 'm-1'{ending}"), "3 Call acme.ask arg.model=m-1");
    has(
        &format!("import os\nMODEL = os.getenv('M', 'm-1'){ending}"),
        "4 Call acme.ask arg.model=m-1",
    );
    has(
        &format!("import os\nMODEL = os.environ.get('M') or 'm-1'{ending}"),
        "4 Call acme.ask arg.model=m-1",
    );
    has(
        "import acme\nclass S:\n  MODEL = 'm-1'\nacme.ask(model=S.MODEL)",
        "4 Call acme.ask arg.model=m-1",
    );
    has(
        "import acme\nclass S(Base):\n  model: str = Field(default='m-1')\n  def f(self):\n    acme.ask(model=self.model)",
        "5 Call acme.ask arg.model=m-1",
    );
}

#[test]
fn loops_give_names_their_values() {
    has("for model_id in ('m-1', 'm-2'):\n  register(model_id)", "1 Model m-2");
    assert!(
        seen("for item in ('m-1', 'm-2'):\n  register(item)")
            .iter()
            .all(|line| !line.contains("Model"))
    );
}

#[test]
fn environment_variables_are_seen() {
    has("import os\nos.environ['A_KEY']", "2 Env A_KEY");
    has("import os\nos.getenv('A_KEY')", "2 Env A_KEY");
    has("class S(BaseSettings):\n  A_API_KEY: str | None = None", "2 Env A_API_KEY");
}

#[test]
fn strings_in_prose_are_no_calls() {
    let seen = seen("\"\"\"client.chat.create(model='m-1')\"\"\"\n# acme.ask(model='m-2')\nx = 1");
    assert!(seen.is_empty(), "{seen:?}");
}

#[test]
fn texts_are_what_they_stand_for() {
    has("import acme\nacme.ask(model='m' '-1')", "2 Call acme.ask arg.model=m-1");
    has("x = b'https://acme.example/v1'", "1 Host acme.example");
    has("x = 'https:\\x2f/acme.example/v1'", "1 Host acme.example");
}

#[test]
fn cells_may_speak_to_the_shell_around_them() {
    let cells = facts_of_cells("%matplotlib inline\n!ls -la\nimport acme\nacme.ask?\n").expect("is read");
    assert!(cells.fault.is_none());
    assert_eq!(cells.imports.len(), 1);
}

#[test]
fn older_dialects_are_read_in_part() {
    let old = facts("import acme\nprint 'x'\ntry:\n  acme.ask('y')\nexcept acme.Error, e:\n  raise acme.Error, 'z'\nacme.tell()\n")
        .expect("partly read");
    assert!(old.fault.is_some());
    assert_eq!(old.calls.len(), 2, "{:?}", old.calls);
}

#[test]
fn depth_and_broken_code_do_no_harm() {
    for deep in [
        "(".repeat(1 << 20),
        format!("x = {}1{}", "[".repeat(60_000), "]".repeat(60_000)),
        format!("x = {}", "f'{".repeat(100_000)),
        format!("x = {}", "a.b().".repeat(50_000)),
        format!("x = {}1", "-".repeat(100_000)),
        format!("x = {}1", "not ".repeat(100_000)),
        format!("x = {}1", "lambda: ".repeat(100_000)),
        format!("x = {}a", "a + ".repeat(100_000)),
        format!("x = ({}1)", "not\n".repeat(100_000)),
    ] {
        let Err(Unreadable(reason)) = facts(&deep) else {
            panic!("{}… is parsed", &deep[..20]);
        };
        assert!(reason.contains("too deeply"));
    }
    for shallow in [
        "(".repeat(10_000),
        format!("x = {}", "a.b().".repeat(5_000)),
        format!("x = {}1", "-".repeat(30_000)),
        format!("x = {}a", "a + ".repeat(10_000)),
        format!("x = [{}]", "'a', ".repeat(100_000)),
        "def f(a, b):\n  return a(b)\n".repeat(10_000),
    ] {
        assert!(facts(&shallow).is_ok(), "{}… is not parsed", &shallow[..20]);
    }
    let broken = facts("import acme\ndef f(:\n  acme.ask(").expect("partly read");
    assert!(broken.fault.is_some() && broken.imports.len() == 1);
}
