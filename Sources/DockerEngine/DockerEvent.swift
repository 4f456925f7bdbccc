/// What happens during transfers, for progress. Comes from any thread.
package enum DockerEvent: Equatable, Sendable {
    /// Bytes of the archive so far, of all that it has.
    case sending(Int64, of: Int64)
    /// The daemon has the image; `layersKept` of its layers it had before.
    case sent(bytes: Int64, layersKept: Int)
    /// The daemon did not take an archive without the layers that it seemed to have: everything goes again.
    case sendingEverything(reason: String)
    /// Bytes of the daemon's archive so far; nobody knows how many there will be.
    case receiving(Int64)
    case received(bytes: Int64)
}
