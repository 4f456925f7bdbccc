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

    /// What a build does with it.
    package enum Use: Sendable {
        case reading, writing

        var option: String { self == .reading ? "--cache-from" : "--cache-to" }
        /// What says where files are.
        var key: String { self == .reading ? "src" : "dest" }
        var other: Use { self == .reading ? .writing : .reading }

        var forms: String {
            "use type=registry,ref=REF, type=local,\(key)=DIR, type=tar,\(key)=FILE or type=oci,\(key)=DIR[,tag=TAG]"
        }
    }

    /// Of a layout that does not say another.
    static let tag = "cache"

    /// `type=registry,ref=REF`, `type=local,dest=DIR`, `type=tar,dest=FILE` or `type=oci,dest=DIR[,tag=TAG]`, with `src` for `dest` where it is
    /// read; or, as for images, `registry:REF`, `local:DIR`, `tar:FILE` or `oci:DIR[:TAG]`.
    package init(parsing text: String, for use: Use, relativeTo folder: String) throws(Fault) {
        let fields = try text.hasPrefix("type=") ? Self.fields(text, use) : Self.shortFields(text, use)
        func path() throws(Fault) -> String {
            if fields[use.other.key] != nil {
                throw Fault(
                    "\(use.option): '\(use.other.key)' of '\(text)' goes with \(use.other.option)",
                    hint: "write '\(use.key)=' here: " + use.forms)
            }
            let path = fields[use.key] ?? ""
            guard !path.isEmpty else { throw Self.malformed(text, use) }
            return path.hasPrefix("/") ? path : folder + "/" + path
        }
        let known: Set<String>
        switch fields["type"] {
        case "registry":
            known = ["ref"]
            guard let name = fields["ref"], !name.isEmpty else { throw Self.malformed(text, use) }
            self = .registry(try Self.reference(name, use.option))
        case "local":
            known = [use.key]
            self = .folder(try path())
        case "tar":
            known = [use.key]
            self = .tar(file: try path())
        case "oci":
            known = [use.key, "tag"]
            self = .layout(directory: try path(), tag: fields["tag"] ?? Self.tag)
            guard fields["tag"] != "" else { throw Self.malformed(text, use) }
        default: throw Self.malformed(text, use)
        }
        if let stranger = fields.keys.filter({ $0 != "type" && !known.contains($0) }).min() {
            throw Fault("\(use.option): '\(stranger)' means nothing in '\(text)'", hint: use.forms)
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

    private static func fields(_ text: String, _ use: Use) throws(Fault) -> [String: String] {
        var fields: [String: String] = [:]
        for field in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let equals = field.firstIndex(of: "=") else { throw malformed(text, use) }
            let old = fields.updateValue(String(field[field.index(after: equals)...]), forKey: String(field[..<equals]))
            guard old == nil else { throw malformed(text, use) }
        }
        return fields
    }

    private static func shortFields(_ text: String, _ use: Use) throws(Fault) -> [String: String] {
        guard let colon = text.firstIndex(of: ":") else { throw malformed(text, use) }
        let kind = String(text[..<colon]), place = String(text[text.index(after: colon)...])
        guard kind != "registry" else { return ["type": kind, "ref": place] }
        // A tag holds no slash, so a colon in a folder's name is told from a tag's.
        guard kind == "oci", let last = place.lastIndex(of: ":"), !place[last...].contains("/") else {
            return ["type": kind, use.key: place]
        }
        return ["type": kind, use.key: String(place[..<last]), "tag": String(place[place.index(after: last)...])]
    }

    private static func malformed(_ text: String, _ use: Use) -> Fault {
        Fault("\(use.option): '\(text)' names no place for a cache", hint: use.forms)
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
