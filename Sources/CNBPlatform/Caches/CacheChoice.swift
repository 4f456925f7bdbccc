package import Diagnostics
package import OCIImage

/// Which build cache a build uses, besides its own, and where it leaves it.
package struct CacheChoice: Equatable, Sendable {
    /// The image whose cache of tote's folder it is; nil means the one that is built.
    package var owner: Reference?
    /// The first that can be used counts; when none can, the one of tote's folder.
    package var sources: [CacheLocation] = []
    package var destinations: [CacheLocation] = []

    package init() {}

    /// Adds what pack's `--cache` says: `type=build|launch;format=volume|bind|image;name=…` or `source=…`, in any order (L-20). Warnings
    /// are for those who ask for what has no effect here.
    package mutating func add(pack text: String, relativeTo folder: String) throws(Fault) -> [String] {
        var fields: [String: String] = [:]
        for field in text.split(separator: ";", omittingEmptySubsequences: false) {
            guard let equals = field.firstIndex(of: "=") else {
                throw Fault("--cache: invalid field '\(field)' must be a key=value pair", hint: Self.form)
            }
            fields[field[..<equals].lowercased()] = String(field[field.index(after: equals)...])
        }
        if let stranger = fields.keys.filter({ !["type", "format", "name", "source"].contains($0) }).min() {
            throw Fault("--cache: '\(stranger)' means nothing", hint: Self.form)
        }
        let type = fields["type"]?.lowercased() ?? "build", format = fields["format"]?.lowercased() ?? "volume"
        guard ["build", "launch"].contains(type) else { throw Fault("--cache: invalid cache type '\(type)'", hint: Self.form) }
        let place = fields["source"] ?? fields["name"] ?? ""
        switch format {
        case "volume": break
        case "bind" where place.isEmpty: throw Fault("--cache: cache 'source' is required", hint: Self.form)
        case "image" where place.isEmpty: throw Fault("--cache: cache 'name' is required", hint: Self.form)
        case "bind", "image": break
        default: throw Fault("--cache: invalid cache format '\(format)'", hint: Self.form)
        }
        guard type == "build" else {
            return ["--cache: launch caches have no effect: tote's store keeps the layers of images"]
        }
        switch format {
        case "bind": use(.folder((place.hasPrefix("/") ? place : folder + "/" + place) + "/build-cache"))
        case "image": use(.registry(try CacheLocation.reference(place, "--cache")))
        default: if !place.isEmpty { owner = try Self.owner(place) }
        }
        return []
    }

    /// The image whose cache a volume is. Docker's names of volumes, `[a-zA-Z0-9][a-zA-Z0-9_.-]*`, are not all names of images; those that
    /// are not become tags of `cache-volume`, so that no two volumes have one cache. An app of that name has the same cache: `shared` that
    /// of the volume `shared`, `cache-volume:My_Cache` that of `My_Cache`.
    private static func owner(_ name: String) throws(Fault) -> Reference {
        do { return try CacheLocation.reference(name, "--cache") } catch {
            guard let first = name.utf8.first, first != UInt8(ascii: "_"), !name.contains(where: { ":/@".contains($0) }),
                let tagged = try? Reference(parsing: "cache-volume:\(name)")
            else {
                let hint = "a volume's name has letters, digits, '_', '.' and '-', and begins with a letter or a digit"
                throw Fault(error.message, hint: error.hint ?? hint)
            }
            return tagged
        }
    }

    /// A place to read from and to write to.
    package mutating func use(_ location: CacheLocation) {
        sources.append(location)
        destinations.append(location)
    }

    private static let form = "use type=build;format=volume|bind|image;name=NAME, with 'source=DIR' for bind"
}
