/// What one request carries to prove who asks.
struct Authorization: Sendable {
    /// The value of the `Authorization` header; nil when the proof is in the body.
    var header: Secret?
    /// Everything that may not come back in an error of the other side.
    var secrets: [Secret]

    init(header: Secret?, secrets: [Secret] = []) {
        self.header = header
        self.secrets = secrets + (header.map { [$0, Secret(String($0.reveal().drop { $0 != " " }.dropFirst()))] } ?? [])
    }

    func redacting(_ message: String) -> String {
        // The longest first: a part of it alone would leave the rest.
        secrets.sorted { $0.reveal().utf8.count > $1.reveal().utf8.count }.reduce(message) { $1.removed(from: $0) }
    }
}
