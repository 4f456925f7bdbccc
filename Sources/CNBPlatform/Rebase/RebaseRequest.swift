package import Diagnostics
package import OCIImage

/// What the user wants to have rebased, and onto what.
package struct RebaseRequest: Sendable {
    package var images: [RebasePlace]
    /// Every image in the store that has a run image, in place of `images`.
    package var isAll = false
    /// Nil: what each image remembers.
    package var runImage: Reference?
    /// The image to read in place of the one that is written.
    package var previousImage: Reference?
    package var publish = false
    /// Whether what speaks against it is only told, as far as that is allowed.
    package var isForced = false
    /// Whether another tag of the run image's repository is refused.
    package var isStrict = false
    package var pullPolicy: PullPolicy?
    /// Absolute.
    package var reportFolder: String?
    /// Whether nothing is to be written, and no right to write is needed.
    package var isForecast = false

    package init(images: [RebasePlace]) {
        self.images = images
    }

    /// Refuses what makes no sense together.
    package func check() throws(Fault) {
        func exclude(_ a: String, _ b: String, _ hint: String) -> Fault { Fault("\(a) and \(b) exclude each other", hint: hint) }
        if isAll {
            guard images.isEmpty else { throw exclude("--all", "image names", "name images, or say --all for all of the store") }
            guard previousImage == nil else { throw exclude("--all", "--previous-image", "name the image to write") }
            guard !publish else { throw exclude("--all", "--publish", "name the images to rebase at their registries") }
        } else if images.isEmpty {
            throw Fault("no image is named", hint: "name the images to rebase, or say --all for all of the store")
        }
        for case .file(let origin) in images {
            guard !publish else { throw exclude("--publish", "'\(origin)'", "leave --publish out: the image stays where it is") }
            guard previousImage == nil else { throw exclude("--previous-image", "'\(origin)'", "name an image to write") }
        }
        guard !isForecast || reportFolder == nil else {
            throw exclude("--dry-run", "--report-output-dir", "--output json says what a program wants to know")
        }
        for case .name(let reference) in images where reference.digest != nil {
            throw Fault("'\(reference)' is not a tag reference", hint: "name the image without '@sha256:…': its tag gets the new image")
        }
    }
}

/// Where an app image is, and where the rebased one takes its place.
package enum RebasePlace: Hashable, Sendable {
    /// Of the store, or else of the daemon; or of a registry.
    case name(Reference)
    /// A layout, an archive, or a daemon whatever the store has.
    case file(ImageOrigin)

    /// The name of an image, or `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE`, `docker:REF`.
    package init(parsing text: String, relativeTo folder: String) throws {
        let kinds = ["oci", "oci-archive", "docker-archive", "docker", "docker-daemon"]
        let isOrigin = text.firstIndex(of: ":").map { kinds.contains(String(text[..<$0])) } ?? false
        self = isOrigin ? .file(try ImageOrigin(parsing: text, relativeTo: folder)) : .name(try Reference(parsing: text))
    }
}

extension RebasePlace: CustomStringConvertible {
    /// For messages.
    package var description: String {
        switch self {
        case .name(let reference): reference.familiarTagged
        case .file(let origin): "\(origin)"
        }
    }
}
