namespace GpuStack.Kubernetes.Yaml;

/// <summary>A text is not YAML that can be taken as JSON; the message is one sentence with the file and the line.</summary>
public sealed class YamlFormatException(string message, Exception? innerException = null) : Exception(message, innerException);
