/// The beginning of a layer as long as it is that of an earlier blob: members of which neither contents nor hashes are needed.
///
/// What belongs to the member at hand is noted and not read, for it may turn out to be another than the earlier blob's.
struct MemberPrefix {
    /// A part of the tar.
    enum Piece {
        case bytes([UInt8])
        case zeros(Int)
        /// `count` bytes of a file from `offset`; `open` gives a descriptor of it, for the caller to close.
        case contents(TarHeader, offset: Int64, count: Int, open: () throws -> Int32)
    }

    let known: KnownMembers
    /// Of the member at hand.
    private(set) var pieces: [Piece] = []
    /// Bytes of them.
    private(set) var count = 0
    /// Members that were taken.
    private(set) var taken = 0

    init(_ known: KnownMembers) {
        self.known = known
    }

    mutating func add(_ piece: Piece) {
        pieces.append(piece)
        switch piece {
        case .bytes(let bytes): count += bytes.count
        case .zeros(let number), .contents(_, _, let number, _): count += number
        }
    }

    /// The earlier blob's next member, if the one at hand is made of the same; then the member after it is at hand.
    mutating func next(_ key: Digest, isKnown: Bool) -> (MemberIndex.Member, KnownMembers.Place)? {
        guard isKnown, taken < known.members.count, case let member = known.members[taken], member.key == key, member.size == count,
            let place = known.place(of: key)
        else { return nil }
        taken += 1
        pieces = []
        count = 0
        return (member, place)
    }

    /// The members from the one at hand up to the last one that begins with an entry before `change`, which may well hold the change.
    func members(below top: RawPath, before change: RawPath) -> Range<Int>? {
        let end = known.members.lastIndex { member in
            member.start.map { top.isOnTheWay(to: $0) && $0.precedesInWalk(change) } ?? false
        }
        return end.flatMap { $0 > taken ? taken..<$0 : nil }
    }

    /// Takes what `members(below:before:)` gives.
    mutating func take(_ members: Range<Int>) {
        taken = members.upperBound
        pieces = []
        count = 0
    }

    /// The hashes in the making before the member at hand; nil after the last of the earlier blob.
    var states: MemberIndex.States? { taken < known.members.count ? known.members[taken].states : nil }
}
