import Archive
import CNBPlatform
import CNBSpec
import OCIImage

/// An inspection for scripts: pack's schema (L.4) with the image's digest and layers added.
struct InspectionDocument: Encodable {
    struct Info: Encodable {
        var stack: String
        var base_image: BaseImage
        var run_images: [Named]
        var buildpacks: [Buildpack]
        var processes: [Process]
        var rebasable: Bool
    }
    struct BaseImage: Encodable {
        var top_layer: String
        var reference: String
    }
    struct Named: Encodable { var name: String }
    struct Buildpack: Encodable {
        var id: String
        var version: String
        var homepage: String?
    }
    struct Process: Encodable {
        var type: String
        var shell: String
        var command: String
        var `default`: Bool
        var args: [String]
        var working_dir: String

        enum CodingKeys: String, CodingKey {
            case type, shell, command, `default`, args
            case working_dir = "working-dir"
        }
    }
    struct Layer: Encodable {
        var diff_id: String
        var digest: String
        var size: Int64
        var created_by: String
    }

    var image_name: String
    var digest: String
    var size: Int64
    var layers: [Layer]
    var local_info: Info?

    init(_ inspection: ImageInspection) {
        image_name = inspection.reference.familiarTagged
        digest = inspection.image.digest.description
        size = inspection.image.manifest.totalSize
        layers = inspection.layers.map { layer in
            let descriptor = layer.layer.descriptor
            return Layer(
                diff_id: layer.layer.diffID.description, digest: descriptor.digest.description, size: descriptor.size,
                created_by: layer.createdBy)
        }
        local_info = inspection.app.map { app in
            let run = app.metadata.runImage
            return Info(
                stack: app.stack, base_image: BaseImage(top_layer: run.topLayer, reference: run.reference),
                run_images: run.image.candidates.filter { !$0.isEmpty }.map(Named.init),
                buildpacks: app.buildpacks.map { Buildpack(id: $0.id, version: $0.version, homepage: $0.homepage) },
                processes: app.processes.map { process in
                    Process(
                        type: process.type, shell: process.direct ? "" : "bash", command: process.command.joined(separator: " "),
                        default: process.type == app.defaultProcess, args: process.args ?? [], working_dir: process.workingDirectory ?? "")
                },
                rebasable: app.rebasable)
        }
    }
}
