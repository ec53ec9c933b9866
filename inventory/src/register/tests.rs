use super::*;
use crate::sample;
use evidence::{ComponentKind, Evidence, Stage};
use rules::risk::ruleset;

const TODAY: &str = "2026-11-27";

fn decision(number: i64, system: &str, subject: &str, value: &str) -> Decision {
    Decision {
        number,
        at: format!("2026-11-{:02}T08:00:00Z", number.min(26)),
        by: "Jane Roe".to_owned(),
        system: system.to_owned(),
        name: "bot".to_owned(),
        subject: subject.to_owned(),
        value: value.to_owned(),
        reason: "because".to_owned(),
        until: None,
        known: Vec::new(),
    }
}

fn called(name: &str, path: &str) -> Evidence {
    Evidence {
        stage: Stage::Invoked,
        ..sample::seen(ComponentKind::Model, name, path)
    }
}

fn inventory(systems: Vec<System>) -> Inventory {
    Inventory {
        systems,
        ..sample::inventory("00:00:00", Vec::new())
    }
}

fn bot() -> System {
    System {
        id: "b0".to_owned(),
        ..sample::system("bot", vec![called("gpt-4o", "src/chat.py")])
    }
}

fn applied(decisions: Vec<Decision>, systems: Vec<System>) -> Inventory {
    let mut inventory = inventory(systems);
    let mut moved = inventory.clone();
    Register::of(decisions.clone()).apply_and_end(&mut moved, ruleset(), TODAY);
    Register::of(decisions).apply(&mut inventory, ruleset(), TODAY);
    assert_eq!(format!("{moved:#?}"), format!("{inventory:#?}"));
    inventory
}

#[test]
fn the_last_decision_counts_and_an_empty_one_withdraws() {
    let history = vec![
        decision(1, "b0", "field/owner", "Jane"),
        decision(2, "b0", "field/owner", "John"),
        decision(3, "b0", "field/purpose", "Answers customers"),
        decision(4, "b0", "field/purpose", ""),
        decision(5, "other", "field/owner", "Nobody"),
    ];
    let inventory = applied(history.clone(), vec![bot()]);
    let standing = &inventory.systems[0].standing;
    assert_eq!(standing.held("field/owner").map(|held| held.value.as_str()), Some("John"));
    assert_eq!(standing.held("field/purpose"), None);
    let register = Register::of(history);
    assert_eq!(register.value_at("b0", "field/owner", 1), "Jane");
    assert_eq!(register.value_at("b0", "field/owner", 0), "");
}

#[test]
fn what_a_scan_finds_later_opens_what_rested_on_less() {
    let mut approved = decision(1, "b0", "field/approval", "approved");
    let mut owner = decision(2, "b0", "field/owner", "Jane");
    let system = bot();
    (approved.known, owner.known) = (known(&system), known(&system));
    let same = applied(vec![approved.clone(), owner.clone()], vec![system]);
    assert!(same.systems[0].standing.decisions.values().all(Held::stands));

    let more = System {
        id: "b0".to_owned(),
        ..sample::system("bot", vec![called("gpt-4o", "src/chat.py"), called("o3", "src/think.py")])
    };
    let later = applied(vec![approved, owner], vec![more]);
    let standing = &later.systems[0].standing;
    let held = standing.held("field/approval").expect("still there");
    assert_eq!(held.reopened.len(), 1);
    assert!(held.reopened[0].contains("o3"), "{:?}", held.reopened);
    assert!(standing.held("field/owner").is_some_and(Held::stands), "an owner stays one");
}

#[test]
fn a_term_that_is_over_opens_again_on_the_next_day() {
    let until = |day: &str| Decision {
        until: Some(day.to_owned()),
        ..decision(1, "b0", "finding/retired-model", "accepted")
    };
    for (day, stands) in [("2026-11-27", true), ("2026-11-26", false), ("2027-01-01", true)] {
        let inventory = applied(vec![until(day)], vec![bot()]);
        let held = inventory.systems[0].standing.held("finding/retired-model").expect("held");
        assert_eq!(held.stands(), stands, "{day}");
    }
}

#[test]
fn dismissed_systems_are_listed_apart_until_there_is_more_in_them() {
    let mut dismissed = decision(1, "b0", "grouping", "dismissed");
    dismissed.known = known(&bot());
    let inventory = applied(vec![dismissed], vec![bot()]);
    assert!(inventory.systems.is_empty());
    assert_eq!(inventory.dismissed[0].name, "bot");
    // Without what was known then, everything in it is new.
    let inventory = applied(vec![decision(1, "b0", "grouping", "dismissed")], vec![bot()]);
    assert_eq!(inventory.systems.len(), 1);
    assert!(inventory.dismissed.is_empty());
}

#[test]
fn merged_systems_are_one_and_circles_stay_apart() {
    let api = || System {
        id: "a1".to_owned(),
        ..sample::system("api", vec![called("gpt-4o", "api/x.py"), called("o3", "api/y.py")])
    };
    let inventory = applied(vec![decision(1, "a1", "grouping", "part of b0")], vec![api(), bot()]);
    assert_eq!(inventory.systems.len(), 1);
    let system = &inventory.systems[0];
    assert_eq!((system.id.as_str(), system.components.len()), ("b0", 2));
    let shared = system
        .components
        .iter()
        .find(|component| component.name == "gpt-4o")
        .expect("is there");
    assert_eq!(shared.places, 2);

    let circle = vec![
        decision(1, "a1", "grouping", "part of b0"),
        decision(2, "b0", "grouping", "part of a1"),
    ];
    assert_eq!(applied(circle, vec![api(), bot()]).systems.len(), 2);
    let nowhere = vec![decision(1, "a1", "grouping", "part of gone")];
    assert_eq!(applied(nowhere, vec![api(), bot()]).systems.len(), 2);
}

#[test]
fn folders_that_are_split_off_are_systems_of_their_own() {
    let both = System {
        id: "b0".to_owned(),
        ..sample::system(
            "bot",
            vec![
                called("gpt-4o", "web/chat.py"),
                called("gpt-4o", "jobs/night.py"),
                called("o3", "jobsite/x.py"),
            ],
        )
    };
    let inventory = applied(vec![decision(1, "b0", "grouping", "split jobs")], vec![both]);
    let parts: Vec<(&str, usize)> = inventory
        .systems
        .iter()
        .map(|system| (system.name.as_str(), system.components.len()))
        .collect();
    assert_eq!(parts, [("bot", 2), ("jobs", 1)]);
    assert_ne!(inventory.systems[0].components[0].id, inventory.systems[1].components[0].id);
}

#[test]
fn answers_narrow_the_tier_and_close_the_question() {
    let screening = || {
        let mut system = System {
            id: "b0".to_owned(),
            ..sample::system("CvScreening", vec![called("gpt-4o", "src/rank.py")])
        };
        system.description = Some("Ranks job applicants".into());
        system.classification = crate::classify::classify(&system, ruleset());
        system
    };
    let open = screening();
    let question = open
        .classification
        .questions
        .iter()
        .find(|question| question.rule.starts_with("domain."))
        .expect("asks");
    for (answer, is_high) in [("no", false), ("yes", true)] {
        let mut answered = decision(1, "b0", &format!("question/{}", question.rule), answer);
        answered.known = known(&open);
        let inventory = applied(vec![answered], vec![screening()]);
        let classification = &inventory.systems[0].classification;
        assert!(classification.questions.iter().all(|open| open.rule != question.rule));
        assert_eq!(classification.indicated >= crate::Tier::High, is_high, "{answer}");
        assert!(classification.reasons.iter().any(|reason| reason.effect.contains("by Jane Roe")));
    }
}

#[test]
fn a_decision_outlives_its_system() {
    let inventory = applied(vec![decision(1, "gone", "field/owner", "Jane")], vec![bot()]);
    assert_eq!(inventory.systems.len(), 1);
    let register = Register::of(vec![decision(1, "gone", "field/owner", "Jane")]);
    let sheet = sheet(&register, &inventory);
    assert!(sheet.rows.iter().any(|row| row.id == "gone" && row.values["field/owner"] == "Jane"));
}

fn row(id: &str, decided: i64, values: &[(&str, &str)]) -> SheetRow {
    SheetRow {
        line: 7,
        id: id.to_owned(),
        name: "bot".to_owned(),
        decided,
        values: values
            .iter()
            .map(|(subject, value)| ((*subject).into(), (*value).to_owned()))
            .collect(),
        ..SheetRow::default()
    }
}

fn taken(rows: Vec<SheetRow>, history: Vec<Decision>) -> Imported {
    let sheet = Sheet { rows, is_lossy: false };
    take_in(&sheet, &Register::of(history), &inventory(vec![bot()]), edited())
}

fn edited() -> Import<'static> {
    Import {
        from: "register.csv",
        today: TODAY,
        ..Import::default()
    }
}

#[test]
fn what_was_edited_is_taken_and_what_others_decided_meanwhile_is_kept() {
    let history = vec![decision(1, "b0", "field/owner", "Jane"), decision(2, "b0", "field/owner", "John")];
    // Nobody touched the owner after the sheet was written.
    let fresh = taken(vec![row("b0", 2, &[("owner", "Ann"), ("purpose", "")])], history.clone());
    assert_eq!((fresh.drafts.len(), fresh.conflicts.len(), fresh.unchanged), (1, 0, 1));
    assert_eq!(
        (fresh.drafts[0].subject.to_string().as_str(), fresh.drafts[0].value.as_str()),
        ("field/owner", "Ann")
    );
    // John was decided after the sheet was written.
    let stale = taken(vec![row("b0", 1, &[("owner", "Ann")])], history.clone());
    assert!(stale.drafts.is_empty());
    assert_eq!(
        (
            stale.conflicts[0].theirs.as_str(),
            stale.conflicts[0].ours.as_str(),
            stale.conflicts[0].line
        ),
        ("Ann", "John", 7)
    );
    // The sheet still holds what it was written with: that is no edit.
    let untouched = taken(vec![row("b0", 1, &[("owner", "Jane")])], history.clone());
    assert_eq!((untouched.drafts.len(), untouched.conflicts.len()), (0, 0));
    // Both decided the same.
    let agreed = taken(vec![row("b0", 1, &[("owner", "John")])], history);
    assert_eq!((agreed.drafts.len(), agreed.conflicts.len()), (0, 0));
}

#[test]
fn faults_name_their_line_and_take_nothing_else_along() {
    let rows = vec![
        row(
            "b0",
            0,
            &[
                ("owner", "Ann"),
                ("no-such-field", "x"),
                ("tier", "huge"),
                ("control/A.9.9", "included"),
            ],
        ),
        row("b0", 0, &[("owner", "Eve")]),
        row("nowhere", 0, &[("owner", "Ann")]),
        row("", 9, &[("control/A.5.2", "included")]),
    ];
    let taken = taken(rows, Vec::new());
    assert_eq!(taken.drafts.len(), 1);
    assert_eq!(taken.faults.len(), 6);
    assert!(taken.faults.iter().all(|fault| fault.line == 7));
    let of_cells: Vec<&str> = taken.faults.iter().filter_map(|fault| fault.subject.as_deref()).collect();
    assert_eq!(of_cells, ["control/A.9.9", "no-such-field", "tier"]);
}

#[test]
fn values_that_cannot_be_decided_are_faults_of_their_cells() {
    let wrong = [
        ("review-last", "2026-11-28", "has not come yet"),
        ("approval-date", "2031-01-01", "has not come yet"),
        ("review-next", "2027-02-30", "no day"),
        ("grouping", "elsewhere", "no grouping"),
        ("grouping", "part of b0", "no other system"),
        ("grouping", "part of nowhere", "no other system"),
        ("grouping", "dismissed", "a reason is needed"),
        ("question/no.such", "yes", "no rule `no.such` asks"),
        ("question/domain.employment", "perhaps", "no answer"),
    ];
    for (subject, value, words) in wrong {
        let taken = taken(vec![row("b0", 0, &[(subject, value), ("owner", "Ann")])], Vec::new());
        assert_eq!((taken.drafts.len(), taken.faults.len()), (1, 1), "{subject}={value}");
        assert_eq!(taken.faults[0].subject.as_deref(), Some(subject));
        assert!(taken.faults[0].what.contains(words), "{}", taken.faults[0].what);
    }
    for (subject, value) in [("review-last", TODAY), ("review-next", "2031-01-01"), ("tier", "high")] {
        assert_eq!(
            taken(vec![row("b0", 0, &[(subject, value)])], Vec::new()).drafts.len(),
            1,
            "{subject}"
        );
    }
    // What was recorded when it could be is no fault while nobody touches it.
    let old = vec![decision(1, "b0", "question/no.such", "yes")];
    assert_eq!(taken(vec![row("b0", 1, &[("question/no.such", "yes")])], old).unchanged, 1);
    let organisation = taken(vec![row("", 0, &[("tier", "high"), ("owner", "Ann")])], Vec::new());
    assert_eq!((organisation.drafts.len(), organisation.faults.len()), (1, 1));
}

#[test]
fn a_row_says_why_and_until_when() {
    let mut dismissing = row("b0", 0, &[("grouping", "dismissed")]);
    (dismissing.reason, dismissing.until) = ("a tutorial".to_owned(), "2027-01-31".to_owned());
    let draft = taken(vec![dismissing.clone()], Vec::new()).drafts.remove(0);
    assert_eq!((draft.reason.as_str(), draft.until.as_deref()), ("a tutorial", Some("2027-01-31")));
    dismissing.until = "soon".to_owned();
    assert_eq!(taken(vec![dismissing], Vec::new()).faults.len(), 1);
    let draft = taken(vec![row("b0", 0, &[("owner", "Ann")])], Vec::new()).drafts.remove(0);
    assert_eq!((draft.reason.as_str(), draft.until), ("imported from register.csv", None));
}

#[test]
fn what_a_program_did_to_a_cell_is_no_edit() {
    let text = "Hilft \u{201e}Bürgern\u{201c} 🙂\r\nund Ämtern";
    let history = vec![decision(1, "b0", "field/purpose", text)];
    let given = |value: &str, is_lossy| {
        let sheet = Sheet {
            rows: vec![row("b0", 1, &[("purpose", value)])],
            is_lossy,
        };
        let taken = take_in(&sheet, &Register::of(history.clone()), &inventory(vec![bot()]), edited());
        (taken.drafts.len(), taken.unchanged)
    };
    assert_eq!(given(&text.replace("\r\n", "\n"), false), (0, 1));
    assert_eq!(given(&text.replace('🙂', "??"), true), (0, 1));
    assert_eq!(given(&text.replace('🙂', "?"), true), (0, 1));
    assert_eq!(
        given(&text.replace('🙂', "??"), false),
        (1, 0),
        "in UTF-8 nothing is lost by itself"
    );
    assert_eq!(given(&text.replace("und", "?nd"), true), (1, 0));
    assert_eq!(given(&text.replace("Ämtern", "Schulen"), true), (1, 0));
}

#[test]
fn systems_that_are_gone_can_still_be_decided_on() {
    let once = BTreeMap::from([("gone".to_owned(), "old-bot".to_owned())]);
    let sheet = Sheet {
        rows: vec![row("gone", 0, &[("owner", "Ann")]), row("never", 0, &[("owner", "Ann")])],
        is_lossy: false,
    };
    let import = Import {
        once: Some(&once),
        ..edited()
    };
    let taken = take_in(&sheet, &Register::default(), &inventory(vec![bot()]), import);
    assert_eq!((taken.drafts[0].name.as_str(), taken.faults.len()), ("old-bot", 1));
}

#[test]
fn a_hundred_thousand_rows_are_compared_one_by_one() {
    const ROWS: i64 = 100_000;
    let id = |number: i64| format!("s{number}");
    let history: Vec<Decision> = (1..=ROWS)
        .map(|number| decision(number, &id(number), "field/owner", "Jane"))
        .collect();
    let rows = (1..=ROWS).map(|number| {
        let owner = if number % 1000 == 0 { "Ann" } else { "Jane" };
        SheetRow {
            line: 0,
            ..row(&id(number), ROWS, &[("owner", owner)])
        }
    });
    let sheet = Sheet {
        rows: rows.collect(),
        is_lossy: false,
    };
    let taken = take_in(&sheet, &Register::of(history), &inventory(vec![bot()]), edited());
    assert_eq!((taken.drafts.len(), taken.unchanged, taken.faults.len()), (100, 99_900, 0));
}
