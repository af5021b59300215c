//! What Python says about these patterns and texts was asked of Python 3.12.
use super::*;
