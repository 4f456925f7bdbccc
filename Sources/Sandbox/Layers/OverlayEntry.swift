import Archive
import CLinux
import Glibc

/// What overlayfs notes about a directory of its upper side.
enum OverlayEntry {
    /// Whether the directory hides what lies below it, so that all of its contents are in the upper side.
    static func isOpaque(_ directory: Int32) -> Bool { has("opaque", directory) }

    /// Whether the directory stands for one of another name below.
    static func isRedirected(_ directory: Int32) -> Bool { has("redirect", directory) }

    // A directory that is not in a variable would be closed before its descriptor is looked at.
    static func isOpaque(_ directory: ConfinedDirectory) -> Bool { withExtendedLifetime(directory) { isOpaque(directory.descriptor) } }
    static func isRedirected(_ directory: ConfinedDirectory) -> Bool {
        withExtendedLifetime(directory) { isRedirected(directory.descriptor) }
    }

    private static func has(_ note: String, _ directory: Int32) -> Bool {
        let name = (OverlayAttributes.areUnprivileged ? "user.overlay." : "trusted.overlay.") + note
        return fgetxattr(directory, name, nil, 0) > 0
    }
}
