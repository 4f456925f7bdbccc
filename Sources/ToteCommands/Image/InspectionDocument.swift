import Archive
import CNBPlatform
import CNBSpec
import OCIImage

/// An inspection for programs: pack's schema (L.4), and under `remote_image` and `local_image` what any image has.
struct InspectionDocument {
    let json: JSONValue

    init(_ inspection: Inspection<ImageInspection>) {
        func info(_ image: ImageInspection?) -> JSONValue { image.flatMap(Self.info) ?? .null }
        func description(_ image: ImageInspection?) -> JSONValue { image.map(Self.image) ?? .null }
        json = .object([
            "image_name": .string(inspection.reference.familiarTagged),
            "remote_info": info(inspection.remote),
            "local_info": info(inspection.local),
            "remote_image": description(inspection.remote),
            "local_image": description(inspection.local),
        ])
    }

    /// L-50, L-51. Nil for an image that no buildpack built.
    private static func info(_ image: ImageInspection) -> JSONValue? {
        guard let app = image.app else { return nil }
        let run = app.metadata.runImage
        return .object([
            "stack": .string(app.stack),
            "base_image": .object(["top_layer": .string(run.topLayer), "reference": .string(run.reference)]),
            "run_images": .array(run.image.candidates.filter { !$0.isEmpty }.map { .object(["name": .string($0)]) }),
            "buildpacks": .array(app.buildpacks.map { module($0.id, $0.version, $0.homepage) }),
            "extensions": .null,
            "processes": .array(app.processes.map { Self.process($0, isDefault: $0.type == app.defaultProcess) }),
            "rebasable": .boolean(app.rebasable),
        ])
    }

    private static func process(_ process: AppInspection.Process, isDefault: Bool) -> JSONValue {
        .object([
            "type": .string(process.type),
            "shell": .string(process.direct ? "" : "bash"),
            "command": .string(process.command.joined(separator: " ")),
            "default": .boolean(isDefault),
            "args": .array((process.args ?? []).map(JSONValue.string)),
            "working-dir": .string(process.workingDirectory ?? ""),
        ])
    }

    static func module(_ id: String, _ version: String, _ homepage: String?) -> JSONValue {
        var fields: [String: JSONValue] = ["id": .string(id), "version": .string(version)]
        fields["homepage"] = homepage.map(JSONValue.string)
        return .object(fields)
    }

    private static func image(_ image: ImageInspection) -> JSONValue {
        var fields: [String: JSONValue] = [
            "location": .string("\(image.place)"), "digest": .string("\(image.digest)"), "size": .integer(image.size),
            "platform": .string("\(image.config.platform)"),
            "layers": .array(image.layers.map(Self.layer)),
        ]
        fields["created"] = image.config.created.map(JSONValue.string)
        return .object(fields)
    }

    private static func layer(_ layer: ImageInspection.Layer) -> JSONValue {
        var fields: [String: JSONValue] = [
            "diff_id": .string("\(layer.diffID)"), "created_by": .string(layer.createdBy), "run_image": .boolean(layer.isBase),
        ]
        fields["digest"] = layer.blob.map { .string("\($0.digest)") }
        fields["size"] = layer.blob.map { .integer($0.size) }
        return .object(fields)
    }
}
