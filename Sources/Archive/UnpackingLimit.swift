package import Diagnostics

/// How large an archive may become when it is unpacked: against those that are made to fill disks.
package struct UnpackingLimit: Sendable {
    /// In bytes.
    package let bytes: Int64
    /// How the user raises it.
    private let hint: String?
    private var left: Int64

    package init(bytes: Int64, hint: String? = nil) {
        self.bytes = bytes
        self.hint = hint
        left = bytes
    }

    /// Takes one entry off: even an empty one costs the disk something. `archive` is how messages name what is being unpacked.
    package mutating func addEntry(of archive: String) throws(Fault) {
        try add(512, of: archive)
    }

    /// Takes off what is about to be written: a number of bytes from 0.
    package mutating func add(_ count: Int64, of archive: String) throws(Fault) {
        left -= count
        guard left >= 0 else {
            throw Fault("\(archive) becomes larger than \(bytes) bytes, the most that is unpacked", hint: hint)
        }
    }
}
