/// 1980-01-01T00:00:01Z, the time of every entry that a build writes, in seconds (D-44).
package let layerTimestamp: Int64 = 315_532_801

/// Who owns an entry, by number. Names are never written (D-44).
package struct Ownership: Hashable, Sendable {
    package var user: UInt32
    package var group: UInt32

    package static let root = Ownership(user: 0, group: 0)

    package init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }
}

/// What one entry of a tar says about itself.
package struct TarHeader: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case file, directory, symbolicLink, hardLink, fifo, characterDevice, blockDevice
    }

    /// As written: absolute in the layers of a build (D-41), usually relative elsewhere. Never holds a NUL.
    package var path: RawPath
    package var kind: Kind
    /// Permissions with the set-id and sticky bits, 07777.
    package var mode: UInt32
    package var owner: Ownership
    /// Bytes of contents; 0 for everything but files.
    package var size: Int64
    /// Seconds since 1970.
    package var modified: Int64
    /// Of symbolic links (any text) and hard links (the path of an earlier entry).
    package var linkTarget: RawPath
    package var deviceMajor: UInt32
    package var deviceMinor: UInt32

    package init(
        path: RawPath, kind: Kind, mode: UInt32, owner: Ownership = .root, size: Int64 = 0, modified: Int64 = layerTimestamp,
        linkTarget: RawPath = "", deviceMajor: UInt32 = 0, deviceMinor: UInt32 = 0
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.owner = owner
        self.size = size
        self.modified = modified
        self.linkTarget = linkTarget
        self.deviceMajor = deviceMajor
        self.deviceMinor = deviceMinor
    }
}
