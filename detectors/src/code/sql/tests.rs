//! What is seen in SQL, and what is not.

use super::*;

#[test]
fn statements_inside_code_are_read_and_prose_is_not() {
    let seen = |text: &str| {
        let mut out = Observations::default();
        observe_inside(text, 5, &mut out);
        let keys = out.as_slice().iter().map(|seen| format!("{} {}", seen.line, seen.key));
        keys.collect::<Vec<_>>()
    };
    assert_eq!(seen("SELECT acme.complete('m-1', x) FROM t"), ["5 acme.complete"]);
    assert_eq!(seen("\n  select a,\n  acme_query('m-1') from t"), ["7 acme_query"]);
    for text in [
        "acme.complete('m-1', x)",
        "Selection: acme.complete('m-1')",
        "select()",
        "-- SELECT acme.complete('m-1', x)",
        "withdraw acme.complete('m-1', x)",
        "Select acme_query(model) in the menu",
        "With acme_complete(text) you can do more",
    ] {
        assert!(seen(text).is_empty(), "{text}: {:?}", seen(text));
    }
}
use proptest::prelude::*;

fn seen(script: &str) -> Vec<String> {
    let mut out = Observations::default();
    observe(script, 1, &mut out);
    out.as_slice()
        .iter()
        .map(|seen| {
            let said = seen
                .attributes
                .iter()
                .filter(|(name, _)| name.starts_with("arg.") || name.as_ref() == "id");
            let said: String = said.map(|(name, value)| format!(" {name}={value}")).collect();
            format!("{} {:?} {}{said}", seen.line, seen.kind, seen.key)
        })
        .collect()
}

fn has(script: &str, wanted: &str) {
    let seen = seen(script);
    assert!(seen.iter().any(|line| line == wanted), "{wanted} not in {seen:#?}");
}

fn resources(script: &str) -> Vec<String> {
    seen(script).into_iter().filter(|line| line.contains("Resource")).collect()
}

#[test]
fn functions_are_seen_whole_with_their_arguments() {
    has(
        "SELECT\n  ACME.Cortex.COMPLETE('m-1', CONCAT('a', x)) FROM t",
        "2 Resource acme.cortex.complete arg.0=m-1",
    );
    has(
        "select ai_query('m-1', request => x, modelname => 'm-2')",
        "1 Resource ai_query arg.0=m-1 arg.modelname=m-2",
    );
    has(
        "select * from ai_forecast(table(x), 'm-1') as f",
        "1 Resource ai_forecast arg.1=m-1",
    );
    has(
        "select a from t join u on ai_query('m-1', a) = u.b",
        "1 Resource ai_query arg.0=m-1",
    );
    has(
        "create table t as select ai_query('m-1', a) as b from u",
        "1 Resource ai_query arg.0=m-1",
    );
    has(
        "SELECT * FROM ML.GENERATE(MODEL `p.d.m`, (SELECT 1), STRUCT(1 AS n))",
        "1 Resource ml.generate arg.model=p.d.m",
    );
    has("select \"Acme\".\"Ask\"('x'::text)", "1 Resource acme.ask arg.0=x");
    has("SELECT a FROM t ORDER BY e <=> embed('m-1', $1) LIMIT 5", "1 Resource operator <=>");
    has(
        "SELECT a FROM t ORDER BY e <=> embed('m-1', $1) LIMIT 5",
        "1 Resource embed arg.0=m-1",
    );
    has(
        "select {{ config('x') }} ask('{{ var(\"m\") }}', $$it's$$)",
        "1 Resource ask arg.0={{ var(\"m\") }} arg.1=it's",
    );
}

#[test]
fn words_in_comments_texts_and_definitions_are_no_calls() {
    for script in [
        "-- select ai_query('x')",
        "/* ai_query('x') */",
        "select 'ai_query(1)'",
        "create function ai_query(x text) returns text language javascript as $$ ask('x') $$",
        "insert into ai_query(a, b) select 1, 2",
        "select a from t where b in ('x') and c = (select 1)",
        "select ai_query from t",
        "create table ai_query (a int)",
        "create index i on ai_query (a)",
        "create index i on s.ai_query (a)",
        "create table t (a int references ai_query (a), key ai_query (a))",
        "create table t (a int, key k (ai_query(10)))",
        "with ai_query (a, b) as (select 1, 2) select a from ai_query",
        "with x as (select 1), ai_query (a) as (select 2) select a from ai_query",
        "update ai_query set a = 1",
        "select q.a from ai_query q join ai_query r on q.a = r.a",
        "create table t (ai_query varchar(20), b int)",
    ] {
        assert!(
            resources(script)
                .iter()
                .all(|line| !line.contains("Resource ai_query") && !line.contains("Resource in ")),
            "{script}: {:?}",
            resources(script)
        );
    }
}

#[test]
fn what_is_created_is_seen_with_its_settings() {
    has(
        "CREATE OR REPLACE MODEL `p.d.m`\n REMOTE WITH CONNECTION `c`\n OPTIONS (endpoint = 'm-1', Model_Type='KMEANS')",
        "1 Resource create model arg.endpoint=m-1 arg.model_type=KMEANS arg.remote=true id=p.d.m",
    );
    has(
        "create extension if not exists vector with schema x;",
        "1 Resource create extension vector",
    );
    has(
        "CREATE EXTERNAL MODEL m WITH (LOCATION = 'https://x.example/v1', API_FORMAT = 'Acme', MODEL = 'm-1')",
        "1 Resource create external model arg.api_format=Acme arg.location=https://x.example/v1 arg.model=m-1 id=m",
    );
    has("CREATE EXTERNAL MODEL m WITH (MODEL = 'm-1')", "1 Model m-1");
    has("CREATE INDEX ON t USING hnsw (e vector_cosine_ops)", "1 Resource using hnsw");
    has(
        "CREATE INDEX ON t USING hnsw (e vector_cosine_ops)",
        "1 Resource operators vector_cosine_ops",
    );
    has("create a b c name", "1 Resource create a b c id=name");
}

#[test]
fn columns_of_vectors_are_told_from_other_uses_of_the_word() {
    has("CREATE TABLE t (id int, e vector(1536))", "1 Resource type vector arg.0=1536");
    has("ALTER TABLE t ADD COLUMN e public.halfvec(3);", "1 Resource type halfvec arg.0=3");
    has("select '[1]'::vector", "1 Resource type vector");
    has(
        "CREATE TABLE `t` (`e` VECTOR(3))",
        "1 Resource type vector arg.0=3 arg.dialect=backticks",
    );
    for script in [
        "select vector from t",
        "select * from vector",
        "create table vector (a int)",
        "select vector(1)",
        "drop extension vector",
    ] {
        assert!(
            resources(script).iter().all(|line| !line.contains("type vector")),
            "{script}: {:?}",
            resources(script)
        );
    }
}

#[test]
fn rows_of_data_are_not_read() {
    assert!(
        seen("INSERT INTO posts (a, b) VALUES ('https://api.x.example/v1', 'm-1')")
            .iter()
            .all(|line| line.contains("Resource"))
    );
    has("SELECT http_post('https://api.x.example/v1')", "1 Host api.x.example");
    assert!(
        seen("select * from t where model = 'm-1'")
            .iter()
            .all(|line| !line.contains("Model"))
    );
    has("select f(model => 'm-1')", "1 Model m-1");
}

#[test]
fn bodies_of_functions_are_read_in_their_language() {
    has(
        "create function f() returns text as $$\nbegin\n  return acme.ask('m-1');\nend $$ language plpgsql;",
        "3 Resource acme.ask arg.0=m-1",
    );
    has(
        "create function f() returns text language plpython3u as $$\nimport acme\nreturn acme.ask(model='m-1')\n$$;",
        "2 Import acme",
    );
}

#[test]
fn broken_scripts_do_no_harm() {
    for broken in [
        "select f(".repeat(20_000),
        "'".repeat(100_001),
        "$a$ ".repeat(100_000),
        "[".repeat(100_000),
        "/* ".repeat(100_000),
        "create ".repeat(50_000),
        format!("select {}", "(".repeat(100_000)),
        format!("select {}1", "a.".repeat(100_000)),
    ] {
        observe(&broken, 1, &mut Observations::default());
    }
    // A quote that is never closed hides nothing.
    has("select ai_query(it's)", "1 Resource ai_query");
}

proptest! {
    #[test]
    fn any_text_is_read(script in "[a-z('\\\\$\"`\\[\\]{};,.=<>\n -]{0,200}") {
        observe(&script, 1, &mut Observations::default());
    }
}
