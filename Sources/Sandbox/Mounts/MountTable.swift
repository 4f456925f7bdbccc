import CLinux
import Diagnostics
import Glibc

/// What is mounted where, as this process sees it.
enum MountTable {
    /// The mount points strictly below a folder, the newest first.
    ///
    /// By bytes: every run of a command looks, and with many at once the table is long.
    static func below(_ folder: String, in table: String) -> [String] {
        let above = Array((folder + "/").utf8)
        return table.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard fields.count > 4, case let point = unescaped(fields[4]), point.starts(with: above) else { return nil }
            return String(decoding: point, as: UTF8.self)
        }.reversed()
    }

    /// Unmounts everything below a folder, so that removing it cannot reach into what was mounted there.
    static func detachAll(below folder: String) throws {
        guard let resolved = realpath(folder, nil) else { return }
        defer { free(resolved) }
        guard let table = SmallFile.read("/proc/self/mountinfo") else { throw Fault(system: "reading '/proc/self/mountinfo'") }
        for point in below(String(cString: resolved), in: table) {
            // Already gone with the one that it was mounted in: EINVAL.
            guard clinux_unmount(point, CLINUX_MNT_DETACH | CLINUX_UMOUNT_NOFOLLOW) == 0 || errno == EINVAL || errno == ENOENT else {
                throw Fault(system: "unmounting '\(point)'")
            }
        }
    }

    /// Spaces, tabs, line ends and backslashes stand there as three octal digits.
    private static func unescaped(_ field: Substring.UTF8View) -> [UInt8] {
        let bytes = Array(field)
        guard bytes.contains(UInt8(ascii: "\\")) else { return bytes }
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let digits = bytes[(index + 1)...].prefix(3)
            if bytes[index] == UInt8(ascii: "\\"), digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                result.append(value)
                index += 4
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}
