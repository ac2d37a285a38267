//! What a compiler or ninja noted about the files that objects read.
//!
//! * a rule for make, which compilers write with `-MD -MF`: `a.o: a.c \` …
//! * ninja's `.ninja_deps`, in which ninja gathers such rules before it removes them. Source: ninja's `src/deps_log.h`.

use std::collections::HashMap;

use bstr::{BString, ByteSlice};

/// Returns the files that the first rule names behind its `:`, in order.
///
/// Names are written for make: `\ ` is a blank, `$$` a dollar, `\#` a `#`.
pub fn rule(text: &[u8]) -> Vec<BString> {
    let mut out: Vec<BString> = Vec::new();
    let mut word = BString::default();
    let mut is_list = false;
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.peek() {
                Some(b'\n') => {
                    bytes.next();
                    out.extend(taken(&mut word, is_list));
                }
                Some(&next @ (b' ' | b'#' | b':')) => {
                    bytes.next();
                    word.push(next);
                }
                _ => word.push(byte),
            },
            b'$' if bytes.next_if_eq(&b'$').is_some() => word.push(b'$'),
            b' ' | b'\t' => out.extend(taken(&mut word, is_list)),
            b':' if !is_list && bytes.peek().is_none_or(|next| next.is_ascii_whitespace()) => {
                word.clear();
                is_list = true;
            }
            b'\n' if is_list => break,
            _ => word.push(byte),
        }
    }
    out.extend(taken(&mut word, is_list));
    out
}

/// Returns the first target of the first rule.
pub fn target(text: &[u8]) -> Option<BString> {
    let (targets, _) = text.split_once_str(":")?;
    targets.fields().next().filter(|target| *target != b"\\").map(BString::from)
}

/// Takes a finished word; what stands before the `:` is no file that was read.
fn taken(word: &mut BString, is_list: bool) -> Option<BString> {
    let word = std::mem::take(word);
    (is_list && !word.is_empty()).then_some(word)
}

/// Returns what each output read, as ninja's log has it: both as ninja names them, from its build folder. What is not understood, a log
/// of another version or one cut short, ends the reading.
pub fn ninja(log: &[u8]) -> HashMap<BString, Vec<BString>> {
    let mut out = HashMap::new();
    let Some(log) = log.strip_prefix(b"# ninjadeps\n") else { return out };
    let Some((version, mut log)) = number(log) else { return out };
    // Outputs have a time stamp of 4 bytes, since version 4 of 8.
    let n_stamp = match version {
        3 => 4,
        4 => 8,
        _ => return out,
    };
    let mut paths: Vec<BString> = Vec::new();
    while let Some((head, rest)) = number(log) {
        let Some((record, rest)) = usize::try_from(head & 0x7fff_ffff).ok().and_then(|len| rest.split_at_checked(len)) else {
            break;
        };
        log = rest;
        if head & 0x8000_0000 == 0 {
            // A path, filled with NUL to a multiple of four, and a checksum.
            let Some((path, _)) = record.split_at_checked(record.len().saturating_sub(4)) else { break };
            paths.push(path.trim_end_with(|c| c == '\0').into());
            continue;
        }
        let ids = |part: &[u8]| -> Option<Vec<BString>> {
            part.chunks_exact(4).map(|id| paths.get(usize::try_from(number(id)?.0).ok()?).cloned()).collect()
        };
        let Some((output, reads)) = record.split_at_checked(4) else { break };
        let (Some(output), Some(reads)) = (ids(output), reads.get(n_stamp..).and_then(ids)) else { break };
        out.extend(output.into_iter().map(|output| (output, reads.clone())));
    }
    out
}

/// Returns the little-endian number at the start, and what follows.
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_rule_lists_what_was_read() {
        let text = b"a.o b.o: a.c \\\n  inc/a\\ b.h \\\n c$$d.h /x/e\\#.h\n\na.h:\n";
        assert_eq!(bstr::join("|", rule(text)).as_bstr(), "a.c|inc/a b.h|c$d.h|/x/e#.h");
        assert!(rule(b"a.o:\n").is_empty());
        assert!(rule(b"").is_empty());
    }

    /// A log with two paths and one output, as ninja writes it.
    fn log(version: u32, stamp: &[u8]) -> Vec<u8> {
        let mut log = b"# ninjadeps\n".to_vec();
        let mut put = |bytes: &[u8]| log.extend_from_slice(bytes);
        put(&version.to_le_bytes());
        for (id, path) in [b"a.o\0", b"ab.h"].iter().enumerate() {
            put(&8_u32.to_le_bytes());
            put(*path);
            put(&(!u32::try_from(id).unwrap()).to_le_bytes());
        }
        put(&(0x8000_0008 + u32::try_from(stamp.len()).unwrap()).to_le_bytes());
        put(&0_u32.to_le_bytes());
        put(stamp);
        put(&1_u32.to_le_bytes());
        log
    }

    #[test]
    fn ninja_noted_what_an_output_read() {
        let expected = HashMap::from([(BString::from("a.o"), vec![BString::from("ab.h")])]);
        assert_eq!(ninja(&log(4, &[0; 8])), expected);
        assert_eq!(ninja(&log(3, &[0; 4])), expected);
        assert_eq!(ninja(&log(9, &[0; 8])), HashMap::new());
    }

    proptest! {
        #[test]
        fn no_bytes_break_them(text in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..48, byte: u8) {
            let _ = (rule(&text), ninja(&text), ninja(&[b"# ninjadeps\n\x04\0\0\0", text.as_slice()].concat()));
            let mut log = log(4, &[0; 8]);
            log.truncate(cut);
            let _ = ninja(&log);
            log.push(byte);
            let _ = ninja(&log);
        }
    }
}
