import FoundationEssentials
import Glibc

/// What a killed build must not leave: processes and mounts that know its folder.
package enum Leftovers {
    /// Processes and mounts that mention `path`, one line each, once those that are just ending have had a moment.
    package static func find(of path: String, patience: Duration = .seconds(5)) async throws -> [String] {
        let deadline = ContinuousClock.now + patience
        while true {
            let found = processes(mentioning: path) + mounts(below: path)
            if found.isEmpty || ContinuousClock.now >= deadline { return found }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private static func mounts(below path: String) -> [String] {
        read("/proc/self/mountinfo").split(separator: "\n").filter { $0.contains(path) }.map { "mount: \($0)" }
    }

    private static func processes(mentioning path: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name in
            guard let id = pid_t(name), id != getpid() else { return nil }
            // A mount namespace that nobody is in is gone; one that somebody is in shows the build's mounts here.
            let knows = [read("/proc/\(id)/cmdline"), link("/proc/\(id)/cwd"), link("/proc/\(id)/root"), read("/proc/\(id)/mountinfo")]
                .contains { $0.contains(path) }
            return knows ? "process \(id): \(read("/proc/\(id)/cmdline").replacing("\0", with: " "))" : nil
        }
    }

    private static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func link(_ path: String) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = max(0, readlink(path, &buffer, buffer.count - 1))
        return String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
