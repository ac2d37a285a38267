//! The names of the facts about a pair.

macro_rules! features {
    ($($variant:ident $name:literal $says:literal,)*) => {
        /// A fact about two units, or about the whole change they are part of (`Whole…`), as a number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Feature {
            $(#[doc = $says] $variant,)*
        }

        impl Feature {
            /// Every feature, in order.
            pub const ALL: &'static [Feature] = &[$(Feature::$variant),*];

            /// Returns the name that the learnt weights use.
            pub fn name(self) -> &'static str {
                match self {
                    $(Feature::$variant => $name,)*
                }
            }

            /// Returns the feature with that name.
            pub fn named(name: &str) -> Option<Feature> {
                Feature::ALL.iter().copied().find(|feature| feature.name() == name)
            }
        }
    };
}

features! {
    SameFile "same_file" "Both in one file.",
    SameStem "same_stem" "In two files of one stem.",
    SameFolder "same_dir" "In two files of one folder.",
    PathCommon "path_common" "Share of the leading folders that are equal.",
    SameHunk "same_hunk" "In one run of changed lines.",
    SameWide "same_u3" "In one hunk with three lines of context, not in one run.",
    SameItem "same_item" "In one function or type, not in one run.",
    SameItemName "same_item_name" "In items of one name, in two files.",
    Near "near" "One file; nearer to 1 the fewer lines lie between.",
    Next "next" "One file, no other unit between.",
    GapUnits "gapunits" "One file; ln(1 + units between).",
    FreshRare "fresh_rare" "Names that come and stand in both, rare ones more.",
    ChangedSame "chg_same" "Old names changed in both hunks, one side.",
    ChangedOpposite "chg_opp" "Old names changed in both hunks, opposite sides.",
    ChangedRare "chg_rare" "Old names changed in both hunks, rare ones more.",
    CosIdentifiers "cos_ids" "Likeness of identifiers.",
    Calls "call" "Functions called in both, changed in their hunks.",
    Moved "moved" "Equal lines, opposite sides.",
    Repeated "dup" "Equal lines, one side.",
    RuleAdded "rule_add" "Likeness of the tokens that come in the hunk.",
    RuleRemoved "rule_del" "Likeness of the tokens that leave in the hunk.",
    Rule "rule" "Likeness of the rewrite: both of these, replacements only.",
    Grams "grams" "Likeness of pairs of tokens.",
    Mention "mention" "Two files; one names the stem of the other.",
    CosWords "cos_words" "Likeness of words.",
    OppositeSides "opp_side" "One leaves, one comes.",
    SameHunkType "same_htype" "Both hunks add, remove, or replace.",
    BothAdd "both_add" "Both hunks only add.",
    BothRemove "both_del" "Both hunks only remove.",
    BothReplace "both_repl" "Both hunks replace.",
    AddAndRemove "add_del" "One hunk only adds, the other only removes.",
    BothCode "both_code" "Both code.",
    BothHeader "both_hdr" "Both in headers.",
    OneHeader "one_hdr" "One in a header.",
    OneDocument "one_doc" "One in a document.",
    BothTest "both_test" "Both in tests.",
    OneTest "one_test" "One in a test.",
    OneBuild "one_build" "One in a build file.",
    OneComment "one_comment" "One only comment.",
    BothSpace "both_space" "Both hunks change white space only.",
    BothNewFile "both_newfile" "Both in new files.",
    OneNewFile "one_newfile" "One in a new file.",
    BothDeletedFile "both_delfile" "Both in deleted files.",
    OneDeletedFile "one_delfile" "One in a deleted file.",
    LinesMin "lmin" "ln lines of the smaller.",
    LinesMax "lmax" "ln lines of the larger.",
    FileLinesMin "fmin" "ln changed lines of the smaller of the files.",
    FileLinesMax "fmax" "ln changed lines of the larger of the files.",
    FileUnitsMin "fcmin" "ln units of the smaller of the files.",
    FileUnitsMax "fcmax" "ln units of the larger of the files.",
    SameNewFile "sf_new" "One file, new.",
    SameHeader "sf_hdr" "One file, a header.",
    SameTest "sf_test" "One file, a test.",
    FileFresh "file_fresh" "Two files; the strongest tie by new and gone names between any of their units.",
    FileChanged "file_cos" "Two files; the greatest likeness of changed names between any of their units.",
    LinkMax "relmax" "Tie by names, as a share of the strongest one of either.",
    LinkMin "relmin" "Tie by names, as a share of the strongest one of both.",
    RuleRelative "rule_rel" "RuleAdded as a share of the greatest one of both.",
    WordsRelative "words_rel" "CosWords as a share of the greatest one of both.",
    CoLink "colink" "Likeness of the sets of units they are tied to by names.",
    CosSubwords "cos_sub" "Likeness of the parts of changed names.",
    SubwordsRelative "sub_rel" "CosSubwords as a share of the greatest one of both.",
    CosFresh "cos_subfresh" "Likeness of the parts of names that come or go.",
    FileWords "file_words" "Two files; likeness of their words.",
    FileRule "file_rule" "Two files; likeness of the tokens that come.",
    FileSubwords "file_sub" "Two files; likeness of the parts of changed names.",
    FileMoved "file_moved" "Two files; share of lines that one loses and the other gains.",
    NameLike "name_sim" "Two files; likeness of their names and last folders.",
    SameSection "same_maint" "Two files of one MAINTAINERS section.",
    RuleContext "rule_ctx" "RuleAdded less its mean in this change.",
    WordsContext "words_ctx" "CosWords less its mean in this change.",
    NoLink "nofresh" "One of them holds no name that comes or goes.",
    TypedDefinedUsed "typed_du" "Symbols: one defines, the other gains a use; rare ones more.",
    TypedOnly "typed_only" "The same, each one over the number of units that gain a use.",
    TypedGains "typed_gg" "Symbols that both gain uses of.",
    TypedDropped "typed_xu" "Symbols: one drops the definition, the other a use.",
    TypedSwapped "typed_gl" "Symbols that one gains and the other loses uses of.",
    TypedBothDefine "typed_dd" "Symbols that both define, declare, or drop.",
    SameKnot "same_knot" "In one knot.",
    Tied "tied" "One must come before the other, with nothing known between.",
    DepthGap "depth_gap" "Difference of the longest chains before them.",
    DepthMin "depth_min" "The shorter of the longest chains before them.",
    ClassMin "class_min" "The kind of step, the lesser of both.",
    ClassMax "class_max" "The kind of step, the greater of both.",
    Rewrites "rewrite" "Likeness of what is replaced by what.",
    Templates "template" "The same for any names.",
    Shapes "shape" "Likeness of the shapes of their lines.",
    Literals "strings" "Likeness of string literals and options.",
    MovedMin "moved_min" "Share of lines that stand on the other side somewhere, the lesser.",
    MovedMax "moved_max" "Share of lines that stand on the other side somewhere, the greater.",
    SameRoute "same_route" "Both are of one move between the same two files.",
    OneFreshItem "one_freshitem" "One in an item that comes or goes.",
    LinksMin "links_min" "ln(1 + units tied to by names), the lesser.",
    LinksMax "links_max" "ln(1 + units tied to by names), the greater.",
    DefinesMin "defs_min" "ln(1 + symbols defined), the lesser.",
    DefinesMax "defs_max" "ln(1 + symbols defined), the greater.",
    GainsMin "gains_min" "ln(1 + symbols with uses that come), the lesser.",
    GainsMax "gains_max" "ln(1 + symbols with uses that come), the greater.",
    PathWords "path_words" "Two files; likeness of the parts of changed names in one with the path of the other.",
    CoChangeTogether "h_ab" "Two files; ln(1 + commits before that touch both).",
    CoChangeOfLess "h_min" "Two files; share of the commits to the one touched less that touch both; -1 for one file, -0.5 unknown.",
    CoChangeOfMore "h_max" "The same of the one touched more.",
    CoChangeLess "h_namin" "ln(1 + commits before that touch the file), the lesser.",
    CoChangeMore "h_namax" "ln(1 + commits before that touch the file), the greater.",
    CoChangeShares "h_w" "ln(1 + commits before that touch both, each over its files).",
    CoChangeFolders "h_dir" "Two folders; share of the commits to the one touched less that touch both.",
    CoChangeFoldersLess "h_dirn" "ln(1 + commits before that touch the folder), the lesser.",
    CoChangeKinds "h_kind" "Two kinds of file; share of the commits with the rarer that have both.",
    WholeUnits "g_units" "ln units.",
    WholeLines "g_lines" "ln lines.",
    WholeFiles "g_files" "ln files.",
    WholeFolders "g_dirs" "ln folders.",
    WholeNew "g_newfrac" "Share of lines in new files.",
    WholeReplaced "g_replfrac" "Share of lines in replacements.",
    WholeRule "g_rule" "Mean of RuleAdded across files.",
    WholeWords "g_words" "Mean of CosWords across files.",
    WholeLinks "g_link" "Share of pairs across files that share a new or gone name.",
    WholeLargest "g_maxfile" "Share of lines in the file that has most.",
    WholeStems "g_stems" "ln stems.",
    WholeItems "g_items" "ln items.",
    WholeHeaders "g_hdr" "Share of lines in headers.",
    WholeTests "g_tests" "Share of lines in tests.",
    WholeDocuments "g_docs" "Share of lines in documents.",
    WholeSections "g_homes" "ln MAINTAINERS sections.",
    WholeMoved "g_moved" "Share of lines that stand on the other side somewhere.",
    WholeKnots "g_knots" "ln knots.",
    WholeTies "g_ties" "Ties between knots, for each knot.",
    WholeDepth "g_depth" "Longest chain of knots.",
    WholeRewrites "g_rewrites" "Share of lines in pure rewrites.",
    WholeDefines "g_defs" "ln(1 + symbols defined).",
    WholeTemplates "g_templates" "Mean of Templates across files.",
    WholeUnit "g_maxunit" "Share of lines in the largest unit.",
    WholeBreadth "h_files" "Mean ln files of the commits before that touch these folders.",
    WholeBreadthAll "h_all" "Mean ln files of all commits before.",
    WholeTouched "h_touch" "ln(1 + commits before that touch these folders).",
    WholeTestCoChange "h_testcode" "Share of the commits with tests that have code.",
    WholeDocumentCoChange "h_doccode" "Share of the commits with documents that have code.",
    WholeHeaderCoChange "h_hdrcode" "Share of the commits with headers that have code.",
}

/// Number of features.
pub(super) const N_FEATURES: usize = Feature::WholeHeaderCoChange as usize + 1;

impl Feature {
    /// Whether it is the same for all pairs of a change.
    pub fn is_whole(self) -> bool {
        self >= Feature::WholeUnits
    }
}
