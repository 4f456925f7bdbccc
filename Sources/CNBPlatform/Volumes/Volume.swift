package import Diagnostics
import Glibc

/// A folder or file of the host that is shown in a sandbox.
package struct Volume: Equatable, Sendable {
    package enum Access: String, Sendable {
        case readOnly = "ro"
        case readWrite = "rw"
    }

    /// Absolute.
    package var source: String
    /// Absolute, in the sandbox, without `.`, `..` and doubled slashes.
    package var target: String
    package var access: Access

    package var isReadOnly: Bool { access == .readOnly }

    /// `HOST:TARGET`, `HOST:TARGET:ro` or `HOST:TARGET:rw`.
    ///
    /// - Parameters:
    ///   - folder: what a relative host path begins at.
    ///   - access: what counts when the text does not say.
    package init(parsing text: String, relativeTo folder: String, access: Access) throws(Fault) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), !parts[0].isEmpty, parts[1].hasPrefix("/") else {
            throw Fault(
                "--volume: '\(text)' is not a volume", hint: "write HOST:TARGET, HOST:TARGET:ro or HOST:TARGET:rw, with an absolute TARGET")
        }
        guard let access = parts.count == 2 ? access : Access(rawValue: parts[2]) else {
            throw Fault("--volume: '\(parts[2])' of '\(text)' is not a way to show a volume", hint: "use 'ro' or 'rw'")
        }
        let names = parts[1].split(separator: "/").filter { $0 != "." }
        guard !names.isEmpty, !names.contains("..") else {
            throw Fault("--volume: '\(parts[1])' is no place for a volume", hint: "name a folder inside the image, without '..'")
        }
        source = parts[0].hasPrefix("/") ? parts[0] : folder + "/" + parts[0]
        target = "/" + names.joined(separator: "/")
        self.access = access
    }

    /// What is at the host path, with links followed: it is the caller's own path.
    func status() throws(Fault) -> stat {
        var status = stat()
        guard stat(source, &status) == 0 else {
            throw Fault(
                system: "--volume: reading '\(source)'",
                hint: errno == ENOENT ? "a volume is a folder or file of this machine: create it first" : nil)
        }
        return status
    }

    /// Refuses a list in which two share a target, or one does not exist.
    package static func check(_ volumes: [Volume]) throws(Fault) {
        var seen: Set<String> = []
        for volume in volumes {
            guard seen.insert(volume.target).inserted else {
                throw Fault("--volume: two volumes have the target '\(volume.target)'", hint: "leave one of them out")
            }
            _ = try volume.status()
        }
    }
}
