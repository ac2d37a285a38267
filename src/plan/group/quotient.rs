//! The order among groups while they are joined: which two may be joined without closing a circle.
//!
//! For each group the set of all that must come after and before it, through others too. Two groups can be one unless a third
//! is after one and before the other. Testing costs a word of 64 groups at a time; joining, one such pass for each group
//! that is before or after the two.

use fixedbitset::FixedBitSet;

#[derive(Debug, Clone)]
pub(super) struct Quotient {
    after: Vec<FixedBitSet>,
    before: Vec<FixedBitSet>,
}

impl Quotient {
    pub(super) fn of(n: usize, edges: impl Iterator<Item = (usize, usize)>) -> Self {
        let mut direct = vec![Vec::new(); n];
        let mut n_before = vec![0usize; n];
        for (a, b) in edges.filter(|(a, b)| a != b) {
            direct[a].push(b);
            n_before[b] += 1;
        }
        // from the last group to the first, so that what comes after the later ones is known
        let mut order: Vec<usize> = (0..n).filter(|&group| n_before[group] == 0).collect();
        let mut at = 0;
        while let Some(&group) = order.get(at) {
            at += 1;
            for &next in &direct[group] {
                n_before[next] -= 1;
                if n_before[next] == 0 {
                    order.push(next);
                }
            }
        }
        // members of a circle come last and are incomplete: nothing to keep free of circles there
        order.extend((0..n).filter(|&group| n_before[group] > 0));
        let mut after = vec![FixedBitSet::with_capacity(n); n];
        for &group in order.iter().rev() {
            let mut set = FixedBitSet::with_capacity(n);
            for &next in &direct[group] {
                set.insert(next);
                set.union_with(&after[next]);
            }
            after[group] = set;
        }
        let mut before = vec![FixedBitSet::with_capacity(n); n];
        for (group, set) in after.iter().enumerate() {
            set.ones().for_each(|later| before[later].insert(group));
        }
        Quotient { after, before }
    }

    /// Whether no third group must stand between the two.
    pub(super) fn may_join(&self, x: usize, y: usize) -> bool {
        self.after[x].is_disjoint(&self.before[y]) && self.after[y].is_disjoint(&self.before[x])
    }

    /// Joins two groups; `x` names both from then on.
    pub(super) fn join(&mut self, x: usize, y: usize) {
        let absorb = |sets: &mut Vec<FixedBitSet>| {
            let mut set = std::mem::take(&mut sets[y]);
            set.union_with(&sets[x]);
            set.set(x, false);
            set.set(y, false);
            sets[x] = set;
        };
        absorb(&mut self.after);
        absorb(&mut self.before);
        let spread = |of: &FixedBitSet, add: &FixedBitSet, sets: &mut Vec<FixedBitSet>| {
            for group in of.ones() {
                sets[group].union_with(add);
                sets[group].insert(x);
                sets[group].set(y, false);
            }
        };
        let (before, after) = (self.before[x].clone(), self.after[x].clone());
        spread(&before, &after, &mut self.after);
        spread(&after, &before, &mut self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `edges` as "a<b"; `joins` as "a+b"; answers each join, and carries it out where it may be.
    fn check(n: usize, edges: &str, joins: &str, expected: &str) {
        let pair = |text: &str, sep: char| {
            let (a, b) = text.split_once(sep).expect("two names");
            (a.parse::<usize>().expect("a number"), b.parse::<usize>().expect("a number"))
        };
        let mut quotient = Quotient::of(n, edges.split_whitespace().map(|edge| pair(edge, '<')));
        let mut drawn = Vec::new();
        for join in joins.split_whitespace() {
            let (x, y) = pair(join, '+');
            let may = quotient.may_join(x, y);
            if may {
                quotient.join(x, y);
            }
            drawn.push(format!("{join} {}", if may { "yes" } else { "no" }));
        }
        assert_eq!(drawn.join(", "), expected);
    }

    #[test]
    fn a_third_between_keeps_two_apart() {
        check(3, "0<1 1<2", "0+2", "0+2 no");
        check(3, "0<1 1<2 0<2", "0+2", "0+2 no");
        check(3, "0<1 1<2", "0+1 0+2", "0+1 yes, 0+2 yes");
        check(3, "0<2 1<2", "0+1 0+2", "0+1 yes, 0+2 yes");
    }

    #[test]
    fn a_join_can_put_a_group_between() {
        // 0 before 1, 2 before 3: once 1 and 2 are one, it stands between 0 and 3
        check(4, "0<1 2<3", "1+2 0+3", "1+2 yes, 0+3 no");
        check(4, "0<1 2<3", "0+3 1+2", "0+3 yes, 1+2 no");
        check(4, "0<1 2<3", "1+2 0+1 0+3", "1+2 yes, 0+1 yes, 0+3 yes");
    }

    #[test]
    fn a_circle_in_the_input_does_no_harm() {
        check(3, "0<1 1<0 1<2", "0+2", "0+2 no");
    }
}
