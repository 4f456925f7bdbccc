import ArgumentParser
import CNBLifecycle
import CNBPlatform
import Diagnostics
import OCIImage

/// Which build cache a build uses and where it leaves it.
struct CacheOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The build cache, as pack says it: type=build;format=volume|bind|image;name=NAME, with source=DIR for bind. Repeatable.",
            valueName: "cache"))
    var cache: [String] = []

    @Option(help: ArgumentHelp("A build cache in a registry: read before the build, written after it.", valueName: "image"))
    var cacheImage: String?

    @Option(
        help: ArgumentHelp(
            "Where a build cache may be: type=registry,ref=REF, type=local,src=DIR, type=tar,src=FILE or type=oci,src=DIR[,tag=TAG]. The first that can be used counts, else the app's own. Repeatable.",
            valueName: "source"))
    var cacheFrom: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where to leave the build cache as well: type=registry,ref=REF, type=local,dest=DIR, type=tar,dest=FILE or type=oci,dest=DIR[,tag=TAG]. Repeatable.",
            valueName: "dest"))
    var cacheTo: [String] = []

    func choice(_ context: CommandContext) throws -> CacheChoice {
        var choice = CacheChoice()
        for text in cache {
            try choice.add(pack: text, relativeTo: context.workingDirectory).forEach { context.console.show(.warning(PhaseWarning($0))) }
        }
        if let cacheImage {
            // L-20
            guard !choice.destinations.contains(where: { if case .registry = $0 { true } else { false } }) else {
                throw Fault("'--cache-image' and a '--cache' of format 'image' exclude each other", hint: "name the cache once")
            }
            choice.use(.registry(try BuildInputOptions.imageName(cacheImage, option: "--cache-image")))
        }
        choice.sources += try cacheFrom.map {
            try CacheLocation(parsing: $0, for: .reading, relativeTo: context.workingDirectory)
        }
        choice.destinations += try cacheTo.map {
            try CacheLocation(parsing: $0, for: .writing, relativeTo: context.workingDirectory)
        }
        return choice
    }
}
