import Diagnostics
import FoundationEssentials
import OCIImage

/// Docker's `config.json` or podman's `auth.json`, as far as it is about credentials.
struct CredentialFile: Sendable {
    static let sizeLimit = 4 << 20

    private let path: String
    private let entries: [String: OpaqueJSON]
    private let helpers: [String: OpaqueJSON]
    private let store: String?

    /// nil when there is no such file.
    init?(_ path: String) throws(Fault) {
        guard let bytes = try SmallFile.read(path, limit: Self.sizeLimit) else { return nil }
        let hint = "correct the file, or log in again to have it rewritten"
        let document: OpaqueJSON
        do throws(Fault) {
            // An empty file is what an interrupted login leaves.
            document =
                bytes.isEmpty ? .object([:]) : try CanonicalJSON.decode(OpaqueJSON.self, from: bytes, limit: Self.sizeLimit, what: "it")
        } catch {
            // The decoder's own words could quote the file.
            throw Fault("the credentials in '\(path)' cannot be read: it is not valid JSON", hint: hint)
        }
        guard case .object(let members) = document else {
            throw Fault("the credentials in '\(path)' cannot be read: it is not a JSON object", hint: hint)
        }
        func map(_ key: String) throws(Fault) -> [String: OpaqueJSON] {
            switch members[key] {
            case .object(let map): return map
            case nil, .null: return [:]
            default: throw Fault("the credentials in '\(path)' cannot be read: '\(key)' is not an object", hint: hint)
            }
        }
        self.path = path
        entries = try map("auths")
        helpers = try map("credHelpers")
        if case .string(let name) = members["credsStore"], !name.isEmpty { store = name } else { store = nil }
    }

    /// For messages.
    var origin: String { "'\(path)'" }

    /// The program that knows the credentials of a registry: `docker-credential-NAME`.
    func helper(host: String) throws(Fault) -> String? {
        var name = store
        if case .string(let own) = CredentialKey.best(helpers, host: host, repository: "")?.value { name = own }
        guard let name, !name.isEmpty else { return nil }
        guard !name.contains("/"), name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw Fault("the credential helper that '\(path)' names for \(host) is not the name of a program")
        }
        return "docker-credential-\(name)"
    }

    /// What the file itself holds for a repository.
    func credential(host: String, repository: String) throws(Fault) -> Credential? {
        // Entries without content only say that a helper has it.
        let full = entries.filter { if case .object(let members) = $0.value { !Self.texts(members).isEmpty } else { false } }
        guard let (key, value) = CredentialKey.best(full, host: host, repository: repository), case .object(let members) = value else {
            return nil
        }
        let texts = Self.texts(members)
        if let token = texts["registrytoken"] { return Credential(.registryToken(Secret(token)), from: origin) }
        if let token = texts["identitytoken"] { return Credential(.identityToken(Secret(token)), from: origin) }
        if let auth = texts["auth"] {
            guard let credential = Credential(base64: auth, from: origin) else {
                throw Fault(
                    "the 'auth' of '\(RegistryError.printable(key, limit: 80))' in '\(path)' is not the base64 form of USER:PASSWORD",
                    hint: "log in again to have it rewritten")
            }
            return credential
        }
        guard let user = texts["username"], let password = texts["password"] else { return nil }
        return Credential(user: user, secret: Secret(password), from: origin)
    }

    private static func texts(_ members: [String: OpaqueJSON]) -> [String: String] {
        members.compactMapValues { if case .string(let text) = $0, !text.isEmpty { text } else { nil } }
    }
}
