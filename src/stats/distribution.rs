//! How values are spread: smallest, largest, mean, percentiles.

use hdrhistogram::Histogram;

/// As many values are kept as they are. Most connections have no more messages than this, and a histogram of each
/// would cost more than they do.
const EXACT: usize = 256;

/// Significant decimal digits of percentiles of more values: an error of a thousandth.
const DIGITS: u8 = 3;

/// How values are spread. It takes as much memory for any number of values (some hundred KiB at most), and two halves
/// [merged](Self::merge) are the same as the whole.
///
/// A percentile is the smallest value that is not exceeded by so many of a hundred values (the nearest rank). Of up to
/// 256 values it is exact; of more it is at most a thousandth too large.
///
/// ```
/// let mut sizes = wsflow::stats::Distribution::default();
/// (1..=100).for_each(|size| sizes.record(size));
/// assert_eq!(sizes.percentiles([50, 90, 99]), Some([50, 90, 99]));
/// assert_eq!(sizes.max(), Some(100));
/// ```
#[derive(Clone, Debug)]
pub struct Distribution {
    values: Values,
    count: u64,
    sum: u128,
    min: u64,
    max: u64,
}

#[derive(Clone, Debug)]
enum Values {
    Few(Vec<u64>),
    Many(Box<Histogram<u64>>),
}

/// Values from one power of two up to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    /// The smallest value of the class.
    pub from: u64,
    /// The largest value of the class.
    pub to: u64,
    /// How many values are in it.
    pub count: u64,
}

impl Default for Distribution {
    fn default() -> Distribution {
        Distribution { values: Values::Few(Vec::new()), count: 0, sum: 0, min: u64::MAX, max: 0 }
    }
}

impl Distribution {
    /// Takes a value in.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.count += 1;
        self.sum += u128::from(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.values.push(value);
    }

    /// Takes all values of another distribution in.
    pub fn merge(&mut self, other: &Distribution) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        match &other.values {
            Values::Few(values) => self.values.push_all(values),
            Values::Many(histogram) => add(self.values.as_histogram(), histogram),
        }
    }

    /// Bytes of memory that the values take.
    pub(super) fn memory(&self) -> usize {
        size_of::<u64>()
            * match &self.values {
                Values::Few(values) => values.capacity(),
                Values::Many(histogram) => histogram.distinct_values(),
            }
    }

    /// How many values were taken in.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sum of the values.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// The smallest value, exactly.
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest value, exactly.
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The mean.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// Percentiles, asked for in rising order, from 0 to 100. `None` without values.
    pub fn percentiles<const N: usize>(&self, percents: [u64; N]) -> Option<[u64; N]> {
        let max = self.max()?;
        let rank = |percent: u64| (u128::from(self.count) * u128::from(percent)).div_ceil(100).max(1);
        let mut found = [max; N];
        let mut waiting = percents.iter().zip(&mut found).peekable();
        let mut seen = 0;
        self.values.each_in_order(|value, count| {
            seen += u128::from(count);
            while let Some((_, found)) = waiting.next_if(|(percent, _)| rank(**percent) <= seen) {
                *found = value.min(max);
            }
        });
        Some(found)
    }

    /// The values by powers of two, exactly: 0, 1, 2 to 3, 4 to 7 and so on. Classes without values are left out.
    pub fn classes(&self) -> Vec<Class> {
        let mut classes: Vec<Class> = Vec::new();
        self.values.each_in_order(|value, count| {
            let from = value.checked_ilog2().map_or(0, |exponent| 1 << exponent);
            match classes.last_mut().filter(|class| class.from == from) {
                Some(class) => class.count += count,
                None => classes.push(Class { from, to: from + from.saturating_sub(1), count }),
            }
        });
        classes
    }
}

impl Values {
    #[inline]
    fn push(&mut self, value: u64) {
        match self {
            Values::Few(values) if values.len() < EXACT => values.push(value),
            _ => put(self.as_histogram(), value),
        }
    }

    fn push_all(&mut self, more: &[u64]) {
        match self {
            Values::Few(values) if values.len() + more.len() <= EXACT => values.extend_from_slice(more),
            _ => {
                let histogram = self.as_histogram();
                more.iter().for_each(|value| put(histogram, *value));
            }
        }
    }

    fn as_histogram(&mut self) -> &mut Histogram<u64> {
        if let Values::Few(values) = self {
            let mut histogram = new_histogram();
            values.iter().for_each(|value| put(&mut histogram, *value));
            *self = Values::Many(histogram);
        }
        match self {
            Values::Many(histogram) => histogram,
            Values::Few(_) => unreachable!("they were just made a histogram"),
        }
    }

    /// Calls `see` for each value and how often it comes; of a histogram, for the upper end of each of its steps. No
    /// step lies across a power of two.
    fn each_in_order(&self, mut see: impl FnMut(u64, u64)) {
        match self {
            Values::Few(values) => {
                let mut values = values.clone();
                values.sort_unstable();
                values.iter().for_each(|value| see(*value, 1));
            }
            Values::Many(histogram) => histogram
                .iter_recorded()
                .for_each(|step| see(step.value_iterated_to(), step.count_since_last_iteration())),
        }
    }
}

fn new_histogram() -> Box<Histogram<u64>> {
    Box::new(Histogram::new(DIGITS).expect("up to five digits are allowed"))
}

/// The largest value that a histogram tells from others; larger than any size or time span that a file can hold.
const LARGEST: u64 = u64::MAX >> 2;

/// A histogram grows as it needs to, so nothing can be out of range.
fn put(histogram: &mut Histogram<u64>, value: u64) {
    let recorded = histogram.record(value.min(LARGEST));
    debug_assert!(recorded.is_ok());
}

fn add(histogram: &mut Histogram<u64>, other: &Histogram<u64>) {
    let added = histogram.add(other);
    debug_assert!(added.is_ok());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[u64]) -> Distribution {
        let mut distribution = Distribution::default();
        values.iter().for_each(|value| distribution.record(*value));
        distribution
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_the_sorted_values(
            values in prop_oneof![
                proptest::collection::vec(0..5000_u64, 1..600),
                proptest::collection::vec(any::<u64>().prop_map(|value| value >> 2), 1..600),
            ],
        ) {
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let distribution = of(&values);
            for (percent, found) in [50, 90, 99].into_iter().zip(distribution.percentiles([50, 90, 99]).unwrap()) {
                let exact = sorted[(values.len() * percent).div_ceil(100) - 1];
                if values.len() <= EXACT {
                    prop_assert_eq!(found, exact);
                }
                prop_assert!(found >= exact && found - exact <= exact / 1000, "p{}: {} for {}", percent, found, exact);
            }
            prop_assert_eq!(distribution.max(), sorted.last().copied());
            prop_assert_eq!(distribution.min(), sorted.first().copied());
            for class in distribution.classes() {
                let within = sorted.iter().filter(|value| (class.from..=class.to).contains(value)).count();
                prop_assert_eq!(class.count, within as u64);
            }
            prop_assert_eq!(distribution.classes().iter().map(|class| class.count).sum::<u64>(), values.len() as u64);
        }

        #[test]
        fn halves_merged_are_the_whole(
            values in proptest::collection::vec(any::<u64>().prop_map(|value| value >> 20), 0..900),
            at in any::<prop::sample::Index>(),
        ) {
            let (left, right) = values.split_at(at.index(values.len() + 1));
            let mut merged = of(left);
            merged.merge(&of(right));
            let whole = of(&values);
            prop_assert_eq!(merged.percentiles([50, 90, 99]), whole.percentiles([50, 90, 99]));
            prop_assert_eq!(merged.classes(), whole.classes());
            prop_assert_eq!((merged.count(), merged.sum()), (whole.count(), whole.sum()));
            prop_assert_eq!((merged.min(), merged.max()), (whole.min(), whole.max()));
        }
    }

    #[test]
    fn nothing_has_no_percentiles() {
        assert_eq!(Distribution::default().percentiles([50]), None);
        assert_eq!(Distribution::default().max(), None);
        assert_eq!(Distribution::default().classes(), []);
    }

    #[test]
    fn the_largest_numbers_are_values() {
        let distribution = of(&[u64::MAX; 300]);
        assert_eq!((distribution.max(), distribution.count()), (Some(u64::MAX), 300));
        assert!(distribution.percentiles([50]).unwrap()[0] >= LARGEST);
    }
}
