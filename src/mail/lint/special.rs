//! Trees of Linux with habits of their own: net, tip, KVM on x86. Each is known by the paths of a patch.

use bstr::{BStr, BString, ByteSlice};

use super::diff::{DiffLine, FileDiff, Side};
use super::letter::Letter;
use super::{Fix, Hit, Look, Severity};
use crate::model::path_kind::PathKind;
use crate::model::trailer::Trailer;

/// What goes to netdev and nowhere else.
const NETDEV: &[&str] = &[
    "net/",
    "drivers/net/",
    "include/net/",
    "Documentation/networking/",
    "tools/testing/selftests/net/",
    "Documentation/netlink/",
];
/// What has trees of its own among it. Source: maintainer-netdev.rst, "some subsystems … have their own specific mailing lists and trees".
const NOT_NETDEV: &str = "\
    net/wireless/ net/mac80211/ net/bluetooth/ net/can/ net/netfilter/ net/ipv4/netfilter/ net/ipv6/netfilter/ \
    net/bridge/netfilter/ net/sunrpc/ net/ceph/ net/9p/ net/bpf/ net/core/filter.c net/batman-adv/ net/ieee802154/ \
    net/xfrm/ net/rds/ net/nfc/ net/rfkill/ net/mac802154/ net/vmw_vsock/ net/unix/unix_bpf.c net/xdp/ \
    drivers/net/wireless/ drivers/net/can/ drivers/net/ieee802154/ drivers/net/wireguard/ drivers/net/xen- \
    drivers/net/virtio drivers/net/vmxnet3/ drivers/net/hyperv/ tools/testing/selftests/net/netfilter/ \
    include/net/bluetooth/ include/net/cfg80211.h include/net/mac80211.h include/net/netfilter/ net/smc/smc_inet";

fn is_netdev(letter: &Letter) -> bool {
    letter.is_below(NETDEV)
        && !letter.files.iter().any(|file| NOT_NETDEV.split(' ').any(|path| file.path.starts_with(path.as_bytes())))
}

/// `net` or `net-next` stands in the brackets of what goes to netdev.
pub(super) fn netdev_tree(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let goes_there = letter.recipients().any(|address| address.to_ascii_lowercase().contains_str("netdev@vger.kernel.org"));
    let is_tree = |word: &str| {
        word.starts_with("net") || word.starts_with("bpf") || word.ends_with("-next") || word.eq_ignore_ascii_case("RFC")
    };
    // `PATCH-net` and the like say it too.
    let says = letter.brackets.iter().any(|word| word.split('-').any(|part| part == "net") || is_tree(word));
    if !goes_there || says || !is_netdev(letter) {
        return Vec::new();
    }
    vec![Hit::subject(letter, "the brackets do not say which tree is meant, net or net-next")]
}

/// Declarations of a new function stand longest first: said only where the whole block is new and nothing in it depends on anything.
pub(super) fn netdev_variables(look: &Look<'_>) -> Vec<Hit> {
    if !is_netdev(look.letter) {
        return Vec::new();
    }
    let sources = look.letter.files.iter().filter(|file| file.kind() == PathKind::C);
    sources
        .flat_map(|file| {
            unordered(file).into_iter().map(|line| Hit::file_line(file, line, "the declaration is longer than the one above it"))
        })
        .collect()
}

/// Returns the first line of each new block of declarations that is longer than the one before.
fn unordered(file: &FileDiff) -> Vec<&DiffLine> {
    let mut found = Vec::new();
    let mut lines = file.lines.iter().peekable();
    while let Some(line) = lines.next() {
        if line.text != "{" || line.side != Side::Added {
            continue;
        }
        let mut block = Vec::new();
        while let Some(line) = lines.next_if(|line| line.side == Side::Added && is_declaration(line.text.as_bstr())) {
            block.push(line);
        }
        let ends = lines.peek().is_some_and(|line| line.side == Side::Added && line.text.is_empty());
        if ends && let Some(pair) = block.windows(2).find(|pair| pair[1].text.len() > pair[0].text.len()) {
            found.push(pair[1]);
        }
    }
    found
}

/// `\tstruct sk_buff *skb;`: a type and names, nothing else.
fn is_declaration(line: &BStr) -> bool {
    let Some(text) = line.strip_prefix(b"\t").and_then(|text| text.strip_suffix(b";")) else { return false };
    let words: Vec<&[u8]> = text.fields().collect();
    let is_plain =
        text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_ *,".contains(byte)) && text[0].is_ascii_alphabetic();
    words.len() >= 2
        && is_plain
        && !["return", "goto", "case", "else", "static", "extern"].iter().any(|word| words[0] == word.as_bytes())
}

/// What goes through tip. Source: maintainer-tip.rst, "What is the tip tree?".
const TIP: &[&str] = &[
    "kernel/sched/",
    "kernel/locking/",
    "kernel/irq/",
    "kernel/time/",
    "kernel/events/",
    "arch/x86/",
    "tools/objtool/",
    "kernel/cpu.c",
    "kernel/futex/",
];

/// Whether a mail is for tip: its whole series is, and all of it is here.
fn is_tip(look: &Look<'_>) -> bool {
    let patches = || look.posting.letters.iter().filter(|letter| !letter.is_cover);
    let total = look.letter.number().map_or(1, |(_, total)| total);
    patches().count() >= total && patches().all(is_part_of_tip)
}

fn is_part_of_tip(letter: &Letter) -> bool {
    letter.is_below(TIP)
        && !letter.files.iter().any(|file| {
            file.path.starts_with(b"arch/x86/kvm/") || file.path.starts_with(b"arch/x86/xen/") || file.path.contains_str("bpf")
        })
}

/// The phrase begins with a capital.
pub(super) fn tip_case(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let first = letter.phrase().fields().next().unwrap_or_default();
    // A name, a function or an option is written as it is.
    let is_word = first.len() > 1 && first.iter().all(u8::is_ascii_lowercase);
    if !is_tip(look) || letter.prefix().is_empty() || !is_word || letter.is_by_git() {
        return Vec::new();
    }
    vec![Hit::subject(letter, "the phrase does not begin with a capital")]
}

/// The order of tags in tip. Sign-offs and co-developers are one step: theirs is the order in which things happened.
const TIP_ORDER: &[&[&str]] = &[
    &["Fixes"],
    &["Reported-by", "Closes"],
    &["Originally-by"],
    &["Suggested-by"],
    &["Co-developed-by", "Signed-off-by"],
    &["Tested-by"],
    &["Reviewed-by"],
    &["Acked-by"],
    &["Cc"],
    &["Link"],
];

/// The place of a tag, after one of this place: a link below a report is the report's.
fn rank(line: &BStr, before: Option<usize>) -> Option<usize> {
    let tag = Trailer::known(line)?;
    let is_report = |place: &usize| TIP_ORDER[*place].contains(&"Reported-by");
    match before.filter(is_report) {
        Some(report) if tag.is("Link") => Some(report),
        _ => TIP_ORDER.iter().position(|step| step.iter().any(|key| tag.is(key))),
    }
}

/// Returns trailers in tip's order, those of one step as they were; all as they were where one has no place in it.
pub(super) fn in_tip_order(trailers: &[BString]) -> Vec<BString> {
    let mut ranked: Vec<(usize, BString)> = Vec::new();
    for trailer in trailers {
        match rank(trailer.as_bstr(), ranked.last().map(|(rank, _)| *rank)) {
            Some(rank) => ranked.push((rank, trailer.clone())),
            None => return trailers.to_vec(),
        }
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, trailer)| trailer).collect()
}

pub(super) fn tip_order(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    if !is_tip(look) {
        return Vec::new();
    }
    let mut ranks: Vec<(usize, usize)> = Vec::new();
    for tag in letter.tags() {
        let before = ranks.last().map(|(_, rank)| *rank);
        ranks.extend(rank(letter.message[tag.at].as_bstr(), before).map(|rank| (tag.at, rank)));
    }
    // Who hands a patch on signs below what came before.
    let is_sign = |rank: &(usize, usize)| TIP_ORDER[rank.1].contains(&"Signed-off-by");
    let (first, last) = (ranks.iter().position(is_sign).unwrap_or(0), ranks.iter().rposition(is_sign).unwrap_or(0));
    let is_handed_on = ranks.iter().take(last).skip(first).any(|rank| !is_sign(rank));
    let wrong = ranks.windows(2).find(|pair| pair[1].1 < pair[0].1).filter(|_| !is_handed_on);
    wrong
        .into_iter()
        .map(|pair| Hit::line(letter, pair[1].0, "tip puts this tag before the one above it").with(Fix::TipOrder))
        .collect()
}

/// `Reported-and-tested-by`.
pub(super) fn tip_combined(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let combined = letter.tags().into_iter().filter(|tag| is_tip(look) && tag.key.to_ascii_lowercase().contains_str("-and-"));
    combined.map(|tag| Hit::line(letter, tag.at, "combined tags are hard to find: write two")).collect()
}

/// `KVM: <topic>: Phrase`, 80 columns at most.
pub(super) fn kvm_x86(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    if !letter.is_below(&["arch/x86/kvm/"]) || letter.is_by_git() {
        return Vec::new();
    }
    let first = letter.phrase().fields().next().unwrap_or_default();
    let is_word = first.len() > 1 && first.iter().all(u8::is_ascii_lowercase);
    let message = if !letter.subject.starts_with(b"KVM: ") {
        "the subject does not begin with 'KVM: <topic>: '"
    } else if is_word && letter.prefix().len() > "KVM: ".len() {
        "the phrase does not begin with a capital"
    } else {
        return Vec::new();
    };
    let severity = if is_word { Severity::Note } else { Severity::Warning };
    vec![Hit::subject(letter, message).at(severity)]
}
