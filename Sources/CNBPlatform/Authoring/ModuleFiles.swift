import Archive
import Diagnostics
import Glibc

/// The files of a new buildpack or extension folder.
package struct ModuleFiles: Equatable, Sendable {
    package struct File: Equatable, Sendable {
        /// Relative to the folder: `bin/build`.
        package var path: String
        package var mode: UInt32
        package var text: String

        package init(_ path: String, mode: UInt32 = 0o644, _ text: String) {
            (self.path, self.mode, self.text) = (path, mode, text)
        }
    }

    package var files: [File]

    package init(_ files: [File]) { self.files = files }

    /// Makes the folder with everything in it at once: it appears whole or not at all. What is there already is refused, except an
    /// empty folder when `replacingEmptyFolder`. `path` is absolute; `shown` is how messages name it.
    package func write(to path: String, shown: String, replacingEmptyFolder: Bool = false) throws {
        guard let (parent, name) = RawPath(path).split else { throw Fault("'\(shown)' cannot name a new folder") }
        try refuseExisting(path, shown, replacingEmptyFolder)
        let above: ConfinedDirectory
        do {
            above = try ConfinedDirectory(parent.isEmpty ? "/" : parent.string, shown: parent.string)
        } catch ConfinementError.missing(let missing) {
            throw Fault("there is no folder '\(missing)' to make '\(shown)' in", hint: "make it first, or give another place")
        }
        let temporary = RawPath(".\(name.string.prefix(100)).tote-" + String(UInt64.random(in: 0 ... .max), radix: 36))
        do {
            try above.makeDirectories(temporary)
            for file in files {
                let place = temporary.appending(RawPath(file.path))
                if let folder = place.split?.parent { try above.makeDirectories(folder) }
                try above.write(place, Array(file.text.utf8), mode: file.mode)
            }
            try above.rename(temporary, to: name)
        } catch {
            try? above.removeTree(temporary)
            throw Fault("making '\(shown)'", cause: error)
        }
    }

    private func refuseExisting(_ path: String, _ shown: String, _ isEmptyFine: Bool) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw Fault(system: "making '\(shown)'") }
            return
        }
        let isEmpty = try isEmptyFine && status.st_mode & S_IFMT == S_IFDIR && ConfinedDirectory(path).names(".").isEmpty
        guard isEmpty else { throw Fault("'\(shown)' exists already", hint: "give another place, or remove it first") }
    }
}
