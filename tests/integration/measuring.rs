//! The files that are made to measure with: what is in them is what their maker says.

use std::fs;

use crate::corpus::{self, Made, Shape};
use crate::support::wsflow;

#[test]
fn the_files_to_measure_with_hold_what_their_maker_says() {
    let folder = tempfile::tempdir().unwrap();
    for (name, shape) in Shape::ALL {
        let mut capture = Vec::new();
        let made = corpus::write(shape, 1 << 20, 1, &mut capture).unwrap();
        let mut again = Vec::new();
        corpus::write(shape, 1 << 20, 1, &mut again).unwrap();
        assert!(capture == again, "{name} is another one the second time");

        let path = folder.path().join(name);
        fs::write(&path, &capture).unwrap();
        let count = |args: &[&str]| {
            let finished = wsflow(args.iter().copied().chain([path.to_str().unwrap()])).run();
            finished.text().trim().parse::<u64>().unwrap()
        };
        let read = Made {
            flows: count(&["flows", "--all", "-c"]),
            connections: count(&["flows", "-c"]),
            messages: count(&["ls", "-c"]),
            needles: count(&["filter", "~b needle", "-c"]),
            bytes: fs::metadata(&path).unwrap().len(),
        };
        assert_eq!(read, made, "{name}");
        assert!(made.bytes >= 1 << 20);
        let flagged = count(&["filter", "~dropped | ~injected", "-c"]);
        assert_eq!(flagged > 0, shape == Shape::Mixed, "{name}");
    }
}
