/// The part of a tree that its layer's writer passes over, because it takes the members with these entries from an earlier blob.
struct WalkShortcut {
    /// The path of the tree in the layer.
    let top: RawPath
    /// The entry to go on with, below `top`, while there are entries to pass over.
    private var start: RawPath?
    private var isTried = false

    init(below top: RawPath) {
        self.top = top
    }

    /// What to do with an entry that is passed over; nil for one that is to be added.
    mutating func action(for entry: RawPath) -> WalkAction? {
        guard let start else { return nil }
        if entry.precedesInWalk(start) { return entry.isOnTheWay(to: start) ? .descend : .skip }
        self.start = nil
        return nil
    }

    /// Takes what can be taken, once the writer has seen that the earlier blob begins as this one does.
    ///
    /// `change`: the first place below `top` that may be another than in the earlier blob; nil when there is none.
    mutating func take(with writer: LayerWriter, before change: () throws -> RawPath?) throws {
        guard !isTried, writer.hasTakenMember else { return }
        isTried = true
        guard let change = try change() else { return }
        start = try writer.takeMembers(below: top, before: top.appending(change))
    }
}
