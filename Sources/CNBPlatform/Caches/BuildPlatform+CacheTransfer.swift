import Archive
import CNBLifecycle
import Diagnostics
import OCIImage
import OCIRegistry

// Caches between tote's folder and the places that a build names.
extension BuildPlatform {
    /// What a build may restore: the first usable cache of the places that it names, else its own.
    func cache(for build: PreparedBuild) async throws -> CachedBuild {
        var cached = build.cached
        cached.cache.noteUse()
        let request = build.inputs.request
        guard !request.clearCache else { return cached }
        for source in request.cache.sources {
            let reading = CacheImport(
                store: store, platform: library.platform, limit: unpackingLimit, registry: { try registry }, own: cached.loaded,
                events: events)
            if let record = try await withScratch({ try await reading.record(from: source, scratch: $0) }) {
                cached.use(record)
                break
            }
        }
        return cached
    }

    /// Writes the cache to every place that the request names. What goes wrong is a warning (D-85); the next place is tried all the same.
    func exportCache(_ record: CacheRecord, _ inputs: BuildInputs) async throws {
        let request = inputs.request
        var seen: [CacheLocation] = []
        for destination in request.cache.destinations where !seen.contains(destination) {
            seen.append(destination)
            warnIfPartOfApp(destination, inputs)
            events(.note("Saving the build cache to \(destination)"))
            do {
                let image = try record.image(in: store, platform: library.platform)
                switch destination {
                case .registry(let reference):
                    let sources = request.publish ? [request.image] : []
                    _ = try await registry.push(image, to: reference, store: store, mountFrom: sources)
                case .folder(let folder):
                    try await image.write(toOwnLayout: folder, tag: CacheLocation.tag) { events(destination.waiting) }
                case .layout(let folder, let tag): try await image.write(toLayout: folder, tag: tag, isVerifying: true)
                case .tar(let file):
                    guard !image.isWhole(inOCIArchive: file, tag: CacheLocation.tag) else { continue }
                    try await image.write(toOCIArchive: file, tag: CacheLocation.tag)
                }
            } catch let error as CancellationError {
                throw error
            } catch {
                let reason = Fault("writing \(destination)", cause: error)
                events(.warning(PhaseWarning("Failed to export cache: \(reason.message)", hint: reason.hint)))
            }
        }
    }

    private func warnIfPartOfApp(_ location: CacheLocation, _ inputs: BuildInputs) {
        guard case .folder(let app) = inputs.app, let below = location.components(below: app) else { return }
        var name = RawPath("")
        for component in below {
            name = name.appending(component)
            if !(inputs.descriptor?.filter ?? .everything).keeps(name.bytes) { return }
        }
        events(
            .warning(
                PhaseWarning(
                    "the build cache at \(location) lies in the app's folder and becomes a part of the next image",
                    hint: "name a place outside of it, or exclude '/\(name)' in project.toml")))
    }
}
