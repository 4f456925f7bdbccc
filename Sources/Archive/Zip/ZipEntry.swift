/// What the table of contents of a zip says about one entry, checked: the path stays below the folder it is unpacked to.
package struct ZipEntry: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case file, directory, symbolicLink
    }

    enum Method: Equatable, Sendable {
        case stored, deflated
    }

    /// Relative, without empty names, "." and ".."; empty for the folder itself.
    package var path: RawPath
    package var kind: Kind
    /// Permissions with the set-id and sticky bits, 07777.
    package var mode: UInt32
    /// Seconds since 1970.
    package var modified: Int64
    /// Bytes of contents. What is unpacked is compared with it.
    package var size: Int64

    /// As it stands in the archive, which has it twice.
    var rawName: [UInt8]
    var method: Method
    var compressedSize: Int64
    var checksum: UInt32
    /// Of the entry's own header.
    var offset: Int64
}
