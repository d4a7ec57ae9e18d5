/// The dashboard's pages, scripts and styles: files of this folder, in the binary, so that no version of them meets another
/// of the program, and nothing has to be found.
public enum DashboardPages {
    /// One of them.
    ///
    /// - Parameter name: the file's, without a folder.
    /// - Returns: its bytes and their media type; nil for an unknown name.
    public static func file(_ name: String) -> (bytes: [UInt8], type: String)? {
        guard let bytes = files[name], let suffix = name.split(separator: ".").last else { return nil }
        return (bytes, types[String(suffix)] ?? "application/octet-stream")
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    ]

    private static let files: [String: [UInt8]] = [
        "live.html": PackageResources.live_html, "live.js": PackageResources.live_js,
        "part.html": PackageResources.part_html, "part.js": PackageResources.part_js,
        "history.html": PackageResources.history_html, "history.js": PackageResources.history_js,
        "models.html": PackageResources.models_html, "models.js": PackageResources.models_js,
        "model.html": PackageResources.model_html, "model.js": PackageResources.model_js,
        "login.html": PackageResources.login_html, "login.js": PackageResources.login_js,
        "common.js": PackageResources.common_js, "cloud.js": PackageResources.cloud_js,
        "charts.js": PackageResources.charts_js, "normals.js": PackageResources.normals_js,
        "viewer.js": PackageResources.viewer_js,
        "style.css": PackageResources.style_css, "icon.svg": PackageResources.icon_svg,
    ]
}
