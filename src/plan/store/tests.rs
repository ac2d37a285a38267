use super::*;
use crate::plan::fixture;

/// Three documents that change, each in a patch of its own, and no relation that reading them finds.
fn plan() -> Plan {
    let paths = ["a.txt", "b.txt", "c.txt"];
    let change = fixture::change(&paths.map(|path| (path, Some("old\n"), Some("new\n"))));
    let edits = crate::read::edits(&change);
    let message = |idx: usize| Message { subject: format!("patch {idx}").into(), ..Message::default() };
    let patches = (0..3).map(|idx| fixture::patch(&format!("patch-{idx}"), vec![EditId::at(idx)], message(idx))).collect();
    fixture::plan(change, edits, patches)
}

fn relation(first: u32, second: u32, reason: Reason) -> Relation {
    Relation::before(EditId(first), EditId(second), reason)
}

fn again(text: &str) -> Plan {
    let Plan { change, edits, .. } = plan();
    let found = vec![relation(0, 2, Reason::Moved("h".into()))];
    read(text).expect("a stored plan").resolve(change, edits, found).expect("of this change")
}

fn is_as_learned(plan: &Plan) {
    let from_check = relation(0, 1, Reason::DefinedBeforeUse("f".into()));
    let from_builds = relation(1, 2, Reason::Learned("b.txt:1: no g".into()));
    assert_eq!(plan.from_check, std::slice::from_ref(&from_check));
    assert_eq!(plan.from_builds, std::slice::from_ref(&from_builds));
    assert_eq!(plan.overridden, [relation(0, 2, Reason::Moved("h".into()))]);
    assert_eq!(plan.relations, [from_check, from_builds], "what is overridden does not count, though reading finds it");
}

#[test]
fn a_plan_says_what_the_check_asked_for_and_what_builds_taught() {
    let mut plan = plan();
    plan.from_check = vec![relation(0, 1, Reason::DefinedBeforeUse("f".into()))];
    plan.from_builds = vec![relation(1, 2, Reason::Learned("b.txt:1: no g".into()))];
    plan.overridden = vec![relation(0, 2, Reason::Moved("h".into()))];
    let text = write(&plan).expect("a plan");
    let sections = ["version = 2", "[[from_check]]", "[[from_builds]]", "[[overridden]]"];
    assert!(sections.iter().all(|section| text.contains(section)) && !text.contains("learned]]"), "{text}");
    is_as_learned(&again(&text));
}

#[test]
fn a_plan_of_the_first_form_is_read() {
    let Plan { change, edits, .. } = plan();
    let address: Vec<String> = addresses(&change, &edits).iter().map(ToString::to_string).collect();
    let [a, b, c] = address.as_slice() else { panic!("three edits: {address:?}") };
    let patch = |idx: usize, edit: &String| {
        format!(
            "[[patch]]\nid = \"patch-{idx}\"\nseries = \"doc\"\nhome = \"doc\"\nsubject = \"patch {idx}\"\nbody = \"\"\ntrailers = []\n\
             author_name = \"Ann\"\nauthor_email = \"ann@x.org\"\nauthor_time = \"1700000000 +0000\"\nwhy = []\nedits = [\"{edit} | new\"]\n\n"
        )
    };
    let relation = |section: &str, first: &String, second: &String, reason: &str, about: &str| {
        format!(
            "[[{section}]]\ntie = \"before\"\nfirst = \"{first} | new\"\nsecond = \"{second} | new\"\nreason = \"{reason}\"\nabout = \"{about}\"\n\n"
        )
    };
    let text = [
        "version = 1\nname = \"x\"\nbase = \"0000000000000000000000000000000000000001\"\ntip = \"0000000000000000000000000000000000000002\"\n\
         land = \"per-tree\"\nat_most = 15\n\n[[home]]\nslug = \"doc\"\nname = \"DOC\"\n\n\
         [[series]]\nname = \"doc\"\nhome = \"doc\"\nneeds = []\ncover_subject = \"\"\ncover_body = \"\"\n\n"
            .to_owned(),
        patch(0, a),
        patch(1, b),
        patch(2, c),
        relation("learned", a, b, "defined-before-use", "f"),
        relation("learned", b, c, "learned", "b.txt:1: no g"),
        relation("waived", a, c, "moved", "h"),
    ]
    .concat();
    let plan = again(&text);
    is_as_learned(&plan);
    assert_eq!(plan.campaign.patches.len(), 3);
}

#[test]
fn a_plan_of_a_form_to_come_is_refused() {
    let text = write(&plan()).expect("a plan").replace("version = 2", "version = 3");
    assert!(matches!(read(&text), Err(StoreError::Version(3))));
}
