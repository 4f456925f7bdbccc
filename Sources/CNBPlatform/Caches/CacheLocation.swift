package import Diagnostics
package import OCIImage

/// A place outside of tote's folder that keeps the build cache of an app for other machines.
package enum CacheLocation: Equatable, Sendable {
    case registry(Reference)
    /// A folder for this cache alone: what the cache does not need any more is removed from it.
    case folder(String)
    case tar(file: String)
    /// A folder in OCI image layout, which may hold other images, and the tag of the cache in it.
    case layout(directory: String, tag: String)

    /// Of a layout that does not say another.
    static let tag = "cache"

    /// `type=registry,ref=REF`, `type=local,dest=DIR`, `type=tar,dest=FILE` or `type=oci,dest=DIR[,tag=TAG]`, with `src` for `dest` where it is
    /// read; or, as for images, `registry:REF`, `local:DIR`, `tar:FILE` or `oci:DIR[:TAG]`.
    ///
    /// - Parameter option: what messages call it.
    package init(parsing text: String, option: String, relativeTo folder: String) throws(Fault) {
        let fields = try text.hasPrefix("type=") ? Self.fields(text, option) : Self.shortFields(text, option)
        func path() throws(Fault) -> String {
            let path = fields["dest"] ?? fields["src"] ?? ""
            guard !path.isEmpty else { throw Self.malformed(text, option) }
            return path.hasPrefix("/") ? path : folder + "/" + path
        }
        let known: Set<String>
        switch fields["type"] {
        case "registry":
            known = ["ref"]
            guard let name = fields["ref"], !name.isEmpty else { throw Self.malformed(text, option) }
            self = .registry(try Self.reference(name, option))
        case "local":
            known = ["dest", "src"]
            self = .folder(try path())
        case "tar":
            known = ["dest", "src"]
            self = .tar(file: try path())
        case "oci":
            known = ["dest", "src", "tag"]
            self = .layout(directory: try path(), tag: fields["tag"] ?? Self.tag)
            guard fields["tag"] != "" else { throw Self.malformed(text, option) }
        default: throw Self.malformed(text, option)
        }
        if let stranger = fields.keys.filter({ $0 != "type" && !known.contains($0) }).min() {
            throw Fault("\(option): '\(stranger)' means nothing in '\(text)'", hint: Self.forms)
        }
    }

    /// A tag to write to and read from.
    static func reference(_ name: String, _ option: String) throws(Fault) -> Reference {
        do {
            let reference = try Reference(parsing: name)
            guard reference.digest == nil else {
                throw Fault("'\(name)' is not a tag reference", hint: "name the cache without '@sha256:…'")
            }
            return reference
        } catch {
            throw Fault(option, cause: error)
        }
    }

    private static func fields(_ text: String, _ option: String) throws(Fault) -> [String: String] {
        var fields: [String: String] = [:]
        for field in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let equals = field.firstIndex(of: "=") else { throw malformed(text, option) }
            let old = fields.updateValue(String(field[field.index(after: equals)...]), forKey: String(field[..<equals]))
            guard old == nil else { throw malformed(text, option) }
        }
        return fields
    }

    private static func shortFields(_ text: String, _ option: String) throws(Fault) -> [String: String] {
        guard let colon = text.firstIndex(of: ":") else { throw malformed(text, option) }
        let kind = String(text[..<colon]), place = String(text[text.index(after: colon)...])
        guard kind != "registry" else { return ["type": kind, "ref": place] }
        // A tag holds no slash, so a colon in a folder's name is told from a tag's.
        guard kind == "oci", let last = place.lastIndex(of: ":"), !place[last...].contains("/") else {
            return ["type": kind, "dest": place]
        }
        return ["type": kind, "dest": String(place[..<last]), "tag": String(place[place.index(after: last)...])]
    }

    private static let forms = "use type=registry,ref=REF, type=local,dest=DIR, type=tar,dest=FILE or type=oci,dest=DIR[,tag=TAG]"

    private static func malformed(_ text: String, _ option: String) -> Fault {
        Fault("\(option): '\(text)' names no place for a cache", hint: forms)
    }
}

extension CacheLocation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .registry(let reference): "registry:\(reference.familiarTagged)"
        case .folder(let folder): "local:\(folder)"
        case .tar(let file): "tar:\(file)"
        case .layout(let directory, let tag): "oci:\(directory):\(tag)"
        }
    }
}
