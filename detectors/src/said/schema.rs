//! Tables and their columns, as files of schemas and of models for a database name them: they tell what data a system holds. The
//! text is looked at line by line, not parsed: each format opens a table with a word of its own and names one column a line.

use std::sync::LazyLock;

use evidence::Voice;
use regex::Regex;

use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

static INFO: Info = Info {
    id: "said/schema",
    title: "Schemas of databases",
    reads: &["*.sql", "*.prisma", "schema.rb", "*.graphql", "models.py", "*.entity.ts"],
    emits: &[(Kind::Statement, Voice::Schema.as_str())],
    needs: &[],
    docs: "https://www.postgresql.org/docs/current/sql-createtable.html",
};

/// As much of the beginning is read: what follows in a file of a dump is rows.
const READ: usize = 256 << 10;
/// Tables of one file, and columns of one table.
const MOST_TABLES: usize = 500;
const MOST_COLUMNS: usize = 60;

/// How a format writes a table and a column; the first group is the name.
struct Form {
    table: &'static LazyLock<Regex>,
    column: &'static LazyLock<Regex>,
    /// What a line begins with that ends a table.
    end: &'static [&'static str],
}

macro_rules! pattern {
    ($name:ident, $text:literal) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($text).expect("the pattern is written here"));
    };
}

pattern!(
    SQL_TABLE,
    r#"(?i)^\s*create\s+(?:temporary\s+|temp\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:[`"\[]?\w+[`"\]]?\.)?[`"\[]?(\w+)"#
);
pattern!(
    SQL_COLUMN,
    r#"(?i)^\s*[`"\[]?([a-z_]\w*)[`"\]]?\s+(?:n?(?:var)?char|n?text|bool|bit|int|integer|bigint|smallint|tinyint|serial|bigserial|uuid|date|datetime|timestamp|timestamptz|time|numeric|decimal|float|double|real|json|jsonb|bytea|blob|vector|enum|money|inet|string|number)"#
);
pattern!(PRISMA_TABLE, r"^\s*model\s+(\w+)\s*\{");
pattern!(PRISMA_COLUMN, r"^\s+(\w+)\s+\w+");
pattern!(GRAPHQL_TABLE, r"^\s*(?:type|input)\s+(\w+)[^{]*\{");
pattern!(GRAPHQL_COLUMN, r"^\s+(\w+)\s*(?:\([^)]*\))?\s*:");
pattern!(RUBY_TABLE, r#"^\s*create_table\s+["':]*(\w+)"#);
pattern!(RUBY_COLUMN, r#"^\s*t\.\w+\s+["':]+(\w+)"#);
pattern!(PYTHON_TABLE, r"^class\s+(\w+)\s*\(");
pattern!(
    PYTHON_COLUMN,
    r"^\s+(\w+)\s*(?::\s*(?:\w+\.)?Mapped\b.*|(?::[^=]+)?=\s*(?:\w+\.)*(?:\w*Field|Column|mapped_column|ForeignKey)\s*\()"
);
pattern!(TYPESCRIPT_TABLE, r"^\s*export\s+(?:default\s+)?(?:abstract\s+)?class\s+(\w+)");
pattern!(TYPESCRIPT_COLUMN, r"^\s+(?:public\s+|readonly\s+)*(\w+)[?!]?\s*:\s*\w[^(]*;?\s*$");

fn form(name: &str) -> Option<Form> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let (table, column, end): (&'static LazyLock<Regex>, &'static LazyLock<Regex>, &'static [&'static str]) = match ending {
        "sql" => (&SQL_TABLE, &SQL_COLUMN, &[")", ";"]),
        "prisma" => (&PRISMA_TABLE, &PRISMA_COLUMN, &["}"]),
        "graphql" | "graphqls" | "gql" => (&GRAPHQL_TABLE, &GRAPHQL_COLUMN, &["}"]),
        _ if name == "schema.rb" => (&RUBY_TABLE, &RUBY_COLUMN, &["end"]),
        _ if name == "models.py" => (&PYTHON_TABLE, &PYTHON_COLUMN, &[]),
        _ if name.ends_with(".entity.ts") => (&TYPESCRIPT_TABLE, &TYPESCRIPT_COLUMN, &["}"]),
        _ => return None,
    };
    Some(Form { table, column, end })
}

/// Reads schemas.
pub(super) struct Schema;

impl Detector for Schema {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        form(file.lower_name()).map(|_| Gate::Always)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let Some(form) = form(artifact.file().lower_name()) else {
            return Ok(());
        };
        let text = artifact.text()?;
        let head = &text[..text.floor_char_boundary(READ)];
        let mut table: Option<(u32, String, usize)> = None;
        let mut tables = 0;
        let mut finish = |table: &mut Option<(u32, String, usize)>| {
            if let Some((line, text, columns)) = table.take()
                && columns > 0
                && tables < MOST_TABLES
            {
                tables += 1;
                out.push(Observation::new(Kind::Statement, Voice::Schema.as_str(), text, line));
            }
        };
        for (number, line) in (1_u32..).zip(head.lines()) {
            // Lines that no person wrote are rows of a dump.
            if line.len() > 1_000 {
                continue;
            }
            if let Some(name) = form.table.captures(line).and_then(|found| found.get(1)) {
                finish(&mut table);
                table = Some((number, format!("{}:", name.as_str()), 0));
                continue;
            }
            if let Some((_, text, columns)) = &mut table {
                let begins = line.trim_start();
                if form.end.iter().any(|end| begins.starts_with(end)) {
                    finish(&mut table);
                } else if *columns < MOST_COLUMNS
                    && let Some(name) = form.column.captures(line).and_then(|found| found.get(1))
                {
                    text.push_str(if *columns == 0 { " " } else { ", " });
                    text.push_str(name.as_str());
                    *columns += 1;
                }
            }
        }
        finish(&mut table);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tables(path: &str, text: &str) -> Vec<(u32, String)> {
        let mut out = Observations::default();
        // What is no text is not read, and says so.
        let _ = Schema.observe(&Artifact::new(path, text.as_bytes()), &mut out);
        out.into_vec().into_iter().map(|one| (one.line, one.key)).collect()
    }

    #[test]
    fn each_format_names_its_tables_and_columns() {
        for (path, text, wanted) in [
            (
                "a.sql",
                "-- people\nCREATE TABLE IF NOT EXISTS public.\"applicants\" (\n  id serial PRIMARY KEY,\n  date_of_birth DATE,\n  [Ethnicity] nvarchar(20),\n  \
                 CONSTRAINT x CHECK (id > 0)\n);\nINSERT INTO other VALUES (1);\n",
                vec![(2, "applicants: id, date_of_birth, Ethnicity")],
            ),
            (
                "schema.prisma",
                "datasource db {\n  provider = \"x\"\n}\nmodel Loan {\n  id Int @id\n  creditScore Float?\n}\n",
                vec![(4, "Loan: id, creditScore")],
            ),
            (
                "db/schema.rb",
                "ActiveRecord::Schema.define do\n  create_table \"patients\", force: :cascade do |t|\n    t.string \"name\"\n    t.date :born\n  end\nend\n",
                vec![(2, "patients: name, born")],
            ),
            (
                "api.graphql",
                "type Patient implements Node @key(fields: \"id\") {\n  id: ID!\n  visits(first: Int): [Visit]\n}\n",
                vec![(1, "Patient: id, visits")],
            ),
            (
                "hr/models.py",
                "import x\nclass Employee(models.Model):\n    name = models.CharField(max_length=9)\n    religion: str = Column(String)\n    score: \
                 Mapped[int]\n    def f(self):\n        total = 1\n",
                vec![(2, "Employee: name, religion, score")],
            ),
            (
                "loan.entity.ts",
                "@Entity()\nexport class Loan {\n  @Column()\n  income: number;\n\n  total(): number {\n    return 1;\n  }\n}\n",
                vec![(2, "Loan: income")],
            ),
        ] {
            let wanted: Vec<(u32, String)> = wanted.into_iter().map(|(line, text)| (line, text.to_owned())).collect();
            assert_eq!(tables(path, text), wanted, "{path}");
        }
    }

    #[test]
    fn what_holds_no_tables_says_nothing() {
        for (path, text) in [
            (
                "a.sql",
                "SELECT ethnicity FROM applicants;\nINSERT INTO patients VALUES ('x', 1);\n",
            ),
            (
                "models.py",
                "class Loss(nn.Module):\n    def forward(self, x):\n        y = self.f(x)\n",
            ),
            ("a.graphql", "query Patients {\n  patients { id }\n}\n"),
            ("a.entity.ts", "export function f(a: string) {}\n"),
        ] {
            assert!(tables(path, text).is_empty(), "{path}");
        }
        assert_eq!(Schema.wants(&FilePath::of("src/model.py")), None);
        assert_eq!(Schema.wants(&FilePath::of("a/models.py")), Some(Gate::Always));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(?s).{0,300}", lines in "(create table a \\(|  b int,|\\);|class A\\(B\\):|  x = Column\\(|model A \\{|\\}|\\n){0,40}") {
            for path in ["a.sql", "a.prisma", "schema.rb", "a.gql", "models.py", "a.entity.ts"] {
                tables(path, &text);
                tables(path, &lines);
            }
        }
    }
}
