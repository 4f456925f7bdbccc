import Diagnostics
import Glibc

/// Writes one layer in one pass: entries become tar bytes, which are hashed (diffID) and compressed on all cores, and the
/// compressed members are hashed (blob digest) and written in order. Memory is bounded whatever the layer's size.
///
/// Members whose files are known to be those of an earlier blob are taken from it instead of being compressed again; the bytes are the same.
///
/// The same entries give the same bytes on every machine, for any number of cores. Calls block; not for use by two threads at once.
/// A writer that has thrown is of no more use.
package final class LayerWriter {
    package enum Output {
        /// A blob to a descriptor that the caller owns and keeps open until `finish` has returned.
        case blob(to: Int32, LayerEncoding)
        /// No bytes at all: digest and size are those of the tar.
        case hashOnly

        /// A blob in the standard encoding.
        package static func gzip(to descriptor: Int32) -> Output { .blob(to: descriptor, .standard) }
    }

    /// Of a layer that is only hashed.
    private let tar = SHA256()
    private let pipeline: MemberPipeline?
    private let encoding: LayerEncoding
    private let known: KnownMembers?
    private var member: MemberBuffer
    /// As long as everything is as in the earlier blob.
    private var prefix: MemberPrefix?
    private var identity = MemberIdentity()
    private var keys: [Digest] = []
    private var sizes: [Int] = []
    private var starts: [RawPath?] = []
    /// Of the member at hand: where it begins, if that is an entry.
    private var start: RawPath?
    private var tarSize: Int64 = 0
    /// Where the members of the finished blob are; nil for one that was only hashed.
    package private(set) var members: MemberIndex?

    /// - Parameter known: an earlier blob that has many of the same files; of no use when it has another encoding.
    package convenience init(_ output: Output, known: KnownMembers? = nil) {
        self.init(output, workers: MemberPipeline.defaultWorkers, known: known)
    }

    init(_ output: Output, workers: Int, known: KnownMembers? = nil) {
        switch output {
        case .blob(let descriptor, let encoding):
            self.encoding = encoding
            self.known = known?.encoding == encoding ? known : nil
            pipeline = MemberPipeline(writingTo: descriptor, encoding, workers: workers, known: self.known)
            prefix = self.known.map { MemberPrefix($0) }
        case .hashOnly:
            encoding = .none
            self.known = nil
            pipeline = nil
        }
        member = MemberBuffer()
    }

    /// An entry with its contents at hand. A file's size is `contents.count`, whatever the header says; nothing else has contents.
    package func append(_ header: TarHeader, contents: [UInt8] = []) throws {
        var header = header
        header.size = header.kind == .file ? Int64(contents.count) : 0
        try begin(header)
        guard header.kind == .file else { return }
        try contents.withUnsafeBytes { bytes in
            try fill(header, isKnown: false) { free, at in
                free.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[Int(at)...].prefix(free.count)))
            }
        }
    }

    /// A file with exactly `header.size` bytes from a descriptor, read from where it stands to its end.
    ///
    /// `isKnown`: whether they are those of the file of this path in the earlier blob.
    package func append(_ header: TarHeader, file descriptor: Int32, isKnown: Bool = false) throws {
        guard header.kind == .file else { throw Fault("'\(header.path)' is not a regular file") }
        try begin(header)
        try fill(header, isKnown: isKnown) { free, _ in try Self.read(header, descriptor, into: free) }
        // What is known grows no more.
        if isKnown { return }
        var extra: UInt8 = 0
        guard Descriptor.read(descriptor, &extra, 1) == 0 else { throw Self.changed(header.path) }
    }

    /// A file whose contents are those of the file of this path in the earlier blob: it may not have to be opened at all.
    ///
    /// Either gives a descriptor of the file, which this closes: `open` is called now or never, `later` at any time until `finish`.
    package func append(_ header: TarHeader, known open: () throws -> Int32, later: @escaping () throws -> Int32) throws {
        guard prefix != nil else {
            let file = try open()
            defer { close(file) }
            return try append(header, file: file, isKnown: true)
        }
        try begin(header)
        try forEachPiece(of: header, isKnown: true) { at, count in
            guard prefix != nil else { return try read(header, offset: at, count: count, later) }
            prefix?.add(.contents(header, offset: at, count: count, open: later))
        }
    }

    /// An entry with the contents of the one that `reader` stands at, whose size `header` has.
    package func append(_ header: TarHeader, contentsOf reader: LayerReader) throws {
        try begin(header)
        guard header.kind == .file else { return }
        try fill(header, isKnown: false) { free, _ in try reader.readContents(into: free) }
    }

    /// Ends the tar and waits until all of it is written.
    package func finish() throws -> LayerFacts {
        try leavePrefix()
        let end = [UInt8](repeating: 0, count: 2 * TarBlock.size)
        if pipeline != nil { identity.add(header: end) }
        member.append(end)
        try endMember()
        guard let pipeline else {
            let diffID = DiffID(tar.finish())
            return LayerFacts(diffID: diffID, digest: diffID.digest, size: tarSize, encoding: encoding)
        }
        let blob = try pipeline.finish()
        members = MemberIndex(
            encoding,
            keys.indices.map {
                MemberIndex.Member(key: keys[$0], length: blob.lengths[$0], size: sizes[$0], states: blob.states[$0], start: starts[$0])
            })
        return LayerFacts(diffID: blob.diffID, digest: blob.digest, size: blob.size, encoding: encoding)
    }

    /// Whether the earlier blob begins as this one does: it is of the same place, owner and form.
    var hasTakenMember: Bool { (prefix?.taken ?? 0) > 0 }

    /// Takes members of the earlier blob without a look at their entries. Everything that a walk of the tree `top` comes to before `change` must be
    /// as it was. The answer is the entry to go on with, below `top`; nil to go on as before.
    func takeMembers(below top: RawPath, before change: RawPath) throws -> RawPath? {
        guard let pipeline, let known, let members = prefix?.members(below: top, before: change),
            let next = known.members[members.upperBound].start
        else { return nil }
        for member in known.members[members] {
            guard let place = known.place(of: member.key) else { throw DamagedMembers() }
            try add(member, of: pipeline, at: place)
            starts.append(member.start)
        }
        prefix?.take(members)
        _ = identity.finish()
        start = nil
        return RawPath(bytes: Array(next.bytes.dropFirst(top.bytes.count + 1)))
    }

    private static func changed(_ path: RawPath) -> Fault {
        Fault("'\(path)' changed while it was being read for its layer", hint: "make sure that nothing writes to it during the build")
    }

    private func begin(_ header: TarHeader) throws {
        let blocks = try TarEncoder.blocks(for: header)
        if MemberBoundary.ends(memberOf: prefix?.count ?? member.count, before: header) { try endMember() }
        if (prefix?.count ?? member.count) == 0 { start = header.path }
        if pipeline != nil { identity.add(header: blocks) }
        if prefix == nil { member.append(blocks) } else { prefix?.add(.bytes(blocks)) }
    }

    /// Adds the contents of a file that `read` puts in place piece by piece, and the padding.
    private func fill(
        _ header: TarHeader, isKnown: Bool, _ read: (_ free: UnsafeMutableRawBufferPointer, _ at: Int64) throws -> Void
    ) throws {
        try leavePrefix()
        try forEachPiece(of: header, isKnown: isKnown) { at, count in try member.append(count: count) { try read($0, at) } }
    }

    /// Calls `add` for each part of a file that goes into one member, and adds the padding.
    private func forEachPiece(of header: TarHeader, isKnown: Bool, _ add: (_ at: Int64, _ count: Int) throws -> Void) throws {
        let size = header.size
        var at: Int64 = 0
        while at < size {
            if at > 0, MemberBoundary.cuts(fileOf: size) {
                try endMember()
                // What follows is a part of this file, too.
                if pipeline != nil { identity.add(header: try TarEncoder.blocks(for: header)) }
            }
            let piece = Int(min(size - at, Int64(MemberBoundary.cut)))
            if pipeline != nil { identity.addContents(at: at, count: piece, isKnown: isKnown) }
            try add(at, piece)
            at += Int64(piece)
        }
        let padding = TarBlock.padding(after: size)
        if prefix == nil { member.append(zeros: padding) } else { prefix?.add(.zeros(padding)) }
    }

    private func endMember() throws {
        guard (prefix?.count ?? member.count) > 0 else { return }
        guard let pipeline else {
            tarSize += Int64(member.count)
            tar.update(member.bytes)
            return member.removeAll()
        }
        let (key, isKnown) = identity.finish()
        starts.append(start)
        start = nil
        if let (taken, place) = prefix?.next(key, isKnown: isKnown) { return try add(taken, of: pipeline, at: place) }
        keys.append(key)
        try leavePrefix()
        sizes.append(member.count)
        tarSize += Int64(member.count)
        member = try pipeline.exchange(member, at: isKnown ? known?.place(of: key) : nil)
    }

    private func add(_ taken: MemberIndex.Member, of pipeline: MemberPipeline, at place: KnownMembers.Place) throws {
        keys.append(taken.key)
        sizes.append(taken.size)
        tarSize += Int64(taken.size)
        try pipeline.take(taken, at: place)
    }

    /// From here on contents are read and hashed, beginning with those of the member at hand.
    private func leavePrefix() throws {
        guard let prefix, let pipeline else { return }
        self.prefix = nil
        if prefix.taken > 0 {
            // The last member of a blob holds the end of its tar and is never taken, so there is one after those that were.
            guard let states = prefix.states else { throw DamagedMembers() }
            try pipeline.resume(after: tarSize, states)
        }
        for piece in prefix.pieces {
            switch piece {
            case .bytes(let bytes): member.append(bytes)
            case .zeros(let count): member.append(zeros: count)
            case .contents(let header, let offset, let count, let open): try read(header, offset: offset, count: count, open)
            }
        }
    }

    private func read(_ header: TarHeader, offset: Int64, count: Int, _ open: () throws -> Int32) throws {
        let file = try open()
        defer { close(file) }
        guard lseek(file, off_t(offset), SEEK_SET) == off_t(offset) else { throw Fault(system: "reading '\(header.path)' for its layer") }
        try member.append(count: count) { try Self.read(header, file, into: $0) }
    }

    private static func read(_ header: TarHeader, _ descriptor: Int32, into free: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < free.count, let start = free.baseAddress {
            let count = Descriptor.read(descriptor, start + done, free.count - done)
            guard count >= 0 else { throw Fault(system: "reading '\(header.path)' for its layer") }
            guard count > 0 else { throw changed(header.path) }
            done += count
        }
    }
}
