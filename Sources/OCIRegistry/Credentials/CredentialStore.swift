package import Diagnostics

/// Who we are to which registry: `CNB_REGISTRY_AUTH`, then Docker's `config.json`, then podman's `auth.json`, else nobody (I-8, L-12).
///
/// Files are read and helper programs run only when a registry asks who we are.
package struct CredentialStore: Sendable {
    private let given: [String: Credential]
    /// Best first.
    private let files: [String]
    private let helper: any CredentialHelper

    /// Knows nobody.
    package init() {
        given = [:]
        files = []
        helper = HelperProgram(environment: [:])
    }

    /// The caller's variables say where to look.
    ///
    /// - Parameters:
    ///   - home: the user's folder; nil: `$HOME`.
    ///   - user: the user's id, for podman's place of last resort.
    ///   - helper: runs helper programs; nil: as children of this process, with this environment.
    /// - Throws: `CNB_REGISTRY_AUTH` makes no sense.
    package init(
        environment: [String: String], home: String? = nil, user: UInt32? = nil, helper: (any CredentialHelper)? = nil
    ) throws(Fault) {
        given = try RegistryAuthVariable.parse(environment[RegistryAuthVariable.name] ?? "")
        files = Self.files(environment, home: home, user: user)
        self.helper = helper ?? HelperProgram(environment: environment)
    }

    private static func files(_ environment: [String: String], home: String?, user: UInt32?) -> [String] {
        func folder(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let home = home ?? folder("HOME")
        let docker = folder("DOCKER_CONFIG") ?? home.map { "\($0)/.docker" }
        var files = docker.map { ["\($0)/config.json"] } ?? []
        if let named = folder("REGISTRY_AUTH_FILE") { return files + [named] }
        if let runtime = folder("XDG_RUNTIME_DIR") {
            files.append("\(runtime)/containers/auth.json")
        } else if let user {
            files.append("/run/containers/\(user)/auth.json")
        }
        if let configuration = folder("XDG_CONFIG_HOME") ?? home.map({ "\($0)/.config" }) {
            files.append("\(configuration)/containers/auth.json")
        }
        return files
    }

    /// What is known for a repository of a registry, from the first place that knows something.
    ///
    /// A file that cannot be read is an error. A helper that fails is only a problem, as long as the registry does not insist.
    package func search(host: String, repository: String) async throws -> CredentialSearch {
        if let credential = CredentialKey.best(given, host: host, repository: "")?.value { return CredentialSearch(credential) }
        var problems: [String] = []
        for path in files {
            guard let file = try CredentialFile(path) else { continue }
            if let program = try file.helper(host: host) {
                do {
                    let output = try await helper.run(program, server: CredentialKey.server(for: host))
                    if case .found(let credential) = try HelperAnswer(output, of: program) {
                        return CredentialSearch(credential, problems: problems)
                    }
                } catch let error as Fault {
                    problems.append("\(error.message) (named by \(file.origin))")
                }
            }
            if let credential = try file.credential(host: host, repository: repository) {
                return CredentialSearch(credential, problems: problems)
            }
        }
        return CredentialSearch(problems: problems)
    }
}
