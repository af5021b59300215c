//! What was counted in a capture, or in a part of one.

use super::closes::Closes;
use super::connection::Connection;
use super::figures::Figures;
use super::kinds::Kinds;
use super::timeline::Timeline;

/// What was counted in a capture, or in a part of one.
#[derive(Clone, Debug, Default)]
pub struct Total {
    /// Of all messages of the connections that [ended](Self::end).
    pub figures: Figures,
    /// Messages over time.
    pub timeline: Timeline,
    /// What messages contain, as far as they were looked at.
    pub kinds: Kinds,
    /// How the connections closed.
    pub closes: Closes,
    /// Connections.
    pub connections: u64,
}

impl Total {
    /// Takes a connection in, all of whose messages were counted.
    pub fn end(&mut self, connection: &Connection) {
        self.figures.merge(&connection.figures);
        self.closes.add(connection.close_code);
        self.connections += 1;
    }

    /// Adds what was counted in another part.
    pub fn merge(&mut self, other: Total) {
        self.figures.merge(&other.figures);
        self.timeline.merge(other.timeline);
        self.kinds.merge(&other.kinds);
        self.closes.merge(&other.closes);
        self.connections += other.connections;
    }
}
