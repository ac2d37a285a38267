use super::*;

fn found(pairs: &[(&str, &str)]) -> Rules {
    let pairs: Vec<Pair<'_>> =
        pairs.iter().map(|(old, new)| Pair { old: old.as_bytes(), new: new.as_bytes(), is_prose: false }).collect();
    find(&pairs)
}

/// Pairs of texts; expected are the rules, then for each pair how much is explained.
fn check(pairs: &[(&str, &str)], expected: &[&str]) {
    let rules = found(pairs);
    let mut drawn: Vec<String> = rules.all.iter().map(|rule| format!("{} at {}", rule.line(), rule.n_sites)).collect();
    for idx in 0..pairs.len() {
        if !rules.explain(idx) {
            drawn.push(format!("{idx} is not explained"));
        }
    }
    assert_eq!(drawn, expected);
}

#[test]
fn a_field_is_renamed() {
    check(
        &[
            ("a = page->index;", "a = page->place;"),
            ("f(p[1]->index, index);", "f(p[1]->place,\n  index);"),
            ("/* ->index */", "/* ->place */"),
        ],
        &["E->index -> E->place at 3"],
    );
}

#[test]
fn what_else_changes_is_left_over() {
    check(
        &[("a = page->index;", "a = page->place;"), ("b->index", "b->place"), ("c->index > 1", "c->place >= 1")],
        &["E->index -> E->place at 3", "2 is not explained"],
    );
}

#[test]
fn a_full_stop_in_prose_reaches_no_member() {
    let pairs = ["a", "b", "c"].map(|name| (format!("{name}.com x"), format!("{name}.org x")));
    let pairs: Vec<Pair<'_>> =
        pairs.iter().map(|(old, new)| Pair { old: old.as_bytes(), new: new.as_bytes(), is_prose: true }).collect();
    assert_eq!(find(&pairs).all[0].line(), "com -> org");
}

#[test]
fn twice_is_no_rule() {
    check(&[("a->index;", "a->place;"), ("b->index", "b->place")], &["0 is not explained", "1 is not explained"]);
}

#[test]
fn an_argument_comes() {
    check(
        &[
            ("r = lock(&dev->mutex, 0);", "r = lock(&dev->mutex, 0, true);"),
            ("if (lock(m, flags & 1))", "if (lock(m, flags & 1, true))"),
            ("g(lock(a(b, c), d));", "g(lock(a(b, c), d, true));"),
        ],
        &["lock($1, $2) -> lock($1, $2, true) at 3"],
    );
}

#[test]
fn an_argument_goes_whatever_it_was() {
    check(
        &[
            ("done(req, 1);", "done(req);"),
            ("done(rq, ret == 0 ? 1 : 2);", "done(rq);"),
            ("done(q->req, f(x));", "done(q->req);"),
        ],
        &["done($1, $2) -> done($1) at 3"],
    );
}

#[test]
fn arguments_change_places() {
    check(
        &[
            ("copy(a, b, n);", "copy(b, a, n);"),
            ("copy(x->y, &z, 1);", "copy(&z, x->y, 1);"),
            ("copy(p, q, r + 1);", "copy(q, p, r + 1);"),
        ],
        &["copy($1, $2, $3) -> copy($2, $1, $3) at 3"],
    );
}

#[test]
fn a_wrapper_is_unwrapped() {
    check(
        &[("x = f(g(a));", "x = h(a);"), ("y = f(g(b->c)) + 1;", "y = h(b->c) + 1;"), ("return f(g(p[1]));", "return h(p[1]);")],
        &["f(g($1)) -> h($1) at 3"],
    );
    check(
        &[("x = head(p)->a;", "x = p->a;"), ("y = head(q)->b;", "y = q->b;"), ("z = head(r)->c;", "z = r->c;")],
        &["head($1) -> $1 at 3"],
    );
}

#[test]
fn a_function_and_a_constant_are_renamed() {
    check(&[("f(a);", "g(a);"), ("f(b, c);", "g(b, c);"), ("f();", "g();")], &["f() -> g() at 3"]);
    check(&[("a | OLD;", "a | NEW;"), ("OLD", "NEW"), ("x = OLD;", "x = NEW;")], &["OLD -> NEW at 3"]);
}

#[test]
fn what_cannot_be_known_from_the_old_text_is_no_rule() {
    check(
        &[("f(a);", "f(a, x);"), ("f(b);", "f(b, y);"), ("f(c);", "f(c, z);")],
        &["0 is not explained", "1 is not explained", "2 is not explained"],
    );
}

#[test]
fn a_bare_name_goes_with_its_member() {
    let pairs = [
        ("a->old", "a->new"),
        ("b->old", "b->new"),
        ("c->old", "c->new"),
        ("MATCH(old, old);", "MATCH(new, old);"),
        ("f(1)", "f(2)"),
    ];
    let rules = found(&pairs);
    let made = rules.only(&[EditId(0), EditId(2), EditId(3)]).expect("all by one rule");
    assert_eq!((made.rule.line().as_str(), made.n_sites, made.n_bare, made.reached), ("E->old -> E->new", 2, 1, (true, false)));
    assert_eq!(rules.only(&[EditId(0), EditId(4)]), None);
}

#[test]
fn holes_are_told() {
    let rules = found(&[("a; f(x, 1);", "a; f(x, 1, 0);"), ("f(y, 2);", "f(y, 2, 0);"), ("f(z[0], 3);", "f(z[0], 3, 0);")]);
    assert_eq!(rules.sites(0), [Site { rule_idx: 0, at: 3, holes: vec!["x".into(), "1".into()], reached: (false, false) }]);
    assert_eq!(rules.sites(2)[0].holes, ["z[0]", "3"]);
}

#[test]
fn rules_are_made_again() {
    let replay = |pairs: &[(&str, &str); 3], record: Option<&str>| {
        let rule = found(pairs).all[0].clone();
        match rule.replay(record.map(Into::into), rule.reached).expect("a tool can") {
            Replay::SemanticPatch(text) | Replay::Sed(text) => text,
        }
    };
    let field = [("a->old", "a->new"), ("b->old", "b->new"), ("c.old", "c.new")];
    assert_eq!(
        replay(&field, Some("struct s")),
        "@@\nstruct s *E;\n@@\n- E->old\n+ E->new\n\n@@\nstruct s E;\n@@\n- E.old\n+ E.new\n"
    );
    let call = [("f(a)", "f(a, 1)"), ("f(b)", "f(b, 1)"), ("f(c)", "f(c, 1)")];
    assert_eq!(replay(&call, None), "@@\nexpression E1;\n@@\n- f(E1)\n+ f(E1, 1)\n");
    assert_eq!(replay(&[("A", "B"), ("A", "B"), ("A", "B")], None), "sed -i 's/\\bA\\b/B/g'");
}
