import CNBLifecycle
package import CNBSpec
import Diagnostics

/// What a build would be made of, up to the decision: nothing has been built.
package struct DetectionReport: Sendable {
    /// A layer that the last build left, and what would come back of it.
    package struct RestoredLayer: Equatable, Sendable {
        package var buildpack: BuildpackID
        package var name: String
        package var decision: LayerRestoration
    }

    package var detected: Detected
    package var builder: String
    /// With its digest (D-68).
    package var runImage: String
    package var restored: [RestoredLayer]
}

extension BuildPlatform {
    /// Does what a build does until it is known which buildpacks run, and nothing more. Errors are those of a build.
    package func detect(_ request: BuildRequest) async throws -> DetectionReport {
        try await preparing(request) { build in
            let detected = try await detect(build)
            let cache = build.cached.loaded
            let isOther = [build.inputs.previous?.execEnv, cache.execEnv].contains { $0 != nil && $0 != build.phase.execEnv }
            let restored = request.clearCache || isOther ? [] : Self.restored(detected.group, build, cache)
            return DetectionReport(
                detected: detected, builder: build.inputs.builder.name, runImage: build.inputs.runImage.reference, restored: restored)
        }
    }

    private static func restored(_ group: Group, _ build: PreparedBuild, _ cache: CacheRecord) -> [DetectionReport.RestoredLayer] {
        group.buildpacks.flatMap { element in
            let decisions = LayerRestoration.decide(
                app: build.inputs.previous?.metadata.buildpack(element.id)?.layers ?? [:],
                cache: cache.metadata.buildpack(element.id)?.layers ?? [:], platformAPI: build.phase.platformAPI)
            return decisions.sorted { $0.key < $1.key }
                .map { DetectionReport.RestoredLayer(buildpack: element.id, name: $0.key, decision: $0.value) }
        }
    }
}
