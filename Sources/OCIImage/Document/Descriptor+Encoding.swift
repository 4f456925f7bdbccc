package import Archive

extension Descriptor {
    /// How tote made a layer, where its media type does not say it all.
    package static let encodingAnnotation = "org.tote.layer.encoding"

    /// How a layer's blob was made. A gzip layer that does not say its level counts as one in the standard encoding; of a zstd layer that
    /// does not, nobody knows.
    package var encoding: LayerEncoding? {
        if let told = toldEncoding { return told }
        return switch mediaType.compression {
        case LayerCompression.none?: LayerEncoding.none
        case .gzip?: .standard
        case .zstd?, nil: nil
        }
    }

    /// What the descriptor itself says about it; nil when it says nothing, or what cannot be.
    package var toldEncoding: LayerEncoding? {
        guard let text = annotations[Self.encodingAnnotation], let told = try? LayerEncoding(parsing: text),
            told.compression == mediaType.compression
        else { return nil }
        return told
    }
}
