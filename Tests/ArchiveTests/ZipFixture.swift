import Glibc
import TestSupport

@testable import Archive

/// A zip written by hand, with whatever lies in it a test wants. Entries are stored.
struct ZipFixture {
    struct Entry {
        var name: String
        var contents = ""
        /// With the file's kind; 0 says nothing.
        var mode: UInt32 = 0o100644
        /// 3 for UNIX, 0 for FAT, 10 for NTFS.
        var host: UInt16 = 3
        var flags: UInt16 = 0
        var method: UInt16 = 0
        /// What the table says instead of the truth.
        var size: UInt32?
        var checksum: UInt32?
        var localName: String?
        var offset: UInt32?
    }

    var entries: [Entry]
    /// What stands in front of the archive without being counted.
    var prefix = ""
    var suffix = ""
    var count: UInt16?
    var disk: UInt16 = 0

    init(_ entries: Entry...) { self.entries = entries }

    var bytes: [UInt8] {
        var data: [UInt8] = [], table: [UInt8] = []
        for entry in entries {
            let contents = Array(entry.contents.utf8)
            let offset = entry.offset ?? UInt32(data.count)
            let checksum = entry.checksum ?? Self.checksum(contents)
            let common: (String) -> [UInt8] = { name in
                le16(20) + le16(entry.flags) + le16(entry.method) + le16(0) + le16(33) + le32(checksum) + le32(UInt32(contents.count))
                    + le32(entry.size ?? UInt32(contents.count)) + le16(UInt16(name.utf8.count)) + le16(0)
            }
            let local = entry.localName ?? entry.name
            data += le32(0x0403_4b50) + common(local) + Array(local.utf8) + contents
            table += le32(0x0201_4b50) + le16(entry.host << 8 | 30) + common(entry.name) + le16(0) + le16(0) + le16(0)
            table += le32(entry.mode << 16) + le32(offset) + Array(entry.name.utf8)
        }
        let count = count ?? UInt16(entries.count)
        let end =
            le32(0x0605_4b50) + le16(disk) + le16(disk) + le16(count) + le16(count) + le32(UInt32(table.count)) + le32(UInt32(data.count))
            + le16(0)
        return Array(prefix.utf8) + data + table + end + Array(suffix.utf8)
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = .max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
        }
        return ~sum
    }

    private func le16(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xff), UInt8(value >> 8)] }
    private func le32(_ value: UInt32) -> [UInt8] { le16(UInt16(value & 0xffff)) + le16(UInt16(value >> 16)) }
}

extension ScratchDirectory {
    /// The zip with these bytes; nil when it is none.
    func zip(_ bytes: [UInt8], name: String = "app.zip") throws -> ZipArchive? {
        try directory.write(name, bytes)
        return try ZipArchive(path(name), shown: name)
    }

    /// Unpacks into the fresh folder `out`.
    func unpack(_ zip: ZipArchive, limit: Int64 = 1 << 30, keeping: (RawPath) -> Bool = { _ in true }) throws -> ConfinedDirectory {
        let out = try make("out")
        try zip.unpack(into: out, owner: nil, limit: UnpackingLimit(bytes: limit, hint: "raise it"), keeping: keeping)
        return out
    }
}
