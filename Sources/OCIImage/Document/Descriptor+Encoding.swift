package import Archive

extension Descriptor {
    /// How tote made a layer, where its media type does not say it all.
    package static let encodingAnnotation = "org.tote.layer.encoding"

    /// How a layer's blob was made, as the descriptor says. Nil when it does not: gzip without an annotation may be of any level and maker, as
    /// Docker's manifests have no place for one.
    package var encoding: LayerEncoding? {
        guard mediaType.compression != LayerCompression.none else { return LayerEncoding.none }
        guard let text = annotations[Self.encodingAnnotation], let told = try? LayerEncoding(parsing: text),
            told.compression == mediaType.compression
        else { return nil }
        return told
    }
}
