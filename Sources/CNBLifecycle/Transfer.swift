/// Where a transfer of bytes stands.
package struct Transfer: Equatable, Sendable {
    package enum Direction: Sendable {
        case download, upload
    }

    package enum State: Sendable {
        case moving, complete
        /// It failed, or somebody else goes on with it.
        case stopped
    }

    /// What moves: the same text through the whole transfer, short enough for one line.
    package var name: String
    package var direction: Direction
    package var state: State
    /// Bytes that have moved.
    package var done: Int64
    /// Nil when nobody knows.
    package var total: Int64?

    package init(_ direction: Direction, _ name: String, _ state: State, done: Int64 = 0, of total: Int64? = nil) {
        self.name = name
        self.direction = direction
        self.state = state
        self.done = done
        self.total = total
    }
}
