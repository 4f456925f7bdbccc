import Glibc

extension LayerWriter {
    /// Adds a tree under the absolute path `prefix`, its own root first: time 1980, the given owner for everything, modes kept,
    /// sockets left out, links as they are, hard links as files of their own (D-42 to D-45). The entries of the directories above
    /// `prefix` are the caller's business.
    /// - Parameters:
    ///   - isKnown: whether the contents of a file, named below `path`, are those of an earlier blob.
    ///   - check: called before each entry; what it throws ends the writing.
    package func append(
        tree directory: ConfinedDirectory, _ path: some TreePath, at prefix: RawPath, owner: Ownership,
        isKnown: (RawPath) -> Bool = { _ in false }, check: () throws -> Void = {}
    ) throws {
        try directory.walk(path) { entry, open in
            try check()
            let known = isKnown(entry.path)
            return try append(entry, open, at: prefix.appending(entry.path), owner: owner, isKnown: known) ? .descend : .skip
        }
    }

    /// One entry that a walk found, by the same rules; false for a socket, which no tar can hold.
    package func append(
        _ entry: TreeEntry, _ open: () throws -> Int32, at path: RawPath, owner: Ownership, isKnown: Bool = false
    ) throws -> Bool {
        guard let header = TarHeader(entry, at: path, owner: owner) else { return false }
        guard header.kind == .file else {
            try append(header)
            return true
        }
        let file = try open()
        defer { close(file) }
        try append(header, file: file, isKnown: isKnown)
        return true
    }
}

extension TarHeader {
    /// How a build's layer records what was found in a tree; nil for a socket, which no tar can hold (D-43 to D-45).
    package init?(_ entry: TreeEntry, at path: RawPath, owner: Ownership) {
        let kind: Kind
        switch entry.status.kind {
        case .file: kind = .file
        case .directory: kind = .directory
        case .symbolicLink: kind = .symbolicLink
        case .fifo: kind = .fifo
        case .characterDevice: kind = .characterDevice
        case .blockDevice: kind = .blockDevice
        case .socket: return nil
        }
        self.init(
            path: path, kind: kind, mode: entry.status.mode, owner: owner, size: kind == .file ? entry.status.size : 0,
            linkTarget: entry.linkTarget ?? "")
        if kind == .characterDevice || kind == .blockDevice {
            deviceMajor = entry.status.deviceMajor
            deviceMinor = entry.status.deviceMinor
        }
    }
}
