//! Names that the C grammar does not know, in one place: attributes, and macros that declare something.
//!
//! Sources: `include/linux/compiler*.h`, `init.h`, `percpu-defs.h` of Linux, `xen/compiler.h` of Xen, `rte_common.h` of DPDK,
//! EDK2's `Base.h`. A name that is missing here costs little: the blanking also finds attributes by where they stand.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::lex::is_word_start;

/// Words without arguments that the compiler sees as an attribute or not at all.
static ATTRIBUTES: LazyLock<HashSet<&[u8]>> = LazyLock::new(|| {
    words(
        "EFIAPI EFI_API FASTCALL IN OPTIONAL OUT UNUSED MAYBE_UNUSED NORETURN PRINTF_ATTRIBUTE STATIC_IF_KUNIT VISIBLE_IF_KUNIT \
         asmlinkage cf_check noinline noinline_for_stack noinline_for_tracing noinstr nokprobe_inline notrace \
         randomized_struct_fields_end randomized_struct_fields_start __always_inline __always_unused __bitwise __bpf_kfunc __cold \
         __cpuinit __devexit __devinit __efi_runtime __efi_runtime_data __exit __force __hot __init __init_or_module __initconst \
         __initdata __initdata_or_module __iomem __kernel __latent_entropy __lockfunc __maybe_unused __meminit __must_check \
         __net_init __net_exit __net_initdata __noreturn __nocapture __noclone __no_sanitize_address __no_kasan_or_inline __nosave \
         __packed __percpu __private __pure __rcu __read_mostly __ref __refdata __ro_after_init __rte_always_inline \
         __rte_cache_aligned __rte_cache_min_aligned __rte_cold __rte_deprecated __rte_experimental __rte_hot __rte_internal \
         __rte_noinline __rte_noreturn __rte_packed __rte_packed_begin __rte_packed_end __rte_unused __rte_weak __sched \
         __cacheline_aligned __cacheline_aligned_in_smp ____cacheline_aligned ____cacheline_aligned_in_smp \
         ____cacheline_internodealigned_in_smp __sensitive __user __used __visible __weak _hidden",
    )
});

/// Words with arguments that are an attribute; the arguments go with them.
static ATTRIBUTE_CALLS: LazyLock<HashSet<&[u8]>> = LazyLock::new(|| {
    words(
        "__acquires __RENAME __alias __aligned __alloc_size __assume_aligned __attribute __attribute__ __cleanup \
         __compiletime_error __compiletime_warning __cond_acquires __cond_releases __counted_by __counted_by_be __counted_by_le \
         __counted_by_ptr __diagnose_as __free __guarded_by __malloc __must_hold __printf __realloc_size __releases __rte_aligned \
         __rte_alloc_size __rte_format_printf __scanf __section __sized_by __declspec _Alignas alignas __no_sanitize \
         __rte_deprecated_msg __rte_malloc __rte_dealloc __rte_requires_capability __rte_capability __rte_acquire_capability \
         __rte_release_capability",
    )
});

/// Splits a list of words at its blanks.
fn words(list: &'static str) -> HashSet<&'static [u8]> {
    list.split_ascii_whitespace().map(str::as_bytes).collect()
}

/// Whether the word is an attribute that takes no arguments.
pub(crate) fn is_attribute(word: &[u8]) -> bool {
    // All but a few begin with `_`: most words of a text are answered here.
    word.first().is_some_and(|byte| matches!(byte, b'_' | b'A'..=b'Z' | b'a' | b'c' | b'n' | b'r')) && ATTRIBUTES.contains(word)
}

/// Whether the word is an attribute together with the parentheses that follow it.
pub(crate) fn is_attribute_call(word: &[u8]) -> bool {
    word.first().is_some_and(|byte| matches!(byte, b'_' | b'a')) && ATTRIBUTE_CALLS.contains(word)
}

/// More words than this before a declared name are no declaration that people write.
const WORDS_AT_MOST: usize = 16;

/// Whether the word at `at`, an attribute by its spelling, stands where only a name can: `p->__ref`, `int __user;`, `enum { IN, OUT }`,
/// `return OUT;`. `token` returns the tokens around, empty past both ends.
pub(crate) fn stands_as_name<'t>(at: usize, token: impl Fn(usize) -> &'t [u8]) -> bool {
    let is_word = |word: &[u8]| word.first().is_some_and(|&byte| is_word_start(byte));
    let back = |steps: usize| at.checked_sub(steps).map_or(&b""[..], &token);
    let (before, after) = (back(1), token(at + 1));
    match (before, after) {
        (b"->" | b".", _) | (_, b"->" | b".") => return true,
        (b"}", b";" | b",") | (b")" | b"]", _) | (_, b"" | b"(" | b"{" | b"}") if after != b"}" => return false,
        (b"=" | b"+" | b"-" | b"/" | b"%" | b"<" | b">" | b"|" | b"&" | b"?" | b"return", b"*") => return true,
        (_, b"*") => return false,
        // `int *__ref;` declares, `a * IN` calculates.
        (b"*", _) => return !is_word(after),
        _ => {}
    }
    let first = before.first();
    if is_word(after) || first.is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'"' | b'\'')) {
        return false;
    }
    // What stands before it in the declaration: a type, or a name already?
    let (mut is_typed, mut n_names, mut steps) = (false, 0, 1);
    while is_word(back(steps)) && steps < WORDS_AT_MOST {
        match keyword(back(steps)) {
            Some(Keyword::Statement) => return true,
            Some(Keyword::Modifier) => {}
            Some(Keyword::Primitive) => is_typed = true,
            Some(Keyword::Tag) => (is_typed, n_names) = (true, n_names - i32::from(steps > 1)),
            None => n_names += i32::from(!is_attribute(back(steps))),
        }
        steps += 1;
    }
    let goes_on = back(steps) == b"," && after != b")";
    if is_typed { n_names == 0 } else { n_names == 0 || (n_names == 1 && !goes_on) }
}

/// What a word of the language is to a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    /// `static`, `const`, `inline` …: says nothing of the type.
    Modifier,
    /// `int`, `unsigned`, `void` …: a type by itself.
    Primitive,
    /// `struct`, `union`, `enum`: the next word is a tag.
    Tag,
    /// `return`, `if`, `sizeof` …: no declaration goes across it.
    Statement,
}

/// Returns what the word is to a declaration, or `None` for a name.
pub(crate) fn keyword(word: &[u8]) -> Option<Keyword> {
    Some(match word {
        b"static" | b"extern" | b"inline" | b"__inline" | b"__inline__" | b"const" | b"__const" | b"volatile"
        | b"__volatile__" | b"register" | b"auto" | b"restrict" | b"__restrict" | b"__restrict__" | b"typedef" | b"_Noreturn"
        | b"__thread" | b"_Thread_local" | b"__extension__" | b"_Atomic" => Keyword::Modifier,
        b"void" | b"char" | b"short" | b"int" | b"long" | b"float" | b"double" | b"signed" | b"unsigned" | b"_Bool" | b"bool"
        | b"size_t" | b"ssize_t" | b"__int128" | b"__signed__" => Keyword::Primitive,
        b"struct" | b"union" | b"enum" => Keyword::Tag,
        b"return" | b"if" | b"else" | b"for" | b"while" | b"do" | b"switch" | b"case" | b"default" | b"goto" | b"break"
        | b"continue" | b"sizeof" | b"typeof" | b"__typeof__" | b"__typeof" | b"typeof_unqual" | b"asm" | b"__asm__"
        | b"__asm" | b"_Alignof" | b"__alignof__" | b"_Static_assert" | b"static_assert" | b"_Generic" | b"__auto_type"
        | b"offsetof" => Keyword::Statement,
        _ => return None,
    })
}

/// What a macro call in the place of a declaration stands for. Arguments are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Template {
    /// Defines a variable or a member with the name in argument 0, of a type that the macro knows.
    Named,
    /// Defines one with the type in argument 0 and the name in argument 1.
    Typed,
    /// Declares a variable, type in argument 0 and name in argument 1.
    ExternTyped,
    /// Declares a variable with the name in argument 0, of a type that the macro knows.
    ExternNamed,
    /// Members of a record stand in the arguments from this one on.
    Members(usize),
    /// `SYSCALL_DEFINE3(name, type, arg, type, arg …)`, defines `name` with this before it.
    Syscall(&'static str),
}

/// How the names of macros begin that paste a name of their own from their arguments.
const PASTING: &str = "DEFINE_CLASS DEFINE_FREE DEFINE_GUARD DEFINE_LOCK_GUARD DEFINE_EVENT DECLARE_EVENT DEFINE_TRACE DECLARE_TRACE \
     DEFINE_IDTENTRY DECLARE_IDTENTRY DEFINE_SHOW_ DEFINE_SEQ_ DEFINE_PROC_SHOW_ DEFINE_STATIC_CALL DECLARE_STATIC_CALL \
     DEFINE_BPF_ DECLARE_HOOK DEFINE_RAW_EVENT DEFINE_GET DEFINE_INSN DECLARE_INSN";

/// Macros that define the name in their first argument and begin neither with `DEFINE_` nor with `DECLARE_`.
const NAMING: &str = "LIST_HEAD HLIST_HEAD BLOCKING_NOTIFIER_HEAD ATOMIC_NOTIFIER_HEAD RAW_NOTIFIER_HEAD SRCU_NOTIFIER_HEAD \
     RADIX_TREE IDR LLIST_HEAD PLIST_HEAD SIMPLE_DEV_PM_OPS UNIVERSAL_DEV_PM_OPS";

/// Returns what the macro stands for, or `None` when it is not known.
pub(super) fn template(word: &[u8]) -> Option<Template> {
    Some(match word {
        b"DECLARE_FLEX_ARRAY" | b"DEFINE_FLEX" | b"DEFINE_RAW_FLEX" => Template::Typed,
        b"struct_group" => Template::Members(1),
        b"struct_group_attr" | b"struct_group_tagged" => Template::Members(2),
        _ if word.starts_with(b"SYSCALL_DEFINE") => Template::Syscall("sys_"),
        _ if word.starts_with(b"COMPAT_SYSCALL_DEFINE") => Template::Syscall("compat_sys_"),
        _ if word.starts_with(b"DEFINE_PER_CPU") => Template::Typed,
        _ if word.starts_with(b"DECLARE_PER_CPU") => Template::ExternTyped,
        _ if word.starts_with(b"DECLARE_STATIC_KEY") => Template::ExternNamed,
        _ if PASTING.split_ascii_whitespace().any(|start| word.starts_with(start.as_bytes())) => return None,
        _ if word.starts_with(b"DEFINE_") || word.starts_with(b"DECLARE_") => Template::Named,
        _ if NAMING.split_ascii_whitespace().any(|name| word == name.as_bytes()) => Template::Named,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_hold_what_the_quick_test_lets_through() {
        assert!(ATTRIBUTES.iter().all(|word| is_attribute(word)));
        assert!(ATTRIBUTE_CALLS.iter().all(|word| is_attribute_call(word)));
    }

    #[test]
    fn a_word_is_a_name_where_names_stand() {
        let check = |text: &str, word: &str, expected: bool| {
            let tokens = crate::lex::tokens(text.as_bytes());
            let token = |idx: usize| tokens.get(idx).map_or(&b""[..], |token| token.of(text.as_bytes()));
            let at = (0..tokens.len()).find(|&idx| token(idx) == word.as_bytes()).expect("the word");
            assert_eq!(stands_as_name(at, token), expected, "{text}");
        };
        for (text, word) in [
            ("return b->__ref;", "__ref"),
            ("struct s { int __ref; };", "__ref"),
            ("struct s { struct t *__user, *b; };", "__user"),
            ("u32 __private[4];", "__private"),
            ("struct t __used = { 0 };", "__used"),
            ("enum { IN, OUT };", "IN"),
            ("enum { IN, OUT };", "OUT"),
            ("enum { IN, OUT = 3 };", "OUT"),
            ("if (d == IN) return OUT;", "IN"),
            ("if (d == IN) return OUT;", "OUT"),
            ("case IN: break;", "IN"),
            ("x = OUT * 2;", "OUT"),
            ("f(a, IN);", "IN"),
            ("f(IN, a);", "IN"),
            ("extern int OUT;", "OUT"),
            ("{ OUT = 3; }", "OUT"),
            ("a = { .__ref = 1 };", "__ref"),
        ] {
            check(text, word, true);
        }
        for (text, word) in [
            ("static void __init f(void);", "__init"),
            ("int x __used;", "__used"),
            ("foo_t x __used = 1;", "__used"),
            ("int a, b __used, c;", "__used"),
            ("struct s x __initdata = { 0 };", "__initdata"),
            ("void __user *p;", "__user"),
            ("f((void __user *)p);", "__user"),
            ("char * __percpu *p;", "__percpu"),
            ("f(IN int a, OUT char *b);", "IN"),
            ("f(IN int a, OUT char *b);", "OUT"),
            ("int f(void) __must_check;", "__must_check"),
            ("struct s { int a; } __packed;", "__packed"),
            ("struct s { u32 a:4 __packed; };", "__packed"),
            ("int a[4] __read_mostly;", "__read_mostly"),
            ("void __init (*f)(void);", "__init"),
            ("int f(void) __init { }", "__init"),
        ] {
            check(text, word, false);
        }
    }

    #[test]
    fn macros_that_paste_names_define_none() {
        assert_eq!(template(b"DEFINE_SHOW_ATTRIBUTE"), None);
        assert_eq!(template(b"DEFINE_MUTEX"), Some(Template::Named));
        assert_eq!(template(b"DEFINE_PER_CPU_ALIGNED"), Some(Template::Typed));
    }
}
