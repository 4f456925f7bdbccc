/// The smallest app: one layer and one process.
enum Hello {
    static let text = "Hello from a buildpack of five lines"
    static let script = """
        mkdir -p "$CNB_LAYERS_DIR/greeting"
        echo "\(text)" > "$CNB_LAYERS_DIR/greeting/hello.txt"
        printf '[types]\\nlaunch = true\\n' > "$CNB_LAYERS_DIR/greeting.toml"
        printf '[[processes]]\\ntype = "hello"\\ncommand = ["cat", "%s"]\\ndefault = true\\n' "$CNB_LAYERS_DIR/greeting/hello.txt" > "$CNB_LAYERS_DIR/launch.toml"
        echo "The greeting is ready"
        """
}
