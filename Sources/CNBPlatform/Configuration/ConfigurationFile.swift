package import Diagnostics
import Glibc
import TOML

/// The user's `config.toml`, as commands change it.
///
/// The file is replaced as a whole under a lock on its folder, so two commands at once lose nothing, and a killed one changes nothing.
package struct ConfigurationFile: Sendable {
    /// Absolute.
    package let path: String

    package init(environment: [String: String]) throws(Fault) {
        guard let path = Configuration.path(environment: environment) else {
            throw Fault("there is no place for a configuration: HOME is not an absolute path", hint: "set HOME or XDG_CONFIG_HOME")
        }
        self.path = path
    }

    /// What it says; nothing when it is not there.
    package func configuration() throws(Fault) -> Configuration {
        try Configuration.read(try bytes(), file: path).configuration
    }

    /// What it says, as TOML without comments.
    package func text() throws(Fault) -> String { try document(try bytes()).serialized() }

    /// Changes what it says. When `body` leaves it as it is, nothing is written; when it throws, or makes something of it that tote cannot
    /// read, nothing is changed.
    func change<Result>(_ body: (inout TOMLTable) throws -> Result) throws -> Result {
        let lock = try lockedFolder()
        defer { close(lock) }
        let before = try bytes()
        var document = try document(before)
        let old = document
        let result = try body(&document)
        guard document != old else { return result }
        let after: [UInt8]
        do throws(TOMLError) { after = try TOMLRewriter.rewrite(before, as: document) } catch {
            throw SourceText(file: path, bytes: before).fault(error)
        }
        _ = try Configuration.read(after, file: path)
        try replace(with: after)
        return result
    }

    private func bytes() throws(Fault) -> [UInt8] { try UserFile.read(path, shown: "the configuration '\(path)'") ?? [] }

    private func document(_ bytes: [UInt8]) throws(Fault) -> TOMLTable {
        do throws(TOMLError) { return try TOMLTable.parse(bytes) } catch { throw SourceText(file: path, bytes: bytes).fault(error) }
    }

    private var folder: String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

    /// Makes the folder where it is missing, and waits until nobody else changes the file.
    private func lockedFolder() throws(Fault) -> Int32 {
        var end = folder.startIndex
        while end < folder.endIndex {
            end = folder[folder.index(after: end)...].firstIndex(of: "/") ?? folder.endIndex
            mkdir(String(folder[..<end]), 0o700)
        }
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(system: "opening the folder of the configuration '\(folder)'") }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let fault = Fault(system: "locking the folder of the configuration '\(folder)'")
                close(descriptor)
                throw fault
            }
        }
        return descriptor
    }

    private func replace(with bytes: [UInt8]) throws(Fault) {
        // Configurations are often links into a folder that is kept elsewhere.
        let target =
            realpath(path, nil).map { resolved in
                defer { free(resolved) }
                return String(cString: resolved)
            } ?? path
        var status = stat()
        let mode = stat(target, &status) == 0 ? status.st_mode & 0o777 : 0o644
        let temporary = target + ".\(String(UInt64.random(in: .min ... .max), radix: 36)).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Fault(system: "writing the configuration '\(path)'") }
        defer { close(descriptor) }
        do throws(Fault) {
            try write(bytes, to: descriptor)
            guard fchmod(descriptor, mode) == 0, fdatasync(descriptor) == 0, rename(temporary, target) == 0 else {
                throw Fault(system: "writing the configuration '\(path)'")
            }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) throws(Fault) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Fault(system: "writing the configuration '\(path)'") }
            done += count
        }
    }
}
