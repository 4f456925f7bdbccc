import Diagnostics
import Glibc

/// The compressed members of an earlier blob, for a layer that differs from that blob's in few files.
package final class KnownMembers: Sendable {
    /// A part of the blob.
    struct Place: Sendable {
        var offset: Int64
        var length: Int
    }

    let encoding: LayerEncoding
    /// In the order of the blob.
    let members: [MemberIndex.Member]
    private let descriptor: Int32
    private let places: [Digest: Place]

    /// Nil when the file cannot be read, or is not as long as the index says.
    package init?(_ index: MemberIndex, blob path: String) {
        encoding = index.encoding
        members = index.members
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var places: [Digest: Place] = [:]
        var offset: Int64 = 0
        for member in index.members {
            places[member.key] = Place(offset: offset, length: member.length)
            offset += Int64(member.length)
        }
        self.places = places
        guard descriptor >= 0, let status = FileStatus(of: descriptor), status.size == offset else {
            if descriptor >= 0 { close(descriptor) }
            return nil
        }
    }

    deinit { close(descriptor) }

    func place(of key: Digest) -> Place? { places[key] }

    /// Replaces what `output` holds. False when the bytes are not those of a member of that many uncompressed bytes.
    func read(_ place: Place, uncompressed: Int, into output: MemberBuffer) -> Bool {
        output.replace(capacity: place.length) { read(UnsafeMutableRawBufferPointer(rebasing: $0[..<place.length]), from: place.offset) }
        guard output.count == place.length else { return false }
        return switch encoding {
        case .none: output.count == uncompressed
        case .gzip: GzipMemberCompressor.isMember(output.bytes, of: uncompressed)
        case .zstd: ZstdMemberCompressor.isFrame(output.bytes, of: uncompressed)
        }
    }

    /// Nil when the blob has not so many bytes there any more.
    func bytes(from offset: Int64, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return bytes.withUnsafeMutableBytes({ read($0, from: offset) }) == count ? bytes : nil
    }

    /// How many of the bytes could be read.
    private func read(_ free: UnsafeMutableRawBufferPointer, from offset: Int64) -> Int {
        var done = 0
        while done < free.count, let start = free.baseAddress {
            let count = pread(descriptor, start + done, free.count - done, off_t(offset) + done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            done += count
        }
        return done
    }
}

/// A member of the earlier blob is not what the index says, and nobody has what it was made of: the layer has to be written without that blob.
package struct DamagedMembers: Error {}
