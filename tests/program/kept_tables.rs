//! The register as a table that goes out, is edited by whatever program, and comes back.

use crate::support::{CHAT, Place, Ran};

fn scanned() -> Place {
    let place = Place::new();
    place.write("bot/pyproject.toml", "[project]\nname = \"bot\"\n");
    place.write("bot/chat.py", CHAT);
    place.write("api/pyproject.toml", "[project]\nname = \"api\"\n");
    place.write("api/chat.py", CHAT);
    assert_eq!(place.run(["scan", "tree"]).code(), 0);
    place
}

fn decide(place: &Place, arguments: &[&str]) -> Ran {
    let ran = place.run(arguments.iter().copied().chain(["--by", "Jane Roe"]));
    assert_eq!(ran.code(), 0, "{arguments:?}: {}", ran.stderr());
    ran
}

fn import(place: &Place, file: &str) -> Ran {
    place.run(["register", "import", file, "--by", "Jane Roe"])
}

/// What is in force for a system on a subject.
fn held(place: &Place, system: &str, subject: &str) -> String {
    let inventory = place.run(["report", "--format", "json"]).json();
    let systems = inventory["systems"].as_array().expect("systems").clone();
    let system = systems.into_iter().find(|one| one["name"] == system).expect("is there");
    system["standing"][subject]["value"].as_str().unwrap_or_default().to_owned()
}

/// A table as rows of cells, by this test's own reader: the file is quoted throughout.
fn cells(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            letter => cell.push(letter),
        }
    }
    rows
}

fn written(rows: &[Vec<String>], delimiter: &str) -> String {
    let line = |row: &Vec<String>| {
        let quoted: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        quoted.join(delimiter) + "\r\n"
    };
    rows.iter().map(line).collect()
}

/// An exported table, to be edited.
struct Exported {
    rows: Vec<Vec<String>>,
}

impl Exported {
    fn of(place: &Place) -> Self {
        assert_eq!(place.run(["register", "export", "register.csv"]).code(), 0);
        let text = std::fs::read_to_string(place.beside("register.csv")).expect("written");
        assert!(text.starts_with('\u{feff}'), "spreadsheets know UTF-8 by its mark");
        Self { rows: cells(&text) }
    }

    fn column(&self, heading: &str) -> usize {
        let head = &self.rows[0];
        head.iter()
            .position(|cell| cell == heading)
            .unwrap_or_else(|| panic!("{heading} in {head:?}"))
    }

    fn cell(&mut self, system: &str, heading: &str) -> &mut String {
        let (named, at) = (self.column("[found as]"), self.column(heading));
        let row = self.rows.iter_mut().find(|row| row[named] == system).expect("a row");
        &mut row[at]
    }

    fn add(&mut self, heading: &str) {
        for row in &mut self.rows {
            row.push(String::new());
        }
        let last = self.rows[0].len() - 1;
        self.rows[0][last] = heading.to_owned();
    }

    fn save(&self, place: &Place, name: &str) {
        std::fs::write(place.beside(name), written(&self.rows, ",")).expect("written");
    }
}

#[test]
fn what_is_recorded_survives_an_export_and_an_import_unchanged() {
    let place = scanned();
    let hard = [
        ("owner", "=HYPERLINK(\"http://x\";\"y\")"),
        ("purpose", "Answers; politely,\nand \"in two lines\""),
        ("vendor", "'Quoted' & Sons"),
        ("models", "+49 30 1234"),
        ("users", "00123"),
        ("affected", "1E5"),
        ("oversight", "-"),
        ("monitoring", "@weekly\tby hand"),
        ("data-processed", "\u{201e}Anfragen\u{201c} 🙂 ąę"),
        ("review-next", "2027-01-31"),
        ("regions", "'=1+1"),
        ("tags", "1/2"),
        ("contract", "12345678901234567890"),
    ];
    for (field, value) in hard {
        decide(&place, &["register", "set", "bot", &format!("{field}={value}")]);
    }
    for file in ["register.csv", "register.xlsx", "register.toml"] {
        assert_eq!(place.run(["register", "export", file]).code(), 0, "{file}");
        let ran = import(&place, file);
        assert!(
            ran.stdout().contains("0 decisions taken over"),
            "{file}: {} {}",
            ran.stdout(),
            ran.stderr()
        );
    }
    let text = std::fs::read_to_string(place.beside("register.csv")).expect("written");
    for row in cells(&text) {
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
    // Another program writes it anew, with what it takes for the apostrophe of a text left out.
    let exported = Exported::of(&place);
    let plain: Vec<Vec<String>> = exported
        .rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|cell| match cell.strip_prefix('\'') {
                    Some(rest) if rest.starts_with(['=', '+', '-', '@', '0', '1']) => rest.to_owned(),
                    _ => cell.clone(),
                })
                .collect()
        })
        .collect();
    for (name, delimiter) in [("comma.csv", ","), ("semicolon.csv", ";"), ("tabs.tsv", "\t")] {
        std::fs::write(place.beside(name), written(&plain, delimiter)).expect("written");
        let ran = import(&place, name);
        assert!(
            ran.stdout().contains("0 decisions taken over"),
            "{name}: {} {}",
            ran.stdout(),
            ran.stderr()
        );
    }
}

#[test]
fn what_is_edited_in_a_table_is_decided() {
    let place = scanned();
    let mut table = Exported::of(&place);
    for (heading, value) in [
        ("owner", "Ann\nand Bob"),
        ("approval", "Approved"),
        ("review-next", "31.01.2027"),
        ("tier", "high"),
        ("question/use.generative", "yes"),
        ("name", "Support bot"),
    ] {
        value.clone_into(table.cell("bot", heading));
    }
    "dismissed".clone_into(table.cell("api", "grouping"));
    "a tutorial".clone_into(table.cell("api", "reason"));
    // In another order, with a column of one's own and one that is added.
    table.add("[remark]");
    table.add("regions");
    "whatever".clone_into(table.cell("bot", "[remark]"));
    "eu-central-1".clone_into(table.cell("bot", "regions"));
    for row in &mut table.rows {
        row.reverse();
    }
    table.save(&place, "register.csv");
    let ran = import(&place, "register.csv");
    assert!(ran.stdout().contains("8 decisions taken over"), "{} {}", ran.stdout(), ran.stderr());
    for (subject, value) in [
        ("field/owner", "Ann\nand Bob"),
        ("field/approval", "approved"),
        ("field/review-next", "2027-01-31"),
        ("tier", "high"),
        ("question/use.generative", "yes"),
        ("field/regions", "eu-central-1"),
    ] {
        assert_eq!(held(&place, "Support bot", subject), value);
    }
    let list = place.run(["register", "list"]).stdout();
    assert!(list.contains("a tutorial"), "{list}");
    // Nothing else was decided by it, and again it is no news.
    let ran = import(&place, "register.csv");
    assert!(ran.stdout().contains("0 decisions taken over"), "{} {}", ran.stdout(), ran.stderr());
    // An empty cell withdraws.
    let mut table = Exported::of(&place);
    table.cell("bot", "approval").clear();
    table.save(&place, "register.csv");
    assert!(import(&place, "register.csv").stdout().contains("1 decision taken over"));
    assert_eq!(held(&place, "Support bot", "field/approval"), "");
}

#[test]
fn a_table_of_windows_loses_nothing_that_was_recorded() {
    let place = scanned();
    decide(
        &place,
        &["register", "set", "bot", "owner=Łukasz Żak", "purpose=Prüft Anträge – täglich"],
    );
    let mut table = Exported::of(&place);
    "Jörg".clone_into(table.cell("api", "owner"));
    let text = written(&table.rows, ";").replace(['Ł', 'Ż'], "?");
    let bytes: Vec<u8> = text
        .chars()
        .map(|letter| match letter {
            '–' => 0x96,
            '…' => 0x85,
            letter => u8::try_from(u32::from(letter)).expect("of the encoding"),
        })
        .collect();
    std::fs::write(place.beside("register.csv"), bytes).expect("written");
    let ran = import(&place, "register.csv");
    assert!(ran.stdout().contains("1 decision taken over"), "{} {}", ran.stdout(), ran.stderr());
    assert!(ran.stderr().contains("Windows-1252"), "{}", ran.stderr());
    assert_eq!(held(&place, "api", "field/owner"), "Jörg");
    assert_eq!(held(&place, "bot", "field/owner"), "Łukasz Żak");
}

#[test]
fn what_is_wrong_with_a_table_names_row_and_column_and_takes_nothing() {
    let place = scanned();
    decide(&place, &["register", "set", "bot", "owner=Jane"]);
    let wrong = |what: &str, edit: &dyn Fn(&mut Exported), words: &[&str]| {
        let mut table = Exported::of(&place);
        "Ann".clone_into(table.cell("api", "owner"));
        edit(&mut table);
        table.save(&place, "wrong.csv");
        let ran = import(&place, "wrong.csv");
        assert_eq!(ran.code(), 2, "{what}: {}", ran.stdout());
        for word in words {
            assert!(ran.stderr().contains(word), "{what}: {word} in {}", ran.stderr());
        }
        assert_eq!(held(&place, "api", "field/owner"), "", "{what}");
    };
    wrong(
        "repeated",
        &|table| table.add("owner"),
        &["wrong.csv, row 1, column ", "stands in column", "delete one"],
    );
    wrong("the same by another name", &|table| table.add("field/owner"), &["stands in column"]);
    wrong(
        "unknown",
        &|table| table.add("colour"),
        &["row 1, column ", "no field `colour`", "[colour]"],
    );
    wrong(
        "a control that is none",
        &|table| table.add("control/A.9.9"),
        &["row 1, column ", "no control `A.9.9`"],
    );
    wrong(
        "no id",
        &|table| {
            let at = table.column("id");
            table.rows[0][at] = "[id]".to_owned();
        },
        &["row 1", "no column has the heading `id`", "export again"],
    );
    wrong(
        "no choice",
        &|table| "maybe".clone_into(table.cell("bot", "approval")),
        &["row 4, column ", "(approval)", "`maybe`", "approved"],
    );
    wrong(
        "the future",
        &|table| "2999-01-01".clone_into(table.cell("bot", "review-last")),
        &["row 4, column ", "(review-last)", "has not come yet"],
    );
    wrong(
        "a day of two countries",
        &|table| "01/02/2027".clone_into(table.cell("bot", "review-next")),
        &["(review-next)", "write 2027-01-31"],
    );
    wrong(
        "a failed formula",
        &|table| "#REF!".clone_into(table.cell("bot", "owner")),
        &["row 4, column ", "(owner)", "#REF!", "write the value"],
    );
    wrong(
        "a state",
        &|table| "x".clone_into(table.cell("bot", "state")),
        &["(state)", "`x` is no state"],
    );
    wrong(
        "another database",
        &|table| "99".clone_into(table.cell("bot", "state")),
        &["row 4", "another database"],
    );
    wrong(
        "no such system",
        &|table| "0123456789ab".clone_into(table.cell("bot", "id")),
        &["row 4", "no system `0123456789ab`"],
    );
    wrong("an empty id", &|table| table.cell("bot", "id").clear(), &["row 4", "no `id`"]);
    wrong(
        "a row twice",
        &|table| {
            let row = table.rows[3].clone();
            table.rows.push(row);
        },
        &["row 5", "keep one of the two rows"],
    );
    wrong(
        "a slipped row",
        &|table| table.rows[3].push("more".to_owned()),
        &["row 4", "has no heading", "quotes"],
    );
    wrong(
        "a group of nobody",
        &|table| "part of nobody".clone_into(table.cell("bot", "grouping")),
        &["(grouping)", "no other system"],
    );
    wrong(
        "dismissed without a reason",
        &|table| "dismissed".clone_into(table.cell("bot", "grouping")),
        &["(grouping)", "a reason is needed", "`reason`"],
    );

    for (name, content, words) in [
        ("no.xlsx", "id,owner,state\n", "named like a workbook"),
        ("cut.xlsx", "PK\u{3}\u{4} cut", "damaged workbook"),
        ("none.csv", "a,b\n1,2\n", "no heading is known"),
        (
            "misread.csv",
            "\u{feff}\"ï»¿\"\"id\"\"\",owner,state\n",
            "open the export again as UTF-8",
        ),
        ("empty.csv", "", "is empty"),
        ("register.ods", "x", "--format"),
    ] {
        std::fs::write(place.beside(name), content).expect("written");
        let ran = import(&place, name);
        assert!(
            ran.code() == 2 && ran.stderr().contains(words) && ran.stderr().contains(name),
            "{name}: {}",
            ran.stderr()
        );
    }
    // With --partly the rest is taken.
    let mut table = Exported::of(&place);
    "Ann".clone_into(table.cell("api", "owner"));
    "maybe".clone_into(table.cell("bot", "approval"));
    table.save(&place, "register.csv");
    let ran = place.run(["register", "import", "register.csv", "--partly", "--by", "Jane"]);
    assert!(
        ran.code() == 1 && ran.stdout().contains("`maybe`"),
        "{} {}",
        ran.stdout(),
        ran.stderr()
    );
    assert_eq!(held(&place, "api", "field/owner"), "Ann");
}

#[test]
fn a_table_without_its_state_only_adds() {
    let place = scanned();
    decide(&place, &["register", "set", "bot", "owner=Jane"]);
    let mut table = Exported::of(&place);
    "Mallory".clone_into(table.cell("bot", "owner"));
    "Ann".clone_into(table.cell("api", "owner"));
    let at = table.column("state");
    for row in &mut table.rows {
        row.remove(at);
    }
    table.save(&place, "register.csv");
    let ran = place.run(["register", "import", "register.csv", "--partly", "--by", "Eve"]);
    assert!(ran.stderr().contains("no column `state`"), "{}", ran.stderr());
    assert!(
        ran.stdout().contains("Mallory") && ran.stdout().contains("1 decision taken over"),
        "{}",
        ran.stdout()
    );
    assert_eq!(
        (held(&place, "bot", "field/owner"), held(&place, "api", "field/owner")),
        ("Jane".to_owned(), "Ann".to_owned())
    );
}

#[test]
fn two_tables_of_two_people_never_overwrite_each_other() {
    let place = scanned();
    let mut mine = Exported::of(&place);
    let mut yours = Exported::of(&place);
    "Ann".clone_into(mine.cell("bot", "owner"));
    "Mine".clone_into(mine.cell("bot", "purpose"));
    "Bob".clone_into(yours.cell("bot", "owner"));
    "Yours".clone_into(yours.cell("api", "purpose"));
    mine.save(&place, "mine.csv");
    yours.save(&place, "yours.csv");
    assert_eq!(import(&place, "mine.csv").code(), 0);
    let ran = import(&place, "yours.csv");
    assert_eq!(ran.code(), 2);
    for words in [
        "yours.csv, row 4, column ",
        "(owner)",
        "`Bob`",
        "`Ann` by Jane Roe",
        "nothing was taken over",
    ] {
        assert!(ran.stderr().contains(words), "{words}: {}", ran.stderr());
    }
    assert_eq!(held(&place, "api", "field/purpose"), "");
    let ran = place.run(["register", "import", "yours.csv", "--partly", "--by", "Bob"]);
    assert_eq!(ran.code(), 1, "{}", ran.stderr());
    for (system, subject, value) in [
        ("bot", "field/owner", "Ann"),
        ("bot", "field/purpose", "Mine"),
        ("api", "field/purpose", "Yours"),
    ] {
        assert_eq!(held(&place, system, subject), value);
    }
}

#[test]
fn two_imports_at_once_lose_nothing() {
    let place = scanned();
    let people: Vec<String> = (0..4).map(|number| format!("person{number}")).collect();
    let fields = ["owner", "purpose", "users", "oversight"];
    for (person, field) in people.iter().zip(fields) {
        let mut table = Exported::of(&place);
        for system in ["bot", "api"] {
            person.clone_into(table.cell(system, field));
        }
        // All of them want to be who monitors; one can.
        person.clone_into(table.cell("bot", "monitoring"));
        table.save(&place, &format!("{person}.csv"));
    }
    let running: Vec<std::process::Child> = people
        .iter()
        .map(|person| place.start(["register", "import", &format!("{person}.csv"), "--partly", "--by", person]))
        .collect();
    let ended: Vec<Ran> = running
        .into_iter()
        .map(|child| Ran(child.wait_with_output().expect("ends")))
        .collect();
    let codes: Vec<i32> = ended.iter().map(Ran::code).collect();
    let said: Vec<String> = ended.iter().map(|ran| ran.stdout() + &ran.stderr()).collect();
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{codes:?} {said:?}");
    assert_eq!(codes.iter().filter(|code| **code == 1).count(), 3, "{codes:?} {said:?}");
    for (person, field) in people.iter().zip(fields) {
        for system in ["bot", "api"] {
            assert_eq!(&held(&place, system, &format!("field/{field}")), person, "{said:?}");
        }
    }
    let history = place.run(["register", "history", "--json"]).stdout();
    assert_eq!(history.lines().count(), 9, "{history}");
    let monitored: Vec<&str> = history.lines().filter(|line| line.contains("field/monitoring")).collect();
    assert_eq!(monitored.len(), 1, "{monitored:?}");
}

#[test]
fn a_system_that_is_gone_can_be_decided_on_and_what_is_decided_comes_back() {
    let place = scanned();
    let mut table = Exported::of(&place);
    "Ann".clone_into(table.cell("bot", "owner"));
    table.save(&place, "register.csv");
    std::fs::remove_dir_all(place.tree().join("bot")).expect("removed");
    assert_eq!(place.run(["scan", "tree"]).code(), 0);
    let ran = import(&place, "register.csv");
    assert!(
        ran.code() == 0 && ran.stdout().contains("1 decision taken over"),
        "{} {}",
        ran.stdout(),
        ran.stderr()
    );
    assert!(!place.run(["systems"]).stdout().contains("bot"));
    // It still has a row, and it is the same system when it comes back.
    assert_eq!(*Exported::of(&place).cell("bot", "owner"), "Ann");
    place.write("bot/pyproject.toml", "[project]\nname = \"bot\"\n");
    place.write("bot/chat.py", CHAT);
    assert_eq!(place.run(["scan", "tree"]).code(), 0);
    assert_eq!(held(&place, "bot", "field/owner"), "Ann");
}
