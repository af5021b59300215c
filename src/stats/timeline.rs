//! Messages over time.
//!
//! Intervals begin at multiples of their width, counted from 1970, so that a width that is a multiple of another holds
//! whole intervals of it. Kept are the intervals in which there is a message: a time that is far off takes no more
//! room than any other, and does not make the others coarser.

use std::collections::BTreeMap;

const MILLISECOND: i64 = 1_000;
const SECOND: i64 = 1_000 * MILLISECOND;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The widths that a person would choose, in microseconds. The last holds all that is a time in five intervals.
#[rustfmt::skip]
const WIDTHS: &[i64] = &[
    MILLISECOND, 2 * MILLISECOND, 5 * MILLISECOND, 10 * MILLISECOND, 20 * MILLISECOND, 50 * MILLISECOND,
    100 * MILLISECOND, 200 * MILLISECOND, 500 * MILLISECOND,
    SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
    MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 5 * DAY, 10 * DAY, 20 * DAY, 50 * DAY, 100 * DAY, 200 * DAY, 500 * DAY,
    1_000 * DAY, 10_000 * DAY, 100_000 * DAY, 1_000_000 * DAY,
];

/// Intervals that are kept at most. More are never shown than a part of them.
const MOST: usize = 512;

/// How many messages there were over time, from the client and from the server. It takes as much memory for any
/// capture, and two halves [merged](Self::merge) are the same as the whole.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The width of what is kept: the smallest of a row of widths, each a multiple of the one before, that does not
    /// need more than [`MOST`] intervals. So it depends on the times, not on their order.
    width: i64,
    intervals: BTreeMap<i64, Counts>,
    /// The interval of the last message, which is that of the next one too, mostly.
    start: i64,
    end: i64,
    pending: Counts,
}

/// Messages from the server, and from the client.
type Counts = [u64; 2];

/// The messages of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// When it begins, in microseconds since the Unix epoch.
    pub start: i64,
    /// Messages from the client.
    pub client_messages: u64,
    /// Messages from the server.
    pub server_messages: u64,
}

impl Default for Timeline {
    fn default() -> Timeline {
        Timeline { width: WIDTHS[0], intervals: BTreeMap::new(), start: 0, end: 0, pending: [0; 2] }
    }
}

impl Timeline {
    /// A timeline of a part, to be [merged](Self::merge) with a whole whose intervals are [this wide](Self::width)
    /// already: finer ones would only be made to be widened.
    pub fn of_part(width: i64) -> Timeline {
        let mut timeline = Timeline::default();
        while timeline.width < width && timeline.widen() {}
        timeline
    }

    /// The width of the intervals that are kept, in microseconds.
    pub fn width(&self) -> i64 {
        self.width
    }

    /// Counts a message, at a time in microseconds since the Unix epoch.
    #[inline]
    pub fn add(&mut self, micros: i64, from_client: bool) {
        if !(self.start..self.end).contains(&micros) {
            self.settle();
            self.start = micros.div_euclid(self.width) * self.width;
            self.end = self.start + self.width;
        }
        self.pending[usize::from(from_client)] += 1;
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, mut other: Timeline) {
        self.settle();
        other.settle();
        while self.width < other.width && self.widen() {}
        while other.width < self.width && other.widen() {}
        for (number, counts) in other.intervals {
            plus(self.intervals.entry(number).or_default(), counts);
        }
        self.fit();
    }

    /// The intervals that have a message, in the smallest width that does not need more than `most` of them; and that
    /// width, in microseconds.
    pub fn intervals(mut self, most: usize) -> (i64, Vec<Interval>) {
        self.settle();
        let in_width = |width: i64| {
            let mut intervals = BTreeMap::<i64, Counts>::new();
            for (number, counts) in &self.intervals {
                plus(intervals.entry((number * self.width).div_euclid(width)).or_default(), *counts);
            }
            intervals
        };
        let mut found = (self.width, in_width(self.width));
        for width in WIDTHS.iter().filter(|width| *width % self.width == 0) {
            found = (*width, in_width(*width));
            if found.1.len() <= most {
                break;
            }
        }
        let (width, intervals) = found;
        let interval = |(number, [server_messages, client_messages]): (i64, Counts)| {
            let start = number * width;
            Interval { start, client_messages, server_messages }
        };
        (width, intervals.into_iter().map(interval).collect())
    }

    /// Puts what was counted last where it belongs.
    fn settle(&mut self) {
        if self.pending != [0; 2] {
            let counts = std::mem::take(&mut self.pending);
            plus(self.intervals.entry(self.start.div_euclid(self.width)).or_default(), counts);
        }
        // The next message finds an interval of its own: the width may be another now.
        (self.start, self.end) = (0, 0);
        self.fit();
    }

    fn fit(&mut self) {
        while self.intervals.len() > MOST && self.widen() {}
    }

    /// Goes over to the next width that holds whole intervals of this one, if there is one.
    fn widen(&mut self) -> bool {
        let next = WIDTHS.iter().find(|width| **width > self.width && *width % self.width == 0);
        let Some(next) = next else { return false };
        let times = next / self.width;
        for (number, counts) in std::mem::take(&mut self.intervals) {
            plus(self.intervals.entry(number.div_euclid(times)).or_default(), counts);
        }
        self.width = *next;
        true
    }
}

fn plus(counts: &mut Counts, more: Counts) {
    counts[0] += more[0];
    counts[1] += more[1];
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(times: &[(i64, bool)]) -> Timeline {
        let mut timeline = Timeline::default();
        times.iter().for_each(|(micros, from_client)| timeline.add(*micros, *from_client));
        timeline
    }

    fn times() -> impl Strategy<Value = Vec<(i64, bool)>> {
        let near = 1_700_000_000_000_000..1_700_000_010_000_000_i64;
        let anywhere = -62_135_596_800_000_000..253_402_207_200_000_000_i64;
        let time = prop_oneof![8 => near, 1 => anywhere];
        proptest::collection::vec((time, any::<bool>()), 0..1500)
    }

    proptest! {
        #[test]
        fn any_cut_and_any_order_give_the_same(times in times(), at in any::<prop::sample::Index>()) {
            let (left, right) = times.split_at(at.index(times.len() + 1));
            let mut merged = of(right);
            merged.merge(of(left));
            let whole = of(&times);
            let mut part = Timeline::of_part(merged.width());
            left.iter().for_each(|(micros, from_client)| part.add(*micros, *from_client));
            let mut following = of(right);
            following.merge(part);
            prop_assert_eq!(following.intervals(20), whole.clone().intervals(20));
            prop_assert_eq!(merged.clone().intervals(20), whole.clone().intervals(20));
            prop_assert_eq!(merged.intervals(MOST), whole.intervals(MOST));
        }

        #[test]
        fn each_interval_has_the_messages_of_its_time(times in times()) {
            let (width, intervals) = of(&times).intervals(20);
            prop_assert!(intervals.len() <= 20);
            let mut seen = 0;
            for interval in intervals {
                let within = times.iter().filter(|(micros, _)| micros.div_euclid(width) * width == interval.start);
                let of_client = within.clone().filter(|(_, from_client)| *from_client).count() as u64;
                let count = within.count() as u64;
                prop_assert_eq!((interval.client_messages, interval.server_messages), (of_client, count - of_client));
                seen += count;
            }
            prop_assert_eq!(seen, times.len() as u64);
        }
    }

    #[test]
    fn one_time_far_off_does_not_make_the_others_coarser() {
        let near: Vec<_> = (0..10).map(|second| (1_700_000_000_000_000 + second * SECOND, true)).collect();
        let far: Vec<_> = near.iter().copied().chain([(0, false)]).collect();
        assert_eq!(of(&far).intervals(20).0, of(&near).intervals(20).0);
        assert_eq!(of(&far).intervals(20).1.len(), 11);
    }

    #[test]
    fn widths_rise_and_a_row_of_multiples_leads_to_the_last() {
        assert!(WIDTHS.is_sorted_by(|a, b| a < b));
        let mut timeline = Timeline::default();
        while timeline.widen() {}
        assert_eq!(Some(&timeline.width), WIDTHS.last());
    }
}
