import Archive
import CLinux
import Diagnostics
import Glibc

/// Compares what a build wrote over a restored layer with the layer itself.
///
/// Only what decides a layer's bytes counts (D-43 to D-45): kinds, modes, contents and link targets, but not times and owners.
struct LayerComparison {
    let upper: ConfinedDirectory
    let lower: ConfinedDirectory

    /// Whether the layer at `place` is what it was. Whatever cannot be told cheaply counts as a change.
    func isUnchanged(_ place: RawPath) throws -> Bool {
        var reached: RawPath = ""
        for name in place.components {
            reached = reached.appending(name)
            // Nothing was written there, or in it.
            guard let status = try upper.status(reached, followingLinks: false) else { return true }
            guard status.kind == .directory, try isPlain(reached) else { return false }
        }
        var isUnchanged = true
        try upper.walk(place) { entry, open in
            guard isUnchanged else { return .skip }
            isUnchanged = try isSame(entry, place.appending(entry.path), open)
            return .descend
        }
        return isUnchanged
    }

    /// The entries below `place` that are in the upper side; nil when directories were renamed, so that others can be where they were not.
    func writtenEntries(_ place: RawPath) throws -> WrittenEntries? {
        for ancestor in place.components.indices {
            let path = place.components[...ancestor].reduce(RawPath("")) { $0.appending($1) }
            guard try upper.status(path, followingLinks: false)?.kind == .directory, try !isRedirected(path) else { return nil }
        }
        var written = WrittenEntries()
        var isKnown = true
        try upper.walk(place) { entry, _ in
            var isReplaced = false
            if entry.status.kind == .directory {
                let directory = try upper.directory(place.appending(entry.path))
                if OverlayEntry.isRedirected(directory) { isKnown = false }
                isReplaced = OverlayEntry.isOpaque(directory)
            }
            written.insert(entry.path, entry.status.kind, isReplaced: isReplaced)
            return isKnown ? .descend : .skip
        }
        return isKnown ? written : nil
    }

    private func isRedirected(_ path: RawPath) throws -> Bool { OverlayEntry.isRedirected(try upper.directory(path)) }

    private func isSame(_ entry: TreeEntry, _ path: RawPath, _ open: () throws -> Int32) throws -> Bool {
        guard let below = try lower.status(path, followingLinks: false), below.kind == entry.status.kind else { return false }
        switch entry.status.kind {
        case .directory: return try below.mode == entry.status.mode && isPlain(path)
        case .symbolicLink: return try lower.linkTarget(path) == entry.linkTarget
        case .file:
            guard below.mode == entry.status.mode, below.size == entry.status.size else { return false }
            let new = try open()
            defer { close(new) }
            let (old, _) = try lower.open(path)
            defer { close(old) }
            return try haveSameBytes(new, old)
        case .fifo, .characterDevice, .blockDevice, .socket: return false
        }
    }

    /// Whether an upper directory only adds to the one below it.
    private func isPlain(_ path: RawPath) throws -> Bool {
        let directory = try upper.directory(path)
        return !OverlayEntry.isOpaque(directory) && !OverlayEntry.isRedirected(directory)
    }

    private func haveSameBytes(_ a: Int32, _ b: Int32) throws -> Bool {
        let size = 256 << 10
        return try withUnsafeTemporaryAllocation(byteCount: 2 * size, alignment: 16) { buffer in
            let first = UnsafeMutableRawBufferPointer(rebasing: buffer[..<size])
            let second = UnsafeMutableRawBufferPointer(rebasing: buffer[size...])
            while true {
                let count = try fill(first, from: a)
                guard try fill(second, from: b) == count, let new = first.baseAddress, let old = second.baseAddress,
                    memcmp(new, old, count) == 0
                else { return false }
                if count < size { return true }
            }
        }
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, from file: Int32) throws -> Int {
        var done = 0
        while done < buffer.count {
            let count = read(file, buffer.baseAddress?.advanced(by: done), buffer.count - done)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Fault(system: "comparing a layer with the restored one") }
            if count == 0 { break }
            done += count
        }
        return done
    }
}
