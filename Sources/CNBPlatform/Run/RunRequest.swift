import Diagnostics
package import OCIImage

/// Everything a caller asks of one `tote run`.
package struct RunRequest: Sendable {
    package var image: Reference
    package var process: String?
    /// What starts instead of the image's entrypoint, absolute; `launcher` is the launcher.
    package var entrypoint: String?
    package var environment: [RunVariable] = []
    package var volumes: [Volume] = []
    /// What follows the image's name, a leading `--` included.
    package var arguments: [String] = []
    package var interactive = false
    package var terminal = false

    package init(image: Reference) {
        self.image = image
    }
}

/// A variable for the process.
package struct RunVariable: Equatable, Sendable {
    package var name: String
    package var value: String

    /// `NAME=VALUE`, or `NAME` with the value of the caller's own variable, empty when there is none.
    package init(parsing text: String, environment: [String: String]) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(parts[0])
        value = parts.count == 2 ? String(parts[1]) : environment[name] ?? ""
        guard !name.isEmpty else {
            throw Fault("--env: '\(text)' has no name", hint: "write NAME=VALUE")
        }
    }
}

/// `-p`: accepted as documentation, since the process is on the host's network.
package enum PublishedPort {
    /// Refuses what the host's network cannot give.
    package static func check(_ text: String) throws {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 3 { parts.removeFirst() }
        let ports = parts.map { UInt16($0.hasSuffix("/tcp") ? String($0.dropLast(4)) : $0) }
        guard (1...2).contains(ports.count), let inside = ports[ports.count - 1], let outside = ports[0], inside > 0, outside > 0 else {
            throw Fault("--publish: '\(text)' is not a port", hint: "write PORT:PORT, such as 8080:8080")
        }
        guard inside == outside else {
            throw Fault(
                "--publish: '\(text)' wants port \(inside) of the image at port \(outside), but the image shares the host's network",
                hint: "use '-p \(outside):\(outside)' and tell the process its port, often with '-e PORT=\(outside)'")
        }
    }
}
