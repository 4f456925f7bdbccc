import Archive
import OCIImage

extension ImageStore {
    /// Writes one gzip layer into the store.
    func writeLayer(_ write: (LayerWriter) throws -> Void) throws -> LayerFacts {
        let ingest = try ingest()
        let layer = LayerWriter(.gzip(to: ingest.descriptor))
        try write(layer)
        let facts = try layer.finish()
        try ingest.commit(facts, flushed: true)
        return facts
    }
}
