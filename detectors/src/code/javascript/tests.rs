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
fn texts_keep_the_lines_of_the_file() {
    // Places inside a text are counted by its lines.
    for (source, text) in [
        ("f(`a\\nb\n${c}d`)", "a b\n{}d"),
        ("f(`a\nb\\u0021`)", "a\nb!"),
        ("f('a\\nb\\u0021')", "a b!"),
        ("f('a\\\nb')", "ab"),
    ] {
        let facts = read(&Artifact::new("a.ts", source.as_bytes())).expect("reads");
        assert_eq!(facts.literals, [(text.to_owned(), 1)], "{source}");
    }
    has("a.ts", "const a = { m: `\\n\\n\nx`, model: 'm-1' };", "2 Model m-1");
}

#[test]
fn a_type_may_name_its_module() {
    has("a.ts", "const a = b as unknown as import('acme').B;", "1 Import acme");
    has("a.ts", "import acme = require('acme');", "1 Import acme");
}

#[test]
fn what_is_only_shown_to_people_is_no_text() {
    let shown = seen(
        "a.tsx",
        "const a = { placeholder: 'm-1' }, b = <A placeholder={'m-2'} model='m-3' />;",
    );
    assert!(!shown.iter().any(|line| line.contains("Literal m-")), "{shown:?}");
    testing::has(&shown, "1 Model m-3");
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

/// What nests without end: its begin, what is repeated before and behind the middle, the middle, and its end.
const NESTED: &[[&str; 5]] = &[
    ["", "(", "1", ")", ""],
    ["", "(", "", "", ""],
    ["", "[", "", "]", ""],
    ["", "[...", "a", "]", ""],
    ["x=", "{a:", "1", "}", ""],
    ["x=", "{[", "1", "]:1}", ""],
    ["x=", "{get a(){return ", "1", "}}", ""],
    ["", "{", "", "}", ""],
    ["", "`${", "1", "}`", ""],
    ["", "a=>", "1", "", ""],
    ["", "()=>", "1", "", ""],
    ["", "async()=>", "1", "", ""],
    ["", "a=>{", "", "}", ""],
    ["", "1?1:", "1", "", ""],
    ["", "1?", "1", ":1", ""],
    ["", "if(1){}else ", "{}", "", ""],
    ["", "if(1)", ";", "", ""],
    ["", "for(;;)", ";", "", ""],
    ["", "do ", ";", "while(1);", ""],
    ["", "try{", "", "}finally{}", ""],
    ["", "a=", "1", "", ""],
    ["", "new ", "a", "", ""],
    ["", "new\u{a0}", "a", "", ""],
    ["", "new (", "a", ")", ""],
    ["async()=>{", "await ", "a", "", "}"],
    ["function*f(){", "yield ", "1", "", "}"],
    ["", "typeof ", "a", "", ""],
    ["", "!", "a", "", ""],
    ["", "- ", "a", "", ""],
    ["", "a:", ";", "", ""],
    ["1", "+1", "", "", ""],
    ["'a'", "+'b'", "", "", ""],
    ["1", "**1", "", "", ""],
    ["a", "??a", "", "", ""],
    ["a", ">a", "", "", ""],
    ["a", " in b", "", "", ""],
    ["''", "in''", "", "", ""],
    ["a", " as b", "", "", ""],
    ["a", ".b", "", "", ""],
    ["a", "?.b", "", "", ""],
    ["a", "()", "", "", ""],
    ["a", ".b()", "", "", ""],
    ["a", "!", "", "", ""],
    ["a", "[0]", "", "", ""],
    ["a", "``", "", "", ""],
    ["a", "(a", "", ")", ""],
    ["", "(class extends ", "a", "{})", ""],
    ["class A extends ", "class extends ", "a", "{}", "{}"],
    ["", "class A{a(){", "", "}}", ""],
    ["", "class A{static{", "", "}}", ""],
    ["", "function f(){", "", "}", ""],
    ["", "namespace a{", "", "}", ""],
    ["namespace a", ".a", "", "", "{}"],
    ["", "@(", "", "", ""],
    ["let ", "[", "a", "]", "=1"],
    ["let ", "{a:", "b", "}", "=1"],
    ["let ", "[a=", "b", "]", "=1"],
    ["", "[", "a", "]", "=1"],
    ["", "<a>", "", "</a>", ""],
    ["", "<a b={", "1", "}/>", ""],
    ["", "<a b=", "<c/>", "/>", ""],
    ["", "<A>", "a", "", ""],
    ["let a:", "A<", "B", ">", ""],
    ["let a:", "()=>", "A", "", ""],
    ["let a:", "(a:", "A", ")=>A", ""],
    ["let a:", "(", "A", ")", ""],
    ["type A=", "B extends C?D:", "E", "", ""],
    ["type A=", "keyof ", "E", "", ""],
    ["type A=", "{a:", "E", "}", ""],
    ["type A=", "[", "E", "]", ""],
    ["type A=", "{[k in ", "a", "]:1}", ""],
    ["type A<T>=T extends ", "(infer U extends ", "E", ")", "?1:2"],
    ["type A=", "(a:asserts a is ", "", "", ""],
    // Both of these are read many times over, each time as something else.
    ["", "(a=", "1", ")", ""],
    ["", "a<", "1", "", ""],
    ["type A=", "({[a<", "", "", ""],
    ["", "(a=1<(", "", "", ""],
    ["let a:", "await <{[infer `${new ", "", "", ""],
];

/// A text in which something nests so often.
fn nested([begin, before, middle, behind, end]: &[&str; 5], often: usize) -> String {
    [begin, before.repeat(often).as_str(), middle, behind.repeat(often).as_str(), end].concat()
}

#[test]
fn depth_does_no_harm() {
    for one in NESTED {
        for (name, often) in [
            ("a.ts", 3_000),
            ("a.tsx", 3_000),
            ("a.js", 3_000),
            ("a.tsx", 100_000),
            ("a.js", 100_000),
        ] {
            let source = nested(one, often);
            assert!(read(&Artifact::new(name, source.as_bytes())).is_ok());
        }
    }
}

#[test]
fn what_is_nested_too_deeply_is_read_by_its_texts() {
    let source = format!(
        "import x from 'acme';\nconst k = process.env.A_KEY;\nconst m = {}'m-1'{};",
        "(".repeat(300_000),
        ")".repeat(300_000)
    );
    let facts = read(&Artifact::new("a.ts", source.as_bytes())).expect("reads");
    assert!(facts.fault.is_some());
    testing::has(&testing::seen("javascript", &facts), "1 Import acme");
    testing::has(&testing::seen("javascript", &facts), "2 Env A_KEY");
}

#[test]
fn code_that_people_and_tools_write_is_not_too_deep() {
    let table: String = (0..20_000)
        .map(|at| format!("  {{ id: {at}, name: '({at})', at: [[{at}, 1]] }},\n"))
        .collect();
    let lines = "const f = async (a: Map<string, number>) => (a.size < 3 && a.size > 1 ? `(${a})` : [a])\n".repeat(5_000);
    let branches = "else if (a === 'b') { f({ c: (d) => e }) } ".repeat(2_000);
    let data = "aGVsbG8/d29ybGQ+Zm9v".repeat(50_000);
    let joined = "  + 'a (long) text <b>' + x\n".repeat(5_000);
    for (name, source) in [
        ("a.js", format!("export default [\n{table}];\nask({{ model: 'm-1' }});")),
        ("a.ts", format!("{lines}\nask({{ model: 'm-1' }})")),
        ("a.ts", format!("if (a) {{}} {branches}\nask({{ model: 'm-1' }})")),
        ("a.ts", format!("const a = '{data}';\nask({{ model: 'm-1' }})")),
        ("a.ts", format!("const a = ''\n{joined}\nask({{ model: 'm-1' }})")),
        (
            "a.tsx",
            format!(
                "{}ask({{ model: 'm-1' }});{}",
                "function f() { return <A b={() => <B c='d'>don't {e}</B>} />; {".repeat(20),
                "}}".repeat(20)
            ),
        ),
    ] {
        let facts = read(&Artifact::new(name, source.as_bytes())).expect("reads");
        assert_eq!(facts.fault.as_ref().map(ToString::to_string), None, "{}", &source[..60]);
        assert_eq!(facts.calls.last().map(|call| call.callee.join(".")), Some("ask".to_owned()));
    }
}

#[test]
fn scripts_are_modules_or_not() {
    for source in [
        "const a = require('acme');\nif (!a) return;\nawait a.ask({ model: 'm-1' });",
        "import a from 'acme';\nawait a.ask({ model: 'm-1' });",
        "with (acme) { ask({ model: 'm-1' }) }",
        "<!-- a page\nask({ model: 'm-1' });",
        "// @flow\ntype A = {| a: ?string |};\nconst a = (b: any);\nask({ model: 'm-1' });",
    ] {
        let facts = read(&Artifact::new("a.js", source.as_bytes())).expect("reads");
        testing::has(
            &testing::seen("javascript", &facts),
            &format!("{} Model m-1", source.lines().count()),
        );
    }
}

#[test]
fn a_fault_in_one_script_of_a_page_is_none_of_the_others() {
    let page = "<script>let a = {{ b }} c;\nlet u = 'https://acme.example/v1'</script>\n<script>\nask({ model: 'm-1' })</script>";
    has("a.html", page, "4 Model m-1");
    has("a.html", page, "2 Host acme.example");
    let facts = read(&Artifact::new("a.vue", page.as_bytes())).expect("reads");
    assert!(facts.fault.is_some());
}

#[test]
fn links_are_for_people() {
    assert!(
        seen("a.tsx", "const a = <a href=\"https://acme.example/keys\">{'x y'}</a>;")
            .iter()
            .all(|line| !line.contains("Host"))
    );
    assert!(
        seen("a.tsx", "const a = <a href={`https://acme.example/?q=${q}`} />;")
            .iter()
            .all(|line| !line.contains("Host"))
    );
    has("a.tsx", "const a = <A url=\"https://acme.example/v1\" />;", "1 Host acme.example");
}

#[test]
fn scripts_are_loaded_by_their_addresses() {
    let page =
        "<p>a</p>\n<script>\nload('https://cdn.jsdelivr.net/npm/@acme/run@1/dist/a.min.js', () => {\n  x = @json($b);\n});\n</script>";
    has("a.blade.php", page, "3 Import @acme/run");
    has("a.js", "tag.src = 'https://unpkg.com/acme@2/index.mjs';", "1 Import acme");
    for text in ["'https://unpkg.com/acme'", "'https://acme.example/a.js'", "'acme.js'"] {
        assert!(
            seen("a.js", &format!("load({text});")).iter().all(|line| !line.contains("Import")),
            "{text}"
        );
    }
    assert!(seen("a.erb", "<p>import x from 'acme'</p>").is_empty());
}

#[test]
fn what_is_replaced_in_a_name_is_a_part_of_it() {
    let seen = seen(
        "a.ts",
        "const m = model.replace('m-1', 'm-2');\nconst other = text.replace('x', 'm-3');",
    );
    assert!(
        !seen.iter().any(|line| line.contains("Literal m-1") || line.contains("Literal m-2")),
        "{seen:?}"
    );
    testing::has(&seen, "2 Literal m-3");
}
