package import CNBSpec
package import Diagnostics
package import OCIImage

/// A builder image as a value: what its labels and its config say (H-27, H-31).
@dynamicMemberLookup
package struct BuilderImage: Sendable {
    package let image: Image
    /// What messages call it.
    package let name: String
    package let documents: BuilderDocuments
    package let identity: BuildIdentity

    package init(_ image: Image, name: String) throws(Fault) {
        documents = try BuilderDocuments(labels: image.config.settings.labels, name: name)
        try documents.metadata.requireUsable(builder: name)
        identity = try BuildIdentity(image, name: name)
        self.image = image
        self.name = name
    }

    /// A build image that is no builder: nothing is on it, and apps run on `runImage`.
    package init(buildImage image: Image, name: String, runImage: RunImage) throws(Fault) {
        documents = BuilderDocuments(runImage: runImage, stackID: image.config.settings.labels[LabelName.stackID] ?? "")
        identity = try BuildIdentity(image, name: name)
        self.image = image
        self.name = name
    }

    package subscript<Value>(dynamicMember document: KeyPath<BuilderDocuments, Value>) -> Value { documents[keyPath: document] }

    /// The run image for apps, with its mirrors.
    package var runImage: RunImage {
        // `requireUsable` has made sure that there is one.
        documents.metadata.defaultRunImage ?? RunImage(image: "")
    }

    /// The Platform API to build by: the highest that both know (H-32).
    package func platformAPI(ours: [APIVersion] = SupportedAPIs.platform) throws(Fault) -> APIVersion {
        let known = documents.metadata.apis.platform.versions
        if let api = SupportedAPIs.highestPlatformAPI(builder: known, ours: ours) { return api }
        throw Fault(
            "Builder '\(name)' is incompatible with this version of tote: it supports Platform API \(known.map(\.description).joined(separator: ", "))",
            hint: "tote supports \(ours.map(\.description).joined(separator: ", ")): use a newer builder")
    }
}
