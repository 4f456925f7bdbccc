import Diagnostics
import OCIImage

/// `CNB_REGISTRY_AUTH` (I-8): a JSON object of registries and the `Authorization` header that each gets.
enum RegistryAuthVariable {
    static let name = "CNB_REGISTRY_AUTH"

    /// Keys as written. Errors never quote the value.
    static func parse(_ text: String) throws(Fault) -> [String: Credential] {
        guard text.contains(where: { !$0.isWhitespace }) else { return [:] }
        let hint = #"it must look like {"registry.example": "Basic …"}"#
        let document: OpaqueJSON
        do throws(Fault) {
            document = try CanonicalJSON.decode(OpaqueJSON.self, from: Array(text.utf8), limit: CredentialFile.sizeLimit, what: name)
        } catch {
            throw Fault("\(name) is not valid JSON", hint: hint)
        }
        guard case .object(let members) = document else { throw Fault("\(name) is not a JSON object", hint: hint) }
        var credentials: [String: Credential] = [:]
        for (key, value) in members {
            guard case .string(let header) = value, let credential = credential(header) else {
                throw Fault(
                    "\(name): the value for '\(RegistryError.printable(key, limit: 80))' is no Authorization header",
                    hint: "it must be 'Basic …', 'Bearer …' or 'X-Identity …'")
            }
            credentials[key] = credential
        }
        return credentials
    }

    private static func credential(_ header: String) -> Credential? {
        let parts = header.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2, Secret(parts[1]).fitsHeader else { return nil }
        switch parts[0].lowercased() {
        case "basic": return Credential(base64: parts[1], from: name)
        case "bearer": return Credential(.registryToken(Secret(parts[1])), from: name)
        case "x-identity": return Credential(.identityToken(Secret(parts[1])), from: name)
        default: return nil
        }
    }
}
