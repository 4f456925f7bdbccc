import Glibc

extension LayerWriter {
    /// Adds a tree under the absolute path `prefix`, its own root first: time 1980, the given owner for everything, modes kept,
    /// sockets left out, links as they are, hard links as files of their own (D-42 to D-45). The entries of the directories above
    /// `prefix` are the caller's business.
    /// - Parameters:
    ///   - earlier: what the tree was. What is still the same is read there, where it costs less than in an overlay, and it is what an earlier
    ///     blob was made of, whose members can be taken over.
    ///   - check: called before each entry; what it throws ends the writing.
    package func append(
        tree directory: ConfinedDirectory, _ path: some TreePath, at prefix: RawPath, owner: Ownership,
        earlier: EarlierTree? = nil, check: () throws -> Void = {}
    ) throws {
        var shortcut = WalkShortcut(below: prefix)
        func firstChange() throws -> RawPath? { try earlier?.firstChange(in: directory, path) }
        try directory.walk(path) { entry, open in
            try check()
            let action = shortcut.action(for: entry.path)
            if action == .skip { return .skip }
            let isSame = earlier.map { !$0.written.contains(entry.path) } ?? false
            if let earlier, isSame, entry.status.kind == .directory {
                try append(unchanged: earlier, entry.path, at: prefix, owner: owner, &shortcut, firstChange, check: check)
                return .skip
            }
            if let action { return action }
            let place = prefix.appending(entry.path)
            let isAdded =
                if let earlier, isSame {
                    try append(same: entry, open, entry.path, of: earlier, at: place, owner: owner)
                } else {
                    try append(entry, open, at: place, owner: owner)
                }
            try shortcut.take(with: self, before: firstChange)
            return isAdded ? .descend : .skip
        }
    }

    /// A directory of the tree below which nobody wrote to anything.
    private func append(
        unchanged earlier: EarlierTree, _ path: RawPath, at prefix: RawPath, owner: Ownership, _ shortcut: inout WalkShortcut,
        _ firstChange: () throws -> RawPath?, check: () throws -> Void
    ) throws {
        try earlier.directory.walk(path) { entry, open in
            try check()
            let name = path.appending(entry.path)
            if let action = shortcut.action(for: name) { return action }
            let isAdded = try append(same: entry, open, name, of: earlier, at: prefix.appending(name), owner: owner)
            try shortcut.take(with: self, before: firstChange)
            return isAdded ? .descend : .skip
        }
    }

    /// An entry that is what it was.
    private func append(
        same entry: TreeEntry, _ open: () throws -> Int32, _ name: RawPath, of earlier: EarlierTree, at path: RawPath, owner: Ownership
    ) throws -> Bool {
        guard let header = TarHeader(entry, at: path, owner: owner) else { return false }
        guard header.kind == .file else {
            try append(header)
            return true
        }
        try append(header, known: open) { try earlier.directory.open(name).descriptor }
        return true
    }

    /// One entry that a walk found, by the same rules; false for a socket, which no tar can hold.
    package func append(
        _ entry: TreeEntry, _ open: () throws -> Int32, at path: RawPath, owner: Ownership
    ) throws -> Bool {
        guard let header = TarHeader(entry, at: path, owner: owner) else { return false }
        guard header.kind == .file else {
            try append(header)
            return true
        }
        let file = try open()
        defer { close(file) }
        try append(header, file: file)
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
