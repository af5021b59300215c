//! Numbers as people read them.

/// A time span in the unit that fits it: `1.50 ms`, `12.3 s`, `5 min 3 s`, `2 d 4 h`.
pub(crate) fn span(micros: u64) -> String {
    let seconds = micros as f64 / 1e6;
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{} ms", three_digits(seconds * 1e3)),
        1_000_000..60_000_000 => format!("{} s", three_digits(seconds)),
        _ => {
            let whole = micros / 1_000_000;
            let (minutes, hours, days) = (whole / 60, whole / 3600, whole / 86_400);
            match (days, hours) {
                (0, 0) => format!("{minutes} min {} s", whole % 60),
                (0, _) => format!("{hours} h {} min", minutes % 60),
                _ => format!("{days} d {} h", hours % 24),
            }
        }
    }
}

/// The width of an interval, which is a round number of some unit.
pub(crate) fn width(micros: i64) -> String {
    let units = [(86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "min"), (1_000_000, "s")];
    let (unit, name) = units.into_iter().find(|(unit, _)| micros % unit == 0).unwrap_or((1_000, "ms"));
    format!("{} {name}", micros / unit)
}

/// A number with three digits, or as many as stand before the point.
pub(crate) fn three_digits(number: f64) -> String {
    match number {
        0.0 => "0".to_owned(),
        ..0.005 => format!("{number:.1e}"),
        ..9.995 => format!("{number:.2}"),
        ..99.95 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

/// A size that is a power of two: `512`, `64k`, `1M`, as the filter language writes sizes.
pub(crate) fn size(bytes: u64) -> String {
    let units = [(1 << 30, "G"), (1 << 20, "M"), (1 << 10, "k")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{}{name}", bytes / unit),
        None => bytes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_in_the_unit_that_fits() {
        let cases = [
            (0, "0 µs"),
            (999, "999 µs"),
            (1_500, "1.50 ms"),
            (999_999, "1000 ms"),
            (1_000_000, "1.00 s"),
            (12_345_678, "12.3 s"),
            (303_000_000, "5 min 3 s"),
            (3_600_000_000, "1 h 0 min"),
            (187_200_000_000, "2 d 4 h"),
        ];
        for (micros, text) in cases {
            assert_eq!(span(micros), text);
        }
        assert_eq!(three_digits(2.5e-4), "2.5e-4");
        assert_eq!(width(500_000), "500 ms");
        assert_eq!(width(900_000_000), "15 min");
        assert_eq!(size(1 << 16), "64k");
        assert_eq!(size(512), "512");
    }
}
