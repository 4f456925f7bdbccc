import Diagnostics

/// How a layer is unpacked.
package struct Unpacking: Sendable {
    package enum OwnershipMode: Sendable {
        /// Every entry gets the owner its header names; needs root, or root inside a user namespace that maps the id.
        case keep
        /// Everything belongs to whoever unpacks: the only way with a single mapped id.
        case current
        /// Everything belongs to this one.
        case override(Ownership)
    }

    package enum Whiteouts: Sendable {
        /// To the form of overlayfs: `.wh.x` gives a 0:0 character device `x`, `.wh..wh..opq` the attribute `trusted.overlay.opaque`,
        /// or `user.overlay.opaque` for mounts with `userxattr`.
        case overlay(userXattr: Bool)
        /// An error: nothing here can be below.
        case refuse
        /// Names like any others: the archive is not a layer, or one that nothing is below.
        case none
    }

    package var ownership: OwnershipMode
    package var whiteouts: Whiteouts
    /// Taken off every path; entries that are not below it are left out. Empty for none.
    package var strippedPrefix: RawPath

    /// Nil for layers, whose size the store knows.
    package var limit: UnpackingLimit?
    /// Whether device nodes are an error instead of being left out: what comes of them is to be the same layer again.
    package var refusesDevices = false

    package init(ownership: OwnershipMode, whiteouts: Whiteouts, strippedPrefix: RawPath = "", limit: UnpackingLimit? = nil) {
        self.ownership = ownership
        self.whiteouts = whiteouts
        self.strippedPrefix = strippedPrefix
        self.limit = limit
    }
}

extension Unpacking {
    /// Of a cached layer, whose directory is `prefix`: only what is in it, all of it, and owned by `owner`. Nothing is below it, so a name
    /// like `.wh.x` is a file's (D-22).
    package static func cachedLayer(below prefix: RawPath, owner: Ownership?) -> Unpacking {
        var options = Unpacking(ownership: owner.map { .override($0) } ?? .current, whiteouts: .none, strippedPrefix: prefix)
        options.refusesDevices = true
        return options
    }
}

/// A device node in a layer that has to come back as it was.
package struct DeviceInLayer: Diagnosable {
    package var path: String
    package var message: String { "it has the device node '\(path)', which nobody may make again" }
}

/// Unpacks a layer beneath a directory (S-2): paths with ".." are refused, links are resolved inside the directory only, extended
/// attributes and, unless they are refused, device nodes are left out. Entries replace what the directory holds; directories are merged.
///
/// The result is that of everything that was read, for the caller to compare with the diffID it expects. When it throws, or the
/// diffID is another, the directory holds a part of the layer and must go.
package func unpack(_ layer: LayerReader, into directory: ConfinedDirectory, _ options: Unpacking) throws -> DiffID {
    let unpacker = LayerUnpacker(into: directory, options)
    var limit = options.limit
    while let header = try layer.next() {
        try limit?.add(layer.headerSize + header.size, of: "the archive")
        try unpacker.place(header) { try layer.readContents($0) }
    }
    try unpacker.finishDirectories()
    return try layer.finish()
}
