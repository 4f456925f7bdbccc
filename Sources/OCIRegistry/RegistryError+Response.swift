import FoundationEssentials
import NIOHTTP1

extension RegistryError {
    /// The most of an error's body that is read.
    static let bodyLimit = 64 * 1024

    /// An answer with a status that was not wanted.
    init(_ request: RegistryRequest, status: HTTPResponseStatus, headers: HTTPHeaders, body: [UInt8]) {
        let own = RegistryErrorBody(body)
        var message = "\(request.summary): \(status.code) \(request.quoting(status.reasonPhrase))"
        if let text = own.text { message += ": \(request.quoting(text))" }
        let kind: Kind =
            switch status.code {
            case 401: .unauthorized
            case 403: .denied
            case 404: .notFound
            case 429: .rateLimited
            case 408, 500...599: .unavailable
            default: .rejected
            }
        let wait = headers.first(name: "Retry-After").flatMap { Int64($0) }.map { Duration.seconds(min(max(0, $0), 86_400)) }
        self.init(
            kind, message, hint: Self.hint(kind, request, wait: wait), status: Int(status.code), codes: own.codes.map(request.quoting),
            retryAfter: wait)
    }

    private static func hint(_ kind: Kind, _ request: RegistryRequest, wait: Duration?) -> String? {
        switch kind {
        case .notFound:
            "check the spelling of the repository and the tag"
        case .unauthorized:
            "the registry wants credentials in a way that tote does not know"
        case .denied:
            "the registry knows the repository but does not allow this"
        case .rateLimited:
            wait.map { "the registry limits requests: try again in \($0.components.seconds) seconds" }
                ?? "the registry limits requests: try again later"
        case .unavailable:
            "the registry has trouble: try again later"
        case .rejected:
            request.isReading
                ? "check that '\(request.host.authority)' is a registry, and the name of the image"
                : "'\(request.host.authority)' does not take this: check that it is a registry that images can be pushed to, no mirror, and the repository's name"
        default:
            nil
        }
    }

    /// Text from outside on one line, without anything that could steer a terminal, cut to a readable length.
    static func printable(_ text: String, limit: Int = 300) -> String {
        let cleaned = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
        return cleaned.count > limit ? "\(cleaned.prefix(limit))…" : cleaned
    }
}

/// `{"errors": [{"code": …, "message": …}]}`, the way registries explain themselves. Anything else counts as no explanation.
struct RegistryErrorBody {
    var codes: [String] = []
    /// One line for a person.
    var text: String?

    private struct Document: Decodable {
        struct Entry: Decodable {
            var code: String?
            var message: String?
        }
        var errors: [Entry]
    }

    init(_ body: [UInt8]) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)) else { return }
        let entries = document.errors.prefix(3)
        codes = entries.compactMap(\.code)
        let texts = entries.map { entry in [entry.code, entry.message].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ") }
        let joined = texts.filter { !$0.isEmpty }.joined(separator: "; ")
        text = joined.isEmpty ? nil : RegistryError.printable(joined)
    }
}
