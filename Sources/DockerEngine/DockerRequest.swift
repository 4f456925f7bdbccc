import NIOHTTP1

/// One request, without the host.
struct DockerRequest: Sendable {
    enum Body: Sendable {
        case none
        case archive(DockerArchive, onProgress: @Sendable (Int64) -> Void)
    }

    let method: HTTPMethod
    /// Without version and query: `/images/app/json`.
    let path: String
    let query: [(name: String, value: String)]
    var body = Body.none
    /// Nil: only silence ends it.
    var limit: Duration?
    /// Put in front of the path; nil: the daemon's newest.
    var version: DockerAPIVersion?

    init(_ method: HTTPMethod, _ path: String, query: [(name: String, value: String)] = []) {
        self.method = method
        self.path = path
        self.query = query
    }

    /// About an image by name or id: `/images/NAME` and what follows.
    init(_ method: HTTPMethod, image name: String, _ what: String = "", query: [(name: String, value: String)] = []) {
        self.init(method, "/images/\(Self.escape(name, except: "/:@"))\(what)", query: query)
    }

    /// `/v1.41/images/load?quiet=1`
    var target: String {
        let parameters = query.map { "\($0.name)=\(Self.escape($0.value))" }.joined(separator: "&")
        return (version.map { "/v\($0)" } ?? "") + path + (parameters.isEmpty ? "" : "?\(parameters)")
    }

    /// Everything but what is plain in all parts of an address.
    static func escape(_ text: String, except kept: String = "") -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                escaped.unicodeScalars.append(UnicodeScalar(byte))
            case _ where kept.utf8.contains(byte): escaped.unicodeScalars.append(UnicodeScalar(byte))
            default: escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}
