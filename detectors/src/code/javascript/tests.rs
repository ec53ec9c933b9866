//! What is seen in JavaScript and TypeScript, and what is not.

use super::read;
use crate::Artifact;
use crate::code::testing;

fn seen(name: &str, source: &str) -> Vec<String> {
    testing::seen("javascript", &read(&Artifact::new(name, source.as_bytes())).expect("parses"))
}

fn has(name: &str, source: &str, wanted: &str) {
    testing::has(&seen(name, source), wanted);
}

#[test]
fn every_form_of_import_is_seen() {
    has("a.ts", "import Acme from '@acme/sdk';", "1 Import @acme/sdk.default");
    has("a.ts", "import { chat as c } from 'acme';", "1 Import acme.chat");
    has("a.ts", "import * as acme from 'acme';", "1 Import acme");
    has("a.ts", "import type { X } from 'acme';", "1 Import acme.X");
    has("a.js", "const { Chat } = require('acme');", "1 Import acme.Chat");
    has("a.js", "const m = await import('acme');", "1 Import acme");
    has("a.ts", "export * from 'acme';", "1 Import acme");
    assert!(seen("a.ts", "import x from './acme';\n// import y from 'acme'").is_empty());
}

#[test]
fn calls_lead_back_to_their_import() {
    has(
        "a.ts",
        "import Acme from 'acme';\nconst c = new Acme({ baseURL: 'https://x.example/v1' });",
        "2 Call acme.default arg.baseURL=https://x.example/v1",
    );
    has(
        "a.ts",
        "import Acme from 'acme';\nconst c = new Acme();\nawait c.chat.create({ model: 'm-1' });",
        "3 Call acme.default.chat.create arg.model=m-1",
    );
    has(
        "a.ts",
        "import Acme from 'acme';\nclass A {\n c: Acme;\n f() { this.c.chat.create({ model: 'm-1' }) } }",
        "4 Call acme.default.chat.create arg.model=m-1",
    );
    has(
        "a.tsx",
        "import { ask } from 'acme';\nconst x = <A onClick={() => ask({ model: 'm-1' })} />;",
        "2 Call acme.ask arg.model=m-1",
    );
}

#[test]
fn arguments_are_followed_to_their_constants() {
    has(
        "a.ts",
        "import { ask } from 'acme';\nconst MODEL = process.env.M ?? 'm-1';\nask({ model: MODEL });",
        "3 Call acme.ask arg.model=m-1",
    );
    has(
        "a.ts",
        "import { ask } from 'acme';\nconst model = 'm-1';\nask({ model });",
        "3 Call acme.ask arg.model=m-1",
    );
    has("a.ts", "for (const model of ['m-1', 'm-2']) ask(model);", "1 Model m-2");
    has("a.ts", "const s = { M_MODEL: z.string().default('m-1') };", "1 Model m-1");
}

#[test]
fn components_keep_their_lines() {
    has(
        "a.vue",
        "<template>\n<b>acme</b>\n</template>\n<script setup lang=\"ts\">\nimport { ask } from 'acme'\n</script>",
        "5 Import acme.ask",
    );
    assert!(seen("a.vue", "<template>import x from 'acme'</template>").is_empty());
}

#[test]
fn environment_variables_are_seen() {
    has("a.ts", "const k = process.env.A_KEY", "1 Env A_KEY");
    has("a.ts", "const k = process.env['A_KEY']!", "1 Env A_KEY");
}

#[test]
fn types_and_comments_are_no_uses() {
    assert!(
        seen(
            "a.ts",
            "type Model = 'm-1' | 'm-2';\ninterface X { model: 'm-1' }\n/* ask({model: 'm-1'}) */"
        )
        .is_empty()
    );
}

#[test]
fn depth_and_broken_code_do_no_harm() {
    for source in [
        "(".repeat(100_000),
        "a.b().".repeat(50_000),
        format!("x = {}1", "!".repeat(100_000)),
        "<a>".repeat(50_000),
    ] {
        assert!(read(&Artifact::new("a.tsx", source.as_bytes())).is_ok());
    }
}
