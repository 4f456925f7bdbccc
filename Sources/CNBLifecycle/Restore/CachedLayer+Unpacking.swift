import Archive
import Diagnostics
import Glibc

extension CachedLayer {
    /// Nothing is touched outside of the layer's own folder, whatever the blob holds. Everything belongs to the user of this build, who need
    /// not be the one of the last.
    func unpack(in room: any BuildpackRoom) throws {
        let file = open(blob, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(system: "opening '\(blob)'") }
        defer { close(file) }
        try room.root.makeDirectories(path, mode: 0o755, owner: room.owner)
        let options = Unpacking(ownership: room.owner.map { .override($0) } ?? .current, whiteouts: .refuse, strippedPrefix: RawPath(path))
        let found = try Archive.unpack(LayerReader(descriptor: file), into: room.root.directory(path), options)
        guard found == diffID else { throw Fault("its digest is \(found), not \(diffID)") }
    }
}
