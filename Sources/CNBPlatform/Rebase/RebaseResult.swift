package import Archive
import CNBSpec
package import Diagnostics
package import OCIImage

/// An app image on its new base, under its name.
package struct RebaseResult: Sendable {
    package var place: RebasePlace
    /// Of the manifest, or of an index.
    package var digest: Digest
    /// Bytes of that document.
    package var manifestSize: Int64
    /// What a daemon that has the image calls it.
    package var imageID: Digest?
    /// False when it was that image before.
    package var isChanged: Bool
    /// The run image.
    package var base: Reference

    /// D-76. A daemon knows the image by its id, everybody else by its digest.
    var report: Report {
        Report(tags: ["\(place)"], digest: digest.description, imageID: imageID?.description, manifestSize: manifestSize)
    }
}

/// What came of one image of several.
package struct RebaseOutcome<Value: Sendable>: Sendable {
    package var place: RebasePlace
    package var result: Result<Value, Fault>
}
