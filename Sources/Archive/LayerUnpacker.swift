import CLinux
import Diagnostics
import Glibc

/// Puts entries of a layer into place.
final class LayerUnpacker {
    private let root: ConfinedDirectory
    private let options: Unpacking
    private let prefix: [RawPath]
    private let hasWhiteouts: Bool
    /// Entries mostly follow their siblings: the directory of the last one stays open.
    private var current: (path: RawPath, descriptor: Int32)?
    /// Directories get their modes and times last: they may be read-only, and filling them changes their times.
    private var directories: [RawPath: TarHeader] = [:]

    init(into root: ConfinedDirectory, _ options: Unpacking) {
        self.root = root
        self.options = options
        prefix = options.strippedPrefix.components
        hasWhiteouts = if case .none = options.whiteouts { false } else { true }
    }

    deinit { forgetCurrent() }

    func place(_ header: TarHeader, contents: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws {
        guard let path = try relativePath(header.path) else { return }
        guard let (parentPath, name) = path.split else {
            // The root itself.
            if header.kind == .directory { directories[""] = header }
            return
        }
        if header.kind == .characterDevice || header.kind == .blockDevice {
            guard !options.refusesDevices else { throw DeviceInLayer(path: root.display(path)) }
            return
        }
        let parent = try directory(parentPath)
        if hasWhiteouts, name.bytes.starts(with: Whiteout.prefix) {
            try placeWhiteout(Whiteout(name), path: path, in: parent)
            return
        }
        let entry = Entry(header: header, path: path, name: name, parent: parent)
        switch header.kind {
        case .directory: try placeDirectory(entry)
        case .file: try placeFile(entry, contents)
        case .symbolicLink: try placeLink(entry)
        case .hardLink: try placeHardLink(entry)
        case .fifo: try placeFIFO(entry)
        case .characterDevice, .blockDevice: break
        }
    }

    /// Modes and times of directories, children before parents.
    func finishDirectories() throws {
        forgetCurrent()
        for (path, header) in directories.sorted(by: { $0.key > $1.key }) {
            let opened: Int32
            do {
                opened = try root.openDescriptor(path, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK)
            } catch ConfinementError.missing, ConfinementError.notDirectory {
                continue  // a later entry replaced it
            }
            defer { close(opened) }
            try setAttributes(of: opened, header, path)
        }
        directories.removeAll()
    }

    private struct Entry {
        let header: TarHeader
        let path: RawPath
        let name: RawPath
        let parent: Int32
    }

    // MARK: Paths

    /// Below the root, cleaned; nil for what the prefix leaves out.
    private func relativePath(_ path: RawPath) throws -> RawPath? {
        let components = path.components
        guard !components.contains("..") else {
            throw Fault("the layer is refused: '\(path)' would leave its directory")
        }
        guard components.starts(with: prefix) else { return nil }
        let kept = components.dropFirst(prefix.count)
        return RawPath(bytes: Array(kept.map(\.bytes).joined(separator: [slash])))
    }

    /// The parent of an entry, made when the layer has no entry for it. Stays open until the next call.
    private func directory(_ path: RawPath) throws -> Int32 {
        if let current, current.path == path { return current.descriptor }
        forgetCurrent()
        let flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK
        let opened: Int32
        do {
            opened = try root.openDescriptor(path, flags: flags, action: "unpacking to")
        } catch ConfinementError.missing {
            try root.makeDirectories(path, mode: 0o755, owner: owner(of: nil))
            opened = try root.openDescriptor(path, flags: flags, action: "unpacking to")
        }
        current = (path, opened)
        return opened
    }

    private func forgetCurrent() {
        if let current { close(current.descriptor) }
        current = nil
    }

    // MARK: Entries

    private func placeDirectory(_ entry: Entry) throws {
        if entry.name.withCString({ mkdirat(entry.parent, $0, 0o700) }) != 0 {
            guard errno == EEXIST else { throw failure("creating", entry.path) }
            let existing = status(entry)
            if existing?.kind != .directory {
                try remove(entry)
                guard entry.name.withCString({ mkdirat(entry.parent, $0, 0o700) }) == 0 else { throw failure("creating", entry.path) }
                // Where the layer itself took the lower directory away, the new one must not show its contents.
                if existing?.isWhiteout == true { try makeOpaque(entry.name, in: entry.parent, entry.path) }
            }
        }
        directories[entry.path] = entry.header
    }

    private func placeFile(_ entry: Entry, _ contents: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        let create = { entry.name.withCString { clinux_openat(entry.parent, $0, flags, 0o600) } }
        var file = create()
        if file < 0, errno == EEXIST {
            try remove(entry)
            file = create()
        }
        guard file >= 0 else { throw failure("creating", entry.path) }
        defer { close(file) }
        try contents { bytes in
            guard Descriptor.writeAll(file, bytes) else { throw failure("writing", entry.path) }
        }
        try setAttributes(of: file, entry.header, entry.path)
    }

    private func placeLink(_ entry: Entry) throws {
        guard !entry.header.linkTarget.isEmpty else { throw Fault("the layer has a link '\(entry.path)' that leads nowhere") }
        try replacing(entry) { name in entry.header.linkTarget.withCString { symlinkat($0, entry.parent, name) } }
        try setAttributes(ofUnopened: entry, changesMode: false)
    }

    private func placeFIFO(_ entry: Entry) throws {
        try replacing(entry) { mkfifoat(entry.parent, $0, 0o600) }
        try setAttributes(ofUnopened: entry, changesMode: true)
    }

    private func placeHardLink(_ entry: Entry) throws {
        guard let target = try relativePath(entry.header.linkTarget), let (targetParent, targetName) = target.split else {
            throw Fault("the layer is refused: the hard link '\(entry.path)' leads to '\(entry.header.linkTarget)', outside of it")
        }
        // A name that is linked to itself is already there.
        if target == entry.path { return }
        let from: Int32
        do {
            from = try root.openDescriptor(targetParent, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK)
        } catch ConfinementError.missing, ConfinementError.notDirectory {
            throw missingTarget(entry)
        }
        defer { close(from) }
        guard let kind = targetName.withCString({ FileStatus(of: $0, in: from) })?.kind else { throw missingTarget(entry) }
        guard kind != .directory else { throw Fault("the layer has a hard link '\(entry.path)' to a directory") }
        try replacing(entry) { name in targetName.withCString { linkat(from, $0, entry.parent, name, 0) } }
    }

    private func missingTarget(_ entry: Entry) -> Fault {
        Fault("the layer has a hard link '\(entry.path)' to '\(entry.header.linkTarget)', which is not in it")
    }

    // MARK: Whiteouts

    private func placeWhiteout(_ whiteout: Whiteout, path: RawPath, in parent: Int32) throws {
        guard case .overlay(let userXattr) = options.whiteouts else {
            throw Fault("the layer removes files of layers below it ('\(path)'), which it may not here")
        }
        switch whiteout {
        case .none: break
        case .malformed: throw Fault("the layer is refused: '\(path)' names nothing that it could remove")
        case .opaque: try Self.setOpaque(parent, userXattr: userXattr, path)
        case .entry(let name):
            if name.withCString({ mknodat(parent, $0, S_IFCHR | 0o000, 0) }) == 0 { return }
            guard errno == EEXIST else { throw failure("removing", path) }
            // The layer has an entry of that name, which stays; only what lies below it goes.
            let existing = name.withCString { FileStatus(of: $0, in: parent) }
            if existing?.kind == .directory { try makeOpaque(name, in: parent, path) }
        }
    }

    private func makeOpaque(_ name: RawPath, in parent: Int32, _ path: RawPath) throws {
        guard case .overlay(let userXattr) = options.whiteouts else { return }
        let opened = name.withCString { clinux_openat(parent, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0) }
        guard opened >= 0 else { throw failure("opening", path) }
        defer { close(opened) }
        try Self.setOpaque(opened, userXattr: userXattr, path)
    }

    private static func setOpaque(_ directory: Int32, userXattr: Bool, _ path: RawPath) throws {
        let attribute = userXattr ? "user.overlay.opaque" : "trusted.overlay.opaque"
        guard fsetxattr(directory, attribute, "y", 1, 0) == 0 else {
            throw Fault(
                system: "marking the directory of '\(path)' as opaque",
                hint: "the file system that holds tote's files must support extended attributes")
        }
    }

    // MARK: Replacing

    private func replacing(_ entry: Entry, _ create: (UnsafePointer<CChar>) -> Int32) throws {
        if entry.name.withCString(create) == 0 { return }
        guard errno == EEXIST else { throw failure("creating", entry.path) }
        try remove(entry)
        guard entry.name.withCString(create) == 0 else { throw failure("creating", entry.path) }
    }

    private func status(_ entry: Entry) -> FileStatus? { entry.name.withCString { FileStatus(of: $0, in: entry.parent) } }

    private func remove(_ entry: Entry) throws {
        try ConfinedDirectory.remove(entry.name, from: entry.parent, display: root.display(entry.path.split?.parent ?? ""))
    }

    // MARK: Attributes

    private func owner(of header: TarHeader?) -> Ownership? {
        switch options.ownership {
        case .keep: header?.owner ?? .root
        case .current: nil
        case .override(let owner): owner
        }
    }

    private func setAttributes(of descriptor: Int32, _ header: TarHeader, _ path: RawPath) throws {
        // The owner first: changing it takes set-id bits away.
        if let owner = owner(of: header), fchown(descriptor, owner.user, owner.group) != 0 { throw ownerFailure(path, owner) }
        guard fchmod(descriptor, mode_t(header.mode)) == 0 else { throw failure("changing the mode of", path) }
        var times = Self.times(header)
        guard futimens(descriptor, &times) == 0 else { throw failure("changing the time of", path) }
    }

    /// Of an entry that was made a moment ago and cannot be opened.
    private func setAttributes(ofUnopened entry: Entry, changesMode: Bool) throws {
        try entry.name.withCString { name in
            if let owner = owner(of: entry.header), fchownat(entry.parent, name, owner.user, owner.group, AT_SYMLINK_NOFOLLOW) != 0 {
                throw ownerFailure(entry.path, owner)
            }
            if changesMode, fchmodat(entry.parent, name, mode_t(entry.header.mode), 0) != 0 {
                throw failure("changing the mode of", entry.path)
            }
            var times = Self.times(entry.header)
            guard utimensat(entry.parent, name, &times, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw failure("changing the time of", entry.path)
            }
        }
    }

    private static func times(_ header: TarHeader) -> [timespec] {
        let time = timespec(tv_sec: time_t(header.modified), tv_nsec: 0)
        return [time, time]
    }

    private func ownerFailure(_ path: RawPath, _ owner: Ownership) -> Fault {
        let code = errno
        return Fault(
            system: "giving '\(root.display(path))' to \(owner.user):\(owner.group)", code: code,
            hint: code == EINVAL || code == EPERM
                ? "these ids are not mapped here: give the user more ids in /etc/subuid and /etc/subgid" : nil)
    }

    private func failure(_ action: String, _ path: RawPath) -> Fault {
        Fault(system: "\(action) '\(root.display(path))'")
    }
}
