import Archive

/// An upload that a registry has opened: where to send the blob.
struct UploadSession: Sendable {
    /// Absolute, with whatever query the registry put there.
    var address: String
    /// The registry takes no smaller pieces than this, except for the last.
    var smallestPiece: Int64 = 0

    /// Where the whole blob is put at once.
    func address(finishing digest: Digest) -> String {
        let separator = address.contains("?") ? "&" : "?"
        return "\(address)\(separator)digest=\(PercentEncoding.query(digest.description))"
    }
}

/// What became of asking for a blob to be linked from another repository.
enum MountAnswer: Sendable {
    case mounted
    /// It was not there, or the registry does not mount: upload it here.
    case session(UploadSession)
}
