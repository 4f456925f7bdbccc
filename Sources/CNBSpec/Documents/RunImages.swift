package import Diagnostics
import TOML

/// A run image and the places that hold the same image.
package struct RunImage: Hashable, Sendable {
    package var image: String
    package var mirrors: [String]

    package init(image: String, mirrors: [String] = []) {
        self.image = image
        self.mirrors = mirrors
    }

    /// In the order in which they are tried.
    package var candidates: [String] { [image] + mirrors }
}

/// run.toml, or stack.toml for Platform APIs before 0.12 (F-18).
package struct RunImages: Hashable, Sendable {
    /// The first is the default; the others tell the mirrors of images chosen by name.
    package var images: [RunImage]

    package init(_ images: [RunImage] = []) {
        self.images = images
    }

    /// run.toml: `[[images]] image, mirrors`.
    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.read { reader in
            RunImages(
                try (reader.tables("images") ?? []).map { entry in
                    RunImage(image: try entry.requiredString("image"), mirrors: try entry.strings("mirrors") ?? [])
                })
        }
    }

    /// stack.toml: `[run-image] image, mirrors`.
    package init(readingStack source: DocumentSource) throws(Fault) {
        self = try source.read { reader in
            guard let entry = try reader.table("run-image") else { return RunImages() }
            return RunImages([RunImage(image: try entry.requiredString("image"), mirrors: try entry.strings("mirrors") ?? [])])
        }
    }

    package func serialized() -> String {
        guard !images.isEmpty else { return "" }
        return TOMLTable([("images", .array(images.map { .table($0.toml) }))]).serialized()
    }

    /// stack.toml of the default image.
    package func serializedStack() -> String {
        guard let first = images.first else { return "" }
        return TOMLTable([("run-image", .table(first.toml))]).serialized()
    }
}

extension RunImage {
    var toml: TOMLTable {
        var table = TOMLTable([("image", .string(image))])
        if !mirrors.isEmpty { table["mirrors"] = .array(mirrors.map(TOMLValue.string)) }
        return table
    }
}

extension RunImage: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(image: try fields.string("image") ?? "", mirrors: try fields.strings("mirrors"))
    }

    package var json: JSONValue {
        var object: [String: JSONValue] = [:]
        if !image.isEmpty { object["image"] = .string(image) }
        if !mirrors.isEmpty { object["mirrors"] = .array(mirrors.map(JSONValue.string)) }
        return .object(object)
    }
}
