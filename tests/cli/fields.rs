//! `git cleave fields`: places by type, in a tree and since a base.

use crate::support::TestRepo;

const HEADER: &str = "struct page {\n\tunsigned long index;\n};\nstruct seq {\n\tint index;\n};\n";

fn repo(name: &str) -> TestRepo {
    let repo = TestRepo::new(name);
    let mm =
        "#include <linux/x.h>\n\nvoid f(struct page *p, struct seq *s, void *q)\n{\n\tp->index = s->index;\n\tq->index++;\n}\n";
    repo.commit_files("base", &[("include/linux/x.h", HEADER), ("mm/a.c", mm), ("fs/b.c", "int b;\n")]);
    let fs = "#include <linux/x.h>\n\nlong g(struct page *p)\n{\n\treturn p[1].index;\n}\n";
    repo.commit_files("tip", &[("fs/b.c", fs), ("mm/a.c", &format!("/* moved */\n{mm}"))]);
    repo
}

#[test]
fn places_are_json_lines() {
    let repo = repo("places_are_json_lines");
    let out = repo.cleave(&["fields", "struct page.index", "--format", "json", "--unresolved", "--rev", "base"]);
    assert_eq!(out.code, Some(0));
    assert_eq!(
        out.stdout,
        "{\"path\":\"mm/a.c\",\"line\":5,\"column\":5,\"record\":\"struct page\",\"field\":\"index\",\"access\":\"write\"}\n\
         {\"path\":\"mm/a.c\",\"line\":6,\"column\":5,\"record\":null,\"field\":\"index\",\"access\":\"update\"}\n"
    );
    assert!(out.stderr.contains("struct page.index: 1 place; 1 more whose record is not known"), "{}", out.stderr);
}

#[test]
fn a_range_shows_who_came() {
    let repo = repo("a_range_shows_who_came");
    let text = repo.cleave(&["fields", "page.index", "seq.index", "--rev", "base..tip"]).ok();
    assert!(text.contains("fs (1)\n  fs/b.c:5:14  struct page.index read  return p[1].index;\n"), "{text}");
    assert!(!text.contains("mm/a.c"), "{text}");
    let all = repo.cleave(&["fields", "page.index", "seq.index"]).ok();
    assert!(all.contains("mm (2)\n") && all.contains("struct seq.index read"), "{all}");
}

#[test]
fn words_that_are_no_member() {
    let repo = repo("words_that_are_no_member");
    for words in
        [&["fields", "page"][..], &["fields", "page."], &["fields", "page.1"], &["fields"], &["fields", "a.b", "--rev", "x"]]
    {
        assert_eq!(repo.cleave(words).code, Some(2), "{words:?}");
    }
}

#[test]
fn what_is_not_there_is_an_error_and_no_users_are_none() {
    let repo = repo("what_is_not_there_is_an_error_and_no_users_are_none");
    let missing = |words: &[&str], error: &str, hint: &str| {
        let out = repo.cleave(&[&["fields"], words].concat());
        assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{out:?}");
        assert!(out.stderr.starts_with(&format!("error: {error}\nhint: {hint}\n")), "{out:?}");
    };
    missing(&["page.indx"], "'page' has no member 'indx' in HEAD", "it has index");
    missing(&["struct pgae.index"], "there is no record 'struct pgae' in HEAD", "'index' is a member of struct page, struct seq");
    missing(&["page.index", "seq.no", "--rev", "base"], "'seq' has no member 'no' in base", "it has index");
    missing(&["page.indx", "--rev", "base..tip"], "'page' has no member 'indx' in base..tip", "it has index");
    let far = repo.cleave(&["fields", "pgae.index", "--rev", "base..tip"]);
    assert!(far.code == Some(0) && far.stderr.contains("no file that differs knows a record 'pgae'"), "{far:?}");
    // The last user goes, then the member.
    repo.commit_files("unused", &[("fs/b.c", "int b;\n"), ("mm/a.c", "int a;\n")]);
    repo.commit_files("gone", &[("include/linux/x.h", "struct page {\n\tint other;\n};\n")]);
    for rev in ["unused", "base..unused", "base..gone", "unused..gone"] {
        let none = repo.cleave(&["fields", "struct page.index", "--rev", rev]);
        assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""), "{rev}: {none:?}");
    }
    missing(&["page.index"], "'page' has no member 'index' in HEAD", "it has other");
}
