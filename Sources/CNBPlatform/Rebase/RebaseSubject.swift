import OCIImage

/// An app image, or an index of them, as it was found.
struct RebaseSubject: Sendable {
    /// Where the rebased one goes.
    enum Place: Sendable {
        case store(Reference)
        case daemon(Reference)
        case registry(Reference)
        case layout(directory: String, tag: String?)
        case ociArchive(file: String, tag: String?)
        case dockerArchive(file: String, names: [Reference])
    }

    /// What messages call it.
    var name: String
    var place: Place
    var content: NamedImages
    /// The name that it was read under, when that is one.
    var source: Reference?
    /// Whether it was read from where the rebased one goes.
    var isInPlace = true

    /// A mirror of the run image on this registry is preferred (D-10).
    var registry: String { source?.registry ?? Reference.dockerHub }

    var isRemote: Bool {
        if case .registry = place { true } else { false }
    }
}
