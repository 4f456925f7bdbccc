import CNBSpec
import Diagnostics
import OCIImage

/// Where a module is when it is not on the builder.
enum ModulePlace: Hashable, Sendable {
    /// A folder or archive, absolute.
    case path(String)
    /// An archive on a web server.
    case url(String)
    /// A package image.
    case image(Reference)
    /// An entry of the registry index.
    case registry(id: String, version: String?)
}
