/// A name in a layer that takes something away from the layers below.
enum Whiteout: Equatable {
    static let prefix = Array(".wh.".utf8)

    /// `.wh.<name>`: that entry of the layers below.
    case entry(RawPath)
    /// `.wh..wh..opq`: everything that the layers below have in this directory.
    case opaque
    /// `.wh..wh.…`: bookkeeping of aufs, without meaning.
    case none
    /// `.wh.` with nothing, "." or ".." behind it.
    case malformed

    /// From a name that begins with ``prefix``.
    init(_ name: RawPath) {
        let removed = RawPath(bytes: Array(name.bytes.dropFirst(Self.prefix.count)))
        if removed == ".wh..opq" {
            self = .opaque
        } else if removed.bytes.starts(with: Self.prefix) {
            self = .none
        } else {
            self = removed.isOneName ? .entry(removed) : .malformed
        }
    }
}
