import NIOCore
import NIOHTTP1

/// One HTTP request, before anything is known of how it goes.
struct RegistryRequest: Sendable {
    enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A part of a local file; `onProgress` gets the position in the file that is reached.
        case file(path: String, Range<Int64>, onProgress: @Sendable (Int64) -> Void)

        func part(_ range: Range<Int64>) -> Body {
            switch self {
            case .none: .none
            case .bytes(let bytes): .bytes(Array(bytes.dropFirst(Int(range.lowerBound)).prefix(range.count)))
            case .file(let path, _, let onProgress): .file(path: path, range, onProgress: onProgress)
            }
        }
    }

    var method: HTTPMethod
    var url: String
    var headers: HTTPHeaders
    var body: Body
    /// Who asks. It belongs to the host of `url`.
    var authorization: Authorization?
    /// The answer may take as long as the registry needs to put a finished blob away.
    var commits = false

    init(_ method: HTTPMethod, _ url: String, headers: [(String, String)] = [], body: Body = .none) {
        self.method = method
        self.url = url
        self.headers = HTTPHeaders(headers)
        self.body = body
    }

    /// `GET https://host/v2/…` for messages: no query and no user part, where secrets may be.
    var summary: String { "\(method.rawValue) \(Self.withoutSecrets(url))" }

    /// What the other side said, for messages: on one line, without the secrets that it was given.
    func quoting(_ text: String) -> String { RegistryError.printable(authorization?.redacting(text) ?? text) }

    var isReading: Bool { method == .GET || method == .HEAD }

    var host: RegistryHost {
        let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        return RegistryHost(String(afterScheme.prefix { $0 != "/" && $0 != "?" }.split(separator: "@").last ?? ""))
    }

    static func withoutSecrets(_ url: String) -> String {
        let plain = url.prefix { $0 != "?" && $0 != "#" }
        guard let scheme = plain.firstRange(of: "://") else { return RegistryError.printable(String(plain)) }
        let rest = plain[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return RegistryError.printable("\(plain[..<scheme.upperBound])\(host)\(rest[authority.endIndex...])")
    }
}
