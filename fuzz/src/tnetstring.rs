//! A value decoded by hand and through serde is the same value, or has the same fault; and is written so that it is read
//! again.

use wsflow::state::State;
use wsflow::tnetstring::{RawValue, from_slice, to_vec};

pub fn run(data: &[u8]) {
    let by_hand = RawValue::from_slice(data).and_then(State::from_raw);
    let by_serde = from_slice::<State<'_>>(data);
    // As text, for a NaN equals nothing.
    assert_eq!(format!("{by_hand:?}"), format!("{by_serde:?}"));
    let Ok(state) = by_hand else { return };
    let written = to_vec(&state).unwrap();
    let again: State<'_> = from_slice(&written).unwrap();
    assert_eq!(format!("{state:?}"), format!("{again:?}"));
    assert_eq!(to_vec(&again).unwrap(), written);
}
