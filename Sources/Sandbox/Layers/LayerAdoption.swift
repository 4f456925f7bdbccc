import Archive
import CLinux
import Diagnostics
import Glibc

/// Makes the tree of a layer that a build left, by moving what the build wrote and by linking what it left alone: nothing is copied.
///
/// Everything of the build is dead, and its overlay unmounted. What cannot be taken over as it is makes the answer false: the next build
/// then unpacks the layer's blob. These are files with several names (a blob has independent ones, D-45), renamed directories, sockets and
/// trees that are too deep.
struct LayerAdoption {
    private static let depthLimit = 200

    /// What the build wrote.
    let upper: ConfinedDirectory
    let owner: Ownership?

    /// Fills `tree` with the layer at `place`. `base` is the tree that the layer was restored from, nil for a new one.
    func fill(_ tree: ConfinedDirectory, _ place: RawPath, over base: ConfinedDirectory?) throws -> Bool {
        guard let (parent, name) = place.split, let from = try parentDirectory(parent) else { return false }
        try tree.makeDirectories(parent, mode: 0o755, owner: owner)
        let target = try tree.directory(parent)
        let lower = try base.flatMap { try $0.status(place, followingLinks: false)?.kind == .directory ? try $0.directory(parent) : nil }
        return try move(name, from: from.descriptor, to: target.descriptor, over: lower?.descriptor, depth: 0)
    }

    /// Every directory on the way must be a real one that only adds to what was below it.
    private func parentDirectory(_ path: RawPath) throws -> ConfinedDirectory? {
        var reached: RawPath = ""
        for name in path.components {
            reached = reached.appending(name)
            guard try upper.status(reached, followingLinks: false)?.kind == .directory else { return nil }
            if OverlayEntry.isRedirected(try upper.directory(reached)) { return nil }
        }
        return try upper.directory(path)
    }

    /// Moves an entry of the upper side; a directory that adds to one below is put together from both.
    private func move(_ name: RawPath, from source: Int32, to target: Int32, over lower: Int32?, depth: Int) throws -> Bool {
        guard depth < Self.depthLimit, let status = name.withCString({ FileStatus(of: $0, in: source) }) else { return false }
        switch status.kind {
        case .directory:
            let written = try open(name, in: source)
            defer { close(written) }
            if OverlayEntry.isRedirected(written) { return false }
            if !OverlayEntry.isOpaque(written), let lower, name.withCString({ FileStatus(of: $0, in: lower) })?.kind == .directory {
                let below = try open(name, in: lower)
                defer { close(below) }
                return try merge(written, status, below, name, to: target, depth: depth)
            }
            let made = try make(name, in: target)
            defer { close(made) }
            for entry in try names(written) where try !move(entry, from: written, to: made, over: nil, depth: depth + 1) { return false }
            try finish(made, mode: status.mode)
            return true
        case .file, .symbolicLink, .fifo:
            guard status.links == 1 else { return false }
            let done = name.withCString { renameat(source, $0, target, $0) }
            guard done == 0 else { throw Fault(system: "moving '\(name)' to the kept layers") }
            return try finish(name, in: target, isLink: status.kind == .symbolicLink)
        // Where nothing is below it is none of overlayfs's whiteouts, but a node of that kind that a buildpack made, and part of the layer
        // (D-45).
        case .characterDevice: return status.isWhiteout && lower != nil
        case .blockDevice, .socket: return false
        }
    }

    private func merge(
        _ written: Int32, _ status: FileStatus, _ below: Int32, _ name: RawPath, to target: Int32, depth: Int
    ) throws -> Bool {
        let made = try make(name, in: target)
        defer { close(made) }
        let changed = try names(written)
        for entry in changed where try !move(entry, from: written, to: made, over: below, depth: depth + 1) { return false }
        let hidden = Set(changed)
        for entry in try names(below) where !hidden.contains(entry) {
            guard try link(entry, from: below, to: made, depth: depth + 1) else { return false }
        }
        try finish(made, mode: status.mode)
        return true
    }

    /// Gives what is below, and stays there, a second name.
    private func link(_ name: RawPath, from source: Int32, to target: Int32, depth: Int) throws -> Bool {
        guard depth < Self.depthLimit, let status = name.withCString({ FileStatus(of: $0, in: source) }) else { return false }
        guard status.kind == .directory else {
            let done = name.withCString { linkat(source, $0, target, $0, 0) }
            guard done == 0 else { throw Fault(system: "linking '\(name)' to the kept layers") }
            return true
        }
        let below = try open(name, in: source), made = try make(name, in: target)
        defer {
            close(below)
            close(made)
        }
        for entry in try names(below) where try !link(entry, from: below, to: made, depth: depth + 1) { return false }
        try finish(made, mode: status.mode)
        return true
    }

    // MARK: system calls

    private func open(_ name: RawPath, in directory: Int32) throws -> Int32 {
        let opened = name.withCString { clinux_openat(directory, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK, 0) }
        guard opened >= 0 else { throw Fault(system: "opening '\(name)' of a layer") }
        return opened
    }

    private func make(_ name: RawPath, in directory: Int32) throws -> Int32 {
        guard name.withCString({ mkdirat(directory, $0, 0o700) }) == 0 else { throw Fault(system: "making '\(name)' of a kept layer") }
        return try open(name, in: directory)
    }

    private func names(_ directory: Int32) throws -> [RawPath] {
        guard let names = DirectoryListing.names(of: directory) else { throw Fault(system: "listing a layer") }
        return names
    }

    /// As unpacking leaves a directory: owner, mode, and the time of every layer.
    private func finish(_ directory: Int32, mode: UInt32) throws {
        if let owner, fchown(directory, owner.user, owner.group) != 0 { throw Fault(system: "changing the owner of a kept layer") }
        guard fchmod(directory, mode_t(mode)) == 0, futimens(directory, Self.times) == 0 else {
            throw Fault(system: "changing the rights of a kept layer")
        }
    }

    private func finish(_ name: RawPath, in directory: Int32, isLink: Bool) throws -> Bool {
        try name.withCString { name in
            guard let status = FileStatus(of: name, in: directory) else { throw Fault(system: "reading a kept layer") }
            if let owner, status.owner != owner {
                // Changing the owner takes set-id bits away.
                guard fchownat(directory, name, owner.user, owner.group, AT_SYMLINK_NOFOLLOW) == 0,
                    isLink || fchmodat(directory, name, mode_t(status.mode), 0) == 0
                else { throw Fault(system: "changing the owner of a kept layer") }
            }
            guard utimensat(directory, name, Self.times, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw Fault(system: "changing the time of a kept layer")
            }
            return true
        }
    }

    private static let times = [timespec(tv_sec: time_t(layerTimestamp), tv_nsec: 0), timespec(tv_sec: time_t(layerTimestamp), tv_nsec: 0)]
}
