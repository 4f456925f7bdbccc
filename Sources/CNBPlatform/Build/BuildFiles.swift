import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage

/// The files that a caller wants of a build besides the image: report.toml and the SBOMs.
struct BuildFiles {
    private let report: OutputFolder?
    private let sboms: OutputFolder?

    init(_ request: BuildRequest) {
        report = request.reportFolder.map { OutputFolder(path: $0, option: "--report-output-dir") }
        sboms = request.sbomFolder.map { OutputFolder(path: $0, option: "--sbom-output-dir") }
    }

    /// Refuses folders that cannot be written to, before anything is built.
    func check() throws(Fault) {
        try report?.check()
        try sboms?.check()
    }

    /// Called when the image has its names, so that the report never speaks of one that is not there (D-75).
    ///
    /// - Parameter layers: the layers folder in the room, where the SBOMs are below `sbom` (C-73).
    func write(_ result: BuildResult, room: any BuildpackRoom, layers: String, events: @escaping PhaseEvents) throws {
        do {
            if let sboms {
                let files = SBOMFiles(output: try sboms.open(), events: events)
                // As pack does it with a folder that is there.
                try files.copy(room.root, RawPath(layers + "/sbom"), to: "sbom")
            }
            try report?.open().write("report.toml", Array(result.report.serialized().utf8), mode: 0o644)
        } catch {
            throw Fault("the image '\(result.names[0].familiarTagged)' is built, but not all files of it were written", cause: error)
        }
    }
}

extension BuildResult {
    /// D-75. A daemon knows the image by its id, everybody else by its digest.
    var report: Report {
        Report(
            tags: names.map(\.familiarTagged), digest: digest.description, imageID: imageID?.description, manifestSize: manifestSize)
    }
}
