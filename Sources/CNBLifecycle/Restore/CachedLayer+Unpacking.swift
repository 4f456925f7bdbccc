import Archive

extension CachedLayer {
    /// Nothing is touched outside of the layer's own folder, whatever the blob holds. Everything belongs to the user of this build, who need
    /// not be the one of the last.
    func unpack(in room: any BuildpackRoom) throws {
        try room.root.makeDirectories(path, mode: 0o755, owner: room.owner)
        try blob.unpack(into: room.root.directory(path), .cachedLayer(below: RawPath(path), owner: room.owner))
    }
}
