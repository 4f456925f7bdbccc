/// The `config` object of an image config: how a container of the image starts.
package struct ContainerSettings: Equatable, Sendable {
    package var user: String?
    package var workingDirectory: String?
    /// `NAME=value`, in the image's order.
    package var environment: [String] = []
    package var entrypoint: [String] = []
    package var command: [String] = []
    package var labels: [String: String] = [:]
    /// `8080/tcp`
    package var exposedPorts: Set<String> = []
    package var volumes: Set<String> = []
    package var stopSignal: String?
    /// Docker's own: the shell of Dockerfile instructions, instructions for images built on this one, the health check.
    package var shell: [String] = []
    package var onBuild: [String] = []
    package var healthcheck: OpaqueJSON?
    /// Members that this type does not name, without empty ones.
    package var other: [String: OpaqueJSON] = [:]

    package init() {}

    /// The value of a variable; the first one when a name stands twice.
    package func environment(_ name: String) -> String? {
        environment.first { $0.names(name) }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// Sets a variable: in its place when it has one, else at the end (D-55). A second setting of the name is removed,
    /// because runtimes do not agree which of two counts.
    package mutating func setEnvironment(_ name: String, _ value: String) {
        let entry = "\(name)=\(value)"
        guard let place = environment.firstIndex(where: { $0.names(name) }) else {
            environment.append(entry)
            return
        }
        environment[place] = entry
        let later = environment[(place + 1)...].filter { !$0.names(name) }
        environment.replaceSubrange((place + 1)..., with: later)
    }
}

extension String {
    /// Whether this environment entry sets the variable.
    fileprivate func names(_ variable: String) -> Bool {
        utf8.count > variable.utf8.count && utf8.starts(with: variable.utf8)
            && utf8.dropFirst(variable.utf8.count).first == UInt8(ascii: "=")
    }
}

extension ContainerSettings: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case user = "User"
        case workingDirectory = "WorkingDir"
        case environment = "Env"
        case entrypoint = "Entrypoint"
        case command = "Cmd"
        case labels = "Labels"
        case exposedPorts = "ExposedPorts"
        case volumes = "Volumes"
        case stopSignal = "StopSignal"
        case shell = "Shell"
        case onBuild = "OnBuild"
        case healthcheck = "Healthcheck"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        user = try container.nonEmptyString(.user)
        workingDirectory = try container.nonEmptyString(.workingDirectory)
        environment = try container.strings(.environment)
        entrypoint = try container.strings(.entrypoint)
        command = try container.strings(.command)
        labels = try container.stringMap(.labels)
        exposedPorts = try container.keySet(.exposedPorts)
        volumes = try container.keySet(.volumes)
        stopSignal = try container.nonEmptyString(.stopSignal)
        shell = try container.strings(.shell)
        onBuild = try container.strings(.onBuild)
        healthcheck = try container.decodeIfPresent(OpaqueJSON.self, forKey: .healthcheck)
        other = try decoder.unknownMembers(besides: Set(CodingKeys.allCases.map(\.rawValue)))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfNotEmpty(user, .user)
        try container.encodeIfNotEmpty(workingDirectory, .workingDirectory)
        try container.encodeIfNotEmpty(environment, .environment)
        try container.encodeIfNotEmpty(entrypoint, .entrypoint)
        try container.encodeIfNotEmpty(command, .command)
        try container.encodeIfNotEmpty(labels, .labels)
        try container.encodeKeySet(exposedPorts, .exposedPorts)
        try container.encodeKeySet(volumes, .volumes)
        try container.encodeIfNotEmpty(stopSignal, .stopSignal)
        try container.encodeIfNotEmpty(shell, .shell)
        try container.encodeIfNotEmpty(onBuild, .onBuild)
        try container.encodeIfPresent(healthcheck, forKey: .healthcheck)
        try encoder.encode(members: other)
    }
}
